optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=4, eta_min=0.2, begin=0, end=4),
    dict(type='CosineAnnealingLR', T_max=8, eta_min_ratio=1e-4, begin=4, end=12),
]
