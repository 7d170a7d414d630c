optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='exp', gamma=0.9, warmup='exp', warmup_iters=15, warmup_ratio=0.01)
runner = dict(type='EpochBasedRunner', max_epochs=10)
