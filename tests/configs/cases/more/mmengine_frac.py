optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, begin=0, end=2.5, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=2.5, end=12, T_max=10, eta_min=1e-4, convert_to_iter_based=True),
]
