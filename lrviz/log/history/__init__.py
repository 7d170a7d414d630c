"""Runs with a history: several starts, or something that changes in the middle, each stretch with its own cause."""
