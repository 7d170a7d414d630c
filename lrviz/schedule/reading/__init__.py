"""A document -> its schedules, key by key, with all problems at once."""
