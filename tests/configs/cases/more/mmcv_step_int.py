optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='step', step=3, gamma=0.5, min_lr=1e-3)
runner = dict(type='EpochBasedRunner', max_epochs=10)
