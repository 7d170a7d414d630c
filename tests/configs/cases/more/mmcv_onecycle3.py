optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='OneCycle', max_lr=0.05, three_phase=True, anneal_strategy='linear', total_steps=300)
runner = dict(type='IterBasedRunner', max_iters=250)
