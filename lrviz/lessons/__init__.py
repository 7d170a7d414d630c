"""`lrviz train`: small real trainings under the schedules of a file, and what came out.

`problems/` has what is trained, one module a problem; `train.py` is the loop; `results.py` holds what it saw.
"""
