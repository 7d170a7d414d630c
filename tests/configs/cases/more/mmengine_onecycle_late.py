optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(type='IterBasedTrainLoop', max_iters=300)
param_scheduler = [
    dict(type='OneCycleLR', eta_max=0.05, by_epoch=False, begin=50, end=250, pct_start=0.2),
]
