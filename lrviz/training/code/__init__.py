"""`lrviz code`: schedules -> the text of Python that builds the same schedulers with torch.

`written` decides what the text holds. `schedulers`, `phases`, `optimizers` and `functions` write its parts, for which
`equal` proves where SequentialLR says the same as phases. `texts` makes foreign text harmless in code, and `layout`
breaks lines as `ruff format` does. Nothing here imports torch: what is claimed of the code is simulated by the engine.
"""
