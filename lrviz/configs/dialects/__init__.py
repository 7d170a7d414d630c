"""One file a dialect. They do not import one another; what several need is in `configs/helpers/`."""
