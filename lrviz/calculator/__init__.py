"""The calculator: questions that people ask of curves, and exact answers. Prints nothing."""
