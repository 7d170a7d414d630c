"""The files that come with lrviz: published recipes, the template of `lrviz init`, and the starter file.

The starter is the schedule file that a command uses if it is given none and finds none.
"""
