optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='FlatCosineAnnealing', min_lr=0, start_percent=0.5)
runner = dict(type='EpochBasedRunner', max_epochs=10)
