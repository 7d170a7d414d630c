optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='step', step=[100, 200])
runner = dict(type='IterBasedRunner', max_iters=250)
