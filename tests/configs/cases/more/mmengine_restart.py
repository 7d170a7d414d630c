optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(type='IterBasedTrainLoop', max_iters=300)
param_scheduler = [
    dict(type='CosineRestartLR', periods=[60, 90, 100], restart_weights=[1, 0.5, 0.2], eta_min=1e-5, by_epoch=False),
]
