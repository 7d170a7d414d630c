optimizer = dict(type='SGD', lr=0.02)
lr_config = dict(policy='cyclic', target_ratio=(5, 1e-3), cyclic_times=3, step_ratio_up=0.3, gamma=0.8, anneal_strategy='linear')
runner = dict(type='EpochBasedRunner', max_epochs=10)
