optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=25),
    dict(type='CosineAnnealingLR', begin=3, end=8, eta_min=1e-4),
    dict(type='MultiStepLR', begin=2, end=12, milestones=[7, 9], gamma=0.3),
]
