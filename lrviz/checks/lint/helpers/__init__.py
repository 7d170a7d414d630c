"""Shared by the rules: the subject they look at, and facts about torch's schedulers and curves."""
