"""A document -> the schedules that it holds, key by key, with every problem at once."""
