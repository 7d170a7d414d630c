optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='LinearLR', begin=0, end=3),
    dict(type='PolyLR', power=0.9, eta_min=1e-3, begin=3, end=10),
]
