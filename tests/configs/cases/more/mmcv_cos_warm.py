optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='CosineAnnealing', min_lr_ratio=1e-2, warmup='linear', warmup_iters=2, warmup_by_epoch=True, warmup_ratio=0.001)
runner = dict(type='EpochBasedRunner', max_epochs=10)
