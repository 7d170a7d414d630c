optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9), paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1), 'norm': dict(decay_mult=0.0)}))
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, begin=0, end=3),
    dict(type='CosineAnnealingLR', begin=3, eta_min=1e-4),
]
