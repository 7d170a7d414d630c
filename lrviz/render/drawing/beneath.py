"""The plan beneath a curve of a restarted training, which `lrviz resume` draws as small multiples."""

from __future__ import annotations

from dataclasses import replace

from lrviz.foreign import visible
from lrviz.render.curves import columns_of
from lrviz.render.drawing.panels import Beneath, Panel
from lrviz.render.outline import drawable
from lrviz.render.shown import Restarted
from lrviz.run import Clock


def with_plan(panel: Panel, restarted: Restarted, clock: Clock) -> Panel:
    """A panel with the plan of its curve beneath, and what is said of how it leaves it."""
    plan = restarted.plan
    values = tuple(drawable(column) / panel.scales[0] for column in columns_of([plan]))
    seam = float(plan.run.time(restarted.tick, clock))
    beneath = Beneath(values, seam, restarted.tick, restarted.leaves)
    name = "\n".join(map(visible, restarted.names))
    return replace(panel, name=name, beneath=beneath, words=(*panel.words, restarted.words))
