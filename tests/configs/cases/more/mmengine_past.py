optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=5, eta_min=1e-3),
]
