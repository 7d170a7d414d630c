"""The calculator: answers questions about curves, exactly. Prints nothing.

`at`: the learning rate at a place. `condition`: when a condition holds. `stats`: the numbers of a curve. `difference`:
two curves compared. `solve`: the value of an argument that meets a target; it alone needs the engine.
"""
