"""The shape of a curve: its phases, milestones, restarts and cycles.

`phases`: names them. `segments`: the rises, falls, level segments and jumps that they are recognized by. `bounds`: the
phases that the schedule file itself defines.
"""
