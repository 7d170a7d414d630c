optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='LinearAnnealing', min_lr=1e-3)
runner = dict(type='EpochBasedRunner', max_epochs=10)
