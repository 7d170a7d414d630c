optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='poly', power=0.9, min_lr=1e-4, warmup='linear', warmup_iters=25, warmup_ratio=0.1)
runner = dict(type='EpochBasedRunner', max_epochs=10)
