"""Two curves against each other, held against a scan of what each optimizer step would use."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrviz.calculator.difference import Difference, Pair, Side, difference, pairing, side_of_curve, side_of_snapshot
from lrviz.checks import snapshot
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.run import Run
from lrviz.snapshot import parse


def side(*columns: list[float], per_epoch: int | None = None, step: bool = False, **changes: Any) -> Side:
    """A curve with these values, a list a group; of a run in steps where `step` says so."""
    ticks = len(columns[0])
    given: dict[str, Any] = {
        "name": "made",
        "groups": tuple(f"g{index}" for index in range(len(columns))),
        "run": Run(None, ticks, per_epoch, "step") if step else Run(ticks, None, per_epoch, "epoch"),
        "columns": tuple(memoryview(array("d", column)).toreadonly() for column in columns),
        "end_lr": tuple(0.0 for _ in columns),
    }
    return side_of_curve(Curve(**(given | changes)))


def only(found: Difference) -> Any:
    (group,) = found.groups
    return group


def stored(text: str) -> tuple[Side, Curve, bytes]:
    """The snapshot of a schedule as a side, the curve that was stored, and the bytes of the snapshot."""
    (schedule,) = load_text(text, "s.yaml")
    curve = simulate(schedule)
    data = snapshot.snapshot_of(schedule, curve, "2.13.0").encode()
    return side_of_snapshot(parse(data)), curve, data


# --- where and by how much -------------------------------------------------------------------------------------


def test_the_first_place_the_largest_ratio_and_the_count() -> None:
    found = difference(side([1.0, 1.0, 1.0, 1.0]), side([1.0, 1.1, 0.25, 2.0], end_lr=(0.5,)))
    group = only(found)
    assert not found.same
    assert (group.differing, group.first, group.largest) == (3, (1, (1.0, 1.1)), (2, (1.0, 0.25)))
    assert (group.end, group.end_differs) == (Pair(0.0, 0.5), True)
    assert (group.peak, group.area, found.area_unit) == ((1.0, 2.0), (4.0, 4.35), "epoch")
    assert [group.largest.lr.ratio, group.peak.ratio, group.end.ratio] == [0.25, 2.0, math.inf]
    assert found.ratios(None).tolist() == [1.0, 1.1, 0.25, 2.0]


def test_the_largest_ratio_is_the_first_of_those_that_only_rounding_tells_apart() -> None:
    largest = only(difference(side([0.1] * 3), side([0.2, 0.3, 0.3 + 1e-16]))).largest
    assert largest is not None
    assert largest.tick == 1
    zeros = only(difference(side([1.0, 1.0, 0.0]), side([2.0, 0.0, 1.0]))).largest
    assert zeros is not None
    assert zeros.tick == 1


def test_the_end_alone_is_a_difference() -> None:
    found = difference(side([1.0, 0.5]), side([1.0, 0.5], end_lr=(0.1,)))
    assert (found.same, only(found).differing, only(found).end_differs) == (False, 0, True)


@pytest.mark.parametrize(("factor", "tolerance", "same"), [
    (1 + 9e-13, 1e-12, True), (1 + 2e-12, 1e-12, False), (1.009, 0.01, True), (1.011, 0.01, False),
    (1 + 3e-16, 0.0, False), (1.0, 0.0, True), (1.9, 0.5, True), (2.1, 0.5, False),
])  # fmt: skip
def test_the_tolerance_is_a_fraction(factor: float, tolerance: float, same: bool) -> None:
    found = difference(side([0.1, 0.2]), side([0.1, 0.2 * factor]), tolerance)
    assert (found.same, found.identical) == (same, factor == 1.0)


def test_what_rounding_leaves_of_a_zero_is_nothing_unless_every_bit_counts() -> None:
    residue, zero = side([0.1, 1e-17]), side([0.1, 0.0])
    assert difference(residue, zero).same
    assert not difference(residue, zero, 0.0).same
    assert not difference(side([0.1, 1e-6]), zero, 0.5).same  # a wide tolerance makes nothing of no learning rate


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_itself_and_nothing_else(bad: float) -> None:
    assert difference(side([0.1, bad]), side([0.1, bad])).identical
    group = only(difference(side([0.1, 0.2, 0.3]), side([0.1, bad, 0.6])))
    assert (group.differing, group.first.tick, group.largest.tick) == (2, 1, 1)


# --- the clock -------------------------------------------------------------------------------------------------


def test_a_longer_run_is_a_difference_and_what_both_have_is_compared() -> None:
    found = difference(side([1.0, 0.5, 0.25]), side([1.0, 0.5], end_lr=(7.0,)))
    assert (found.same, found.lengths, found.ticks.tolist()) == (False, (3, 2), [0, 1])
    assert (only(found).same, only(found).end) == (True, None)
    assert np.isnan(found.ratios(None)).tolist() == [False, False, True]


@pytest.mark.parametrize("per_epoch", [(3, 3), (3, None), (None, 3)])
def test_a_run_by_epoch_and_one_by_step_are_compared_step_by_step(per_epoch: tuple[int | None, int | None]) -> None:
    by_epoch = side([1.0, 0.5], per_epoch=per_epoch[0])
    by_step = side([1.0, 1.0, 1.0, 0.5, 0.4, 0.5], per_epoch=per_epoch[1], step=True)
    found = difference(by_epoch, by_step)
    assert (found.clock.run.interval, found.lengths) == ("step", (6, 6))
    assert (only(found).differing, only(found).first) == (1, (4, (0.5, 0.4)))
    back = only(difference(by_step, by_epoch))
    assert (back.differing, back.first) == (1, (4, (0.4, 0.5)))


def test_an_epoch_that_is_cut_short_is_as_long_as_its_steps() -> None:
    """250 steps of 100 an epoch."""
    by_epoch = side([1.0, 0.5, 0.25], run=Run(None, 250, 100, "epoch"))
    by_step = side([1.0] * 100 + [0.5] * 100 + [0.25] * 50, per_epoch=100, step=True)
    found = difference(by_epoch, by_step)
    assert (found.same, found.lengths, only(found).area) == (True, (250, 250), (1.625, 1.625))
    unknown = replace(by_epoch, curve=replace(by_epoch.curve, run=Run(3, None, None, "epoch")))
    assert difference(unknown, by_step).same


def test_runs_without_a_common_clock_cannot_be_compared() -> None:
    with pytest.raises(ScheduleError, match="neither knows how many steps an epoch has") as raised:
        difference(side([1.0, 0.5]), side([1.0, 0.5], step=True))
    assert "steps_per_epoch" in raised.value.problems[0].hint


# --- groups and names ------------------------------------------------------------------------------------------


def test_groups_are_compared_by_name() -> None:
    a = side([1.0, 0.5], [2.0, 1.0], groups=("body", "head"))
    b = side([2.0, 1.5], [1.0, 0.5], [3.0, 3.0], groups=("head", "body", "new"))
    found = difference(a, b)
    assert [(each.group, each.same) for each in found.groups] == [("body", True), ("head", False)]
    assert (found.only_a, found.only_b, found.same) == ((), ("new",), False)
    assert found.groups[1].area == Pair(3.0, 3.5)


def test_a_group_that_stands_for_all_is_compared_with_each() -> None:
    one, two = side([1.0, 0.5]), side([1.0, 0.5], [1.0, 0.4])
    assert [(each.group, each.same) for each in difference(one, two).groups] == [("g0", True), ("g1", False)]
    assert difference(side([1.0], [1.0], groups=("a", "b")), side([1.0])).same


def test_sides_are_paired_by_name_and_two_alone_whatever_they_are_called() -> None:
    x, y, z = (side([1.0], name=name) for name in "xyz")
    assert pairing([x], [y]) == ([(x, y)], [], [])
    assert pairing([x, y], [z, y]) == ([(y, y)], ["x"], ["z"])
    assert pairing([x], [y, z]) == ([], ["x"], ["y", "z"])


# --- snapshots -------------------------------------------------------------------------------------------------

SHORT = "epochs: 12\nsteps_per_epoch: 7\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 5}\n"
LONG = "steps: 50000\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
GROUPS = SHORT.replace("lr: 0.1", "groups: [{name: a, lr: 0.1}, {name: b/c, lr: 1}]")


@pytest.mark.parametrize("text", [SHORT, LONG, GROUPS, SHORT.replace("lr: 0.1", "groups: [{lr: 1}, {lr: 1}]")])
@pytest.mark.parametrize("interval", ["epoch", "step"])
def test_a_snapshot_is_the_curve_that_was_stored(text: str, interval: str) -> None:
    if text != LONG:
        text += f"interval: {interval}\n"
    read, curve, _ = stored(text)
    assert read.name == "s"
    found = difference(read, side_of_curve(curve))
    assert found.same
    assert found.identical
    assert (read.curve.run.total_epochs, read.curve.run.total_steps) == (curve.run.total_epochs, curve.run.total_steps)
    if read.ticks is None:
        assert [bytes(column) for column in read.curve.columns] == [
            bytes(column) for column in curve.columns[: len(read.curve.columns)]
        ]
        assert all(each.area is not None and each.area.ratio == 1.0 for each in found.groups)


def test_the_checksum_sees_what_a_snapshot_of_a_long_run_does_not_store() -> None:
    read, curve, _ = stored(LONG)
    assert read.ticks is not None
    column = array("d", curve.columns[0])
    column[next(tick for tick in range(50_000) if tick not in set(read.ticks.tolist()))] = 9.0
    found = difference(read, side_of_curve(replace(curve, columns=(memoryview(column).toreadonly(),))))
    assert (found.same, found.hidden, only(found).same) == (False, True, True)
    column = array("d", curve.columns[0])
    column[int(read.ticks[3])] = 9.0
    found = difference(read, side_of_curve(replace(curve, columns=(memoryview(column).toreadonly(),))))
    assert (found.hidden, only(found).differing, only(found).first.tick) == (False, 1, int(read.ticks[3]))
    assert (only(found).peak, only(found).area) == (None, None)


def test_a_snapshot_and_a_run_by_epoch_are_compared_at_what_is_stored() -> None:
    read, curve, _ = stored(LONG)
    held = side([curve.columns[0][at * 500] for at in range(100)], run=Run(None, 50_000, 500, "epoch"))
    assert read.ticks is not None
    expected = sum(curve.columns[0][at] != curve.columns[0][at // 500 * 500] for at in read.ticks.tolist())
    assert only(difference(read, held, 0.0)).differing == only(difference(held, read, 0.0)).differing == expected


def test_of_a_long_run_by_epoch_only_the_stored_epochs_are_compared() -> None:
    read, curve, _ = stored(
        "epochs: 20000\nsteps_per_epoch: 2\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
    )
    assert read.ticks is not None
    by_step = side([rate for rate in curve.columns[0] for _ in range(2)], per_epoch=2, step=True, end_lr=curve.end_lr)
    found = difference(read, by_step)
    assert (found.same, found.identical, found.lengths) == (True, False, (40_000, 40_000))
    assert found.ticks.tolist() == [step for tick in read.ticks.tolist() for step in (2 * tick, 2 * tick + 1)]


def test_a_snapshot_cannot_claim_more_calls_than_a_run_may_have() -> None:
    _, _, data = stored(LONG)
    claimed = data.replace(b"# run: 50000 calls", b"# run: 900000000 calls").replace(b"\n,49999,", b"\n,899999999,")
    with pytest.raises(ValueError, match="its rows are not those of a snapshot"):
        parse(claimed)
    assert parse(claimed.replace(b"900000000", b"90000000").replace(b"899999999", b"89999999")).total == 90_000_000


@given(cut=st.integers(0, 400), junk=st.sampled_from(["", "x", "epoch,step,s\n", "end,,\n", "5,,nan\n", "9" * 400]))
def test_a_damaged_snapshot_is_an_error_of_value_or_none(cut: int, junk: str) -> None:
    _, _, data = SNAPSHOT
    try:
        read = side_of_snapshot(parse(data[:cut] + junk.encode()))
    except ValueError:
        return
    assert len(read.curve) == 12


SNAPSHOT = stored(SHORT)

# --- against a scan --------------------------------------------------------------------------------------------

rates = st.lists(st.sampled_from([0.0, 0.01, 0.02, 0.04, 0.1]), min_size=1, max_size=12)
clocks = st.tuples(rates, st.booleans())


@given(rates=st.lists(st.floats(), min_size=1, max_size=20), step=st.booleans(), tolerance=st.floats(0, 10))
def test_a_curve_is_the_same_as_itself(rates: list[float], step: bool, tolerance: float) -> None:
    a = side(rates, step=step, end_lr=(rates[-1],))
    found = difference(a, a, tolerance)
    assert found.same
    assert found.identical


@given(first=clocks, second=clocks, per_epoch=st.integers(1, 4))
def test_what_differs_is_what_a_scan_of_the_steps_finds(
    first: tuple[list[float], bool], second: tuple[list[float], bool], per_epoch: int
) -> None:
    a, b = (side(rates, per_epoch=per_epoch, step=step) for rates, step in (first, second))
    x, y = ([rate for rate in rates for _ in range(1 if step else per_epoch)] for rates, step in (first, second))
    found = difference(a, b)
    group = only(found)
    lasts = per_epoch if found.clock.run.interval == "epoch" else 1
    both = list(zip(x, y, strict=False))
    apart = [at for at, (p, q) in enumerate(both) if p != q]
    assert found.same == (x == y)
    assert [length * lasts for length in found.lengths] == [len(x), len(y)]
    assert group.differing * lasts == len(apart)
    assert (group.first is None) == (not apart)
    if apart:
        assert group.first == (apart[0] // lasts, both[apart[0]])
        assert factor(*group.largest.lr) == max(factor(*both[at]) for at in apart)
        assert both[group.largest.tick * lasts] == group.largest.lr
    assert group.peak == (max(x), max(y))
    assert group.area == (pytest.approx(sum(x) / per_epoch), pytest.approx(sum(y) / per_epoch))
    assert (group.end is not None) == (len(x) == len(y))
    ratios = found.ratios(None)
    assert len(ratios) == len(found.clock)
    for at, ratio in enumerate(ratios[: min(found.lengths)].tolist()):
        p, q = both[at * lasts]
        assert ratio == (1.0 if p == q else q / p if p else math.inf)


@given(first=rates, second=rates)
def test_the_other_way_round_it_is_the_same_difference(first: list[float], second: list[float]) -> None:
    one, other = difference(side(first), side(second)), difference(side(second), side(first))
    assert (one.same, only(one).differing) == (other.same, only(other).differing)
    for point, back in ((only(one).first, only(other).first), (only(one).largest, only(other).largest)):
        assert (point is None) == (back is None)
        if point is not None:
            assert (back.tick, back.lr) == (point.tick, point.lr[::-1])


def factor(a: float, b: float) -> float:
    return max(a / b, b / a) if a and b else math.inf
