"""What a restart does: the ways in which people resume a training, run on real torch objects beside the plan.

A way is a few acts, each a line of code and what that line does (`acts`, `ways`). `restart` has the objects that the
acts work on, `resume` runs every way, and `departure` compares what follows with the plan.
"""
