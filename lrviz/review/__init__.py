"""What a change does: the schedules of the working tree beside those of a revision, read from git's objects."""
