optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))
train_cfg = dict(by_epoch=True, max_epochs=12)
param_scheduler = [
    dict(type='OneCycleLR', eta_max=0.05, by_epoch=True, convert_to_iter_based=True, three_phase=True, anneal_strategy='linear', total_steps=12),
]
