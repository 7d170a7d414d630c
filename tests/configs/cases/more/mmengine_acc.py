optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9), accumulative_counts=4)
train_cfg = dict(type='IterBasedTrainLoop', max_iters=298)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=20),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=20, end=298, eta_min=1e-4),
]
