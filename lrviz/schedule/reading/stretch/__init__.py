"""`--stretch FACTOR`: the whole plan at another length.

A schedule is read, its keys are changed, and what comes out is read again, so that every check of a file is made of the
longer plan too. `plan.py` changes the keys: what is a length, and what is a decay of each call, the catalogue says.
`functions.py` holds that expressions are the same curve at both lengths, which a rewrite of their text cannot promise.
"""
