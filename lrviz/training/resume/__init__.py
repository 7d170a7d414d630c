"""What a restart does: the ways in which people resume a training, run on real torch objects beside the plan.

A way is a few acts, each a line of code and what that line does (`acts`, `ways`). `restart` has the objects that the
acts work on, `follow` goes one way and records its curve, `departure` compares that with the plan, and `resume` goes
all of them (`results`).
"""
