"""A review in windows of several widths, and its picture."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from helpers.golden import Golden

from lrviz.ansi import Terminal, width_of
from lrviz.engine.side_by_side import simulate_all
from lrviz.loading import load_text
from lrviz.render.picture.ratio import draw
from lrviz.render.tables.review import write_text
from lrviz.review.causes import causes_of
from lrviz.review.compare import compared
from lrviz.review.repository import Base
from lrviz.review.result import Review, Reviewed

GOLDEN = Path(__file__).parent / "golden"
GROUPS = """\
steps: 12000
optimizer:
  type: AdamW
  groups:
    - {name: body, lr: 3e-4}
    - {name: head, lr: 1e-3}
scheduler:
  - {type: LinearLR, start_factor: 0.01, for: 10%}
  - {type: CosineAnnealingLR}
"""


def reviewed(old: str, new: str) -> Reviewed:
    (before,), (after,) = (load_text(text, "a.yaml") for text in (old, new))
    old_side, new_side = simulate_all([("a.yaml", before), ("a.yaml", after)])
    return compared("a.yaml", old_side, new_side, tuple(causes_of(before, after)), frozenset({"nothing-expected"}))


@pytest.fixture(scope="module")
def one() -> Reviewed:
    return reviewed(GROUPS, GROUPS.replace("lr: 1e-3", "lr: 3e-3").replace("10%", "20%"))


@pytest.mark.parametrize("columns", [40, 80])
def test_a_page_in_a_narrow_window_and_a_wide_one(one: Reviewed, columns: int, golden: Golden) -> None:
    text = io.StringIO()
    review = Review(Base("0123456789" * 4, "HEAD"), 3, 1, (one,))
    write_text(review, text, Terminal(width=columns))
    *lines, _, _ = text.getvalue().splitlines()
    assert max(map(width_of, lines)) <= columns
    golden.same_text(GOLDEN / f"columns-{columns}.txt", text.getvalue())


def test_a_picture_has_the_old_curve_grey_and_dashed_over_the_new_one(one: Reviewed) -> None:
    assert one.difference is not None
    above, below = draw(one.difference, ("old", "new"), "a.yaml").axes
    old, new = above.lines[:2], above.lines[2:4]
    assert {line.get_color() for line in old} == {"0.35"}
    assert all(line.is_dashed() for line in old)
    assert [line.get_color() for line in new] == [line.get_color() for line in below.lines[:2]]
    assert not any(line.is_dashed() for line in (*new, *below.lines))
    assert min(line.get_zorder() for line in old) > max(line.get_zorder() for line in new)
    assert above.get_title(loc="left") == "a.yaml"
    assert below.get_ylabel() == "new / old"


# --- causes ---------------------------------------------------------------------------------------------------------


def causes(old: str, new: str) -> list[tuple[str, object, object]]:
    (before,), (after,) = (load_text(text, "a.yaml") for text in (old, new))
    return [(each.key, repr(each.old), repr(each.new)) for each in causes_of(before, after)]


BASE = "epochs: 10\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: StepLR, step_size: 3}\n"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (BASE, BASE, []),
        (BASE, "# comment\n" + BASE.replace(": 10", ":  10 "), []),
        (BASE, BASE.replace("10", "10.0"), []),
        (BASE, BASE.replace("lr: 0.1", "lr: 1e-1"), []),
        (BASE, BASE.replace("lr: 0.1", "lr: 0.2"), [("optimizer.lr", "0.1", "0.2")]),
        (BASE, BASE + "title: '10'\n", [("title", "MISSING", "'10'")]),
        (BASE + "title: '1'\n", BASE, [("title", "'1'", "MISSING")]),
        (BASE, BASE + "expect: {at: {0: 0.1}, peak: 0}\n", [("expect", "MISSING", "{'at': {0: 0.1}, 'peak': 0}")]),
        (
            BASE + "expect: {at: {0: 0.1}}\n",
            BASE + "expect: {at: {0: 0.1, 3: 0.01}, peak: 0}\n",
            [("expect.at.3", "MISSING", "0.01"), ("expect.peak", "MISSING", "0")],
        ),
        (
            BASE,
            BASE.replace("{type: StepLR, step_size: 3}", "none"),
            [("scheduler", "{'type': 'StepLR', 'step_size': 3}", "'none'")],
        ),
        (
            BASE.replace("lr: 0.1", "groups: [{lr: 0.1}, {lr: 0.2}]"),
            BASE.replace("lr: 0.1", "groups: [{lr: 0.1}, {lr: 0.3}]"),
            [("optimizer.groups.[1].lr", "0.2", "0.3")],
        ),
        (
            BASE.replace("lr: 0.1", "groups: [{lr: 0.1}]"),
            BASE.replace("lr: 0.1", "groups: [{lr: 0.1}, {lr: 0.3}]"),
            [("optimizer.groups.[1]", "MISSING", "{'lr': 0.3}")],
        ),
        (
            BASE + "ignore: [nothing-expected]\n",
            BASE + "ignore: []\n",
            [("ignore", "['nothing-expected']", "[]")],
        ),
    ],
)
def test_causes_are_the_values_that_differ(old: str, new: str, found: list[tuple[str, object, object]]) -> None:
    assert causes(old, new) == found
    back = [(key, after, before) for key, before, after in found]
    assert sorted(causes(new, old)) == sorted(back)
