"""What several dialects need: the schedulers of a library, the lengths of a run. Dialects do not import one another."""
