optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='CosineRestart', periods=[4, 6], restart_weights=[1, 0.3], min_lr=1e-4)
runner = dict(type='EpochBasedRunner', max_epochs=10)
