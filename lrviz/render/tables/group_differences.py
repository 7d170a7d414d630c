"""The differences of a pair of schedules in several param groups: one table with a row for each."""

from __future__ import annotations

import io
from collections.abc import Sequence

from lrviz.alike import alike
from lrviz.ansi import Terminal
from lrviz.calculator.difference import Difference, GroupDifference, Pair
from lrviz.foreign import escaped
from lrviz.render.tables.columns import TextColumn, continued, write_caption, write_columns
from lrviz.words import BY_SIZE, digits_apart

GAP = 2


def words_of(pair: Pair) -> tuple[str, str, str]:
    """Both learning rates, in six digits or as many more as tell them apart, and their ratio B / A."""
    return _words_of(pair, 6)


def _short(pair: Pair) -> tuple[str, str, str]:
    """The same in few letters: a table of many groups has no room for more digits than tell two numbers apart."""
    return _words_of(pair, 4)


def _words_of(pair: Pair, digits: int) -> tuple[str, str, str]:
    """The same with at least so many digits."""
    if alike(pair.a, pair.b):
        return BY_SIZE(pair.a, digits), BY_SIZE(pair.b, digits), "1"
    ratio = "from 0" if pair.a == 0 else BY_SIZE(pair.ratio, digits_apart(pair.ratio, 1.0, digits))
    apart = digits_apart(pair.a, pair.b, digits)
    return BY_SIZE(pair.a, apart), BY_SIZE(pair.b, apart), ratio


def table_of(pair: Difference, groups: Sequence[GroupDifference], terminal: Terminal) -> list[str]:
    """The lines of the table. If it is wider than `terminal.width`, it is turned, or goes on below."""
    unit = pair.clock.run.interval
    largest = [("", "", "") if group.largest is None else _short(group.largest.lr) for group in groups]
    columns = [
        TextColumn([escaped(group.group or "") for group in groups], "group", left=True),
        TextColumn([f"{group.differing:,}" for group in groups], f"{unit}s\ndiffer"),
        TextColumn(["" if group.first is None else f"{group.first.tick:,}" for group in groups], f"first\n{unit}"),
        TextColumn([a for a, _, _ in largest], "A"),
        TextColumn([b for _, b, _ in largest], "B"),
        TextColumn([ratio for _, _, ratio in largest], "largest\nB / A"),
        TextColumn(["" if group.largest is None else f"{group.largest.tick:,}" for group in groups], f"at\n{unit}"),
        *(
            TextColumn(["" if each is None else _short(each)[2] for each in pairs], f"{name}\nB / A")
            for name, pairs in (
                ("end", [group.end for group in groups]),
                ("peak", [group.peak for group in groups]),
                ("area", [group.area for group in groups]),
            )
            if any(each is not None for each in pairs)
        ),
    ]
    text = io.StringIO()
    if write_columns(columns, text, terminal, gap=GAP, turn=True):
        write_caption(continued(False), text, terminal)
    return text.getvalue().splitlines()
