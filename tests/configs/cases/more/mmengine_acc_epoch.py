optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9), accumulative_counts=3)
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=20),
    dict(type='MultiStepLR', milestones=[4, 8]),
]
