"""Configs of other programs -> schedules in our words. Nothing in a config runs, and no program is imported.

A config is recognized (`recognize`), its text is parsed with positions (`text/`), as its program reads scalars, and its
dialect (`dialects/`, listed in `registry`) turns it into a document of ours, in which each value keeps its place in the
user's file. Where releases of a program differ, `releases` reads it as each of them.
"""
