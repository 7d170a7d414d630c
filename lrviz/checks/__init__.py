"""Curve x what is expected of it -> findings. Prints nothing, writes nothing, runs nothing."""
