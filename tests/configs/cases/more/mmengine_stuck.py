optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(type='IterBasedTrainLoop', max_iters=300)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1),
    dict(type='MultiStepLR', by_epoch=False, milestones=[100,200]),
]
