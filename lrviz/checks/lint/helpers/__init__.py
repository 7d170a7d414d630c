"""What several rules need: the subject they look at, and facts about torch's schedulers and curves. No rules."""
