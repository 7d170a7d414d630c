optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='inv', gamma=0.1, power=0.5, by_epoch=False)
runner = dict(type='IterBasedRunner', max_iters=250)
