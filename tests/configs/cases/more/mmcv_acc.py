optimizer = dict(type='SGD', lr=0.02)
optimizer_config = dict(type='GradientCumulativeOptimizerHook', cumulative_iters=4)
lr_config = dict(policy='CosineAnnealing', by_epoch=False, min_lr=1e-5, warmup='linear', warmup_iters=20)
runner = dict(type='IterBasedRunner', max_iters=250)
