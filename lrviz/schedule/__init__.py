"""A schedule file as data: its model, and how it is read. Nothing here knows torch."""
