"""Every way to restart follows as plain torch does, bit for bit, and torch's refusals are its own words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import drawn
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from restarts import CALLS, CASES, WAYS, Case, Rows, Saved, call, file_of, new_optimizer, quiet, row, stopped, train

from lrviz.curve import Curve
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.training.resume.results import Followed, Resumed
from lrviz.training.resume.resume import resume

EPOCHS = (0, 1, 5, 13, CALLS - 1)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet():
        yield


def schedule_of(text: str) -> Schedule:
    (schedule,) = load_text(text, "test.yaml")
    return schedule


def resumed(text: str, tick: int) -> Resumed:
    (found,) = resume(schedule_of(text), tick)
    return found


def rows_of(curve: Curve, ticks: range) -> Rows:
    assert curve.momentum_columns is not None
    return [[column[tick] for column in (*curve.columns, *curve.momentum_columns)] for tick in ticks]


def first_line(error: Exception) -> str:
    said = str(error.args[0]) if isinstance(error, KeyError) else str(error)
    return f"{type(error).__name__}: {said.splitlines()[0].strip()}"


@pytest.mark.parametrize("epoch", EPOCHS)
@pytest.mark.parametrize("name", CASES)
def test_every_way_goes_on_as_plain_torch_does(name: str, epoch: int, tmp_path: Path) -> None:
    assert hold(CASES[name], epoch, tmp_path)


@given(data=st.data(), epoch=st.integers(0, CALLS - 1))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_way_of_any_schedule_goes_on_as_plain_torch_does(data: st.DataObject, epoch: int) -> None:
    leaves = [name for name in drawn.LEAVES if name != "ReduceLROnPlateau"]
    scheduler = data.draw(
        st.one_of([*(drawn.leaf(name, 2) for name in leaves), drawn.composition(2, drawn.ON_SOURCE, willing=True)])
    )
    case = Case(drawn.text(scheduler), lambda optimizer, **more: drawn.make({**scheduler, **more})(optimizer))
    with quiet(), TemporaryDirectory() as folder:
        hold(case, epoch, Path(folder))


def hold(case: Case, epoch: int, folder: Path) -> bool:
    """Asserts that lrviz does as plain torch does, way by way; whether torch runs the schedule to its end."""
    optimizer = new_optimizer()
    try:
        plan, refused = train(optimizer, case.make(optimizer), case, range(CALLS))
    except Exception as error:
        plan, refused = [], error
    if refused is not None:
        with pytest.raises(ScheduleError, match=r"torch refuses to construct|fails at call"):
            resumed(file_of(case), epoch)
        return False
    saved = stopped(case, epoch, folder)
    found = resumed(file_of(case), epoch)
    assert same(rows_of(found.plan, range(CALLS)), plan)
    assert [way.way for way in found.ways] == [key for key in WAYS if epoch or key != "call-lost"]
    for way in found.ways:
        rows, refused = _followed(WAYS[way.way], saved)
        if not rows:
            assert way.curve is None
            assert refused is not None
            words = f"torch refuses: {first_line(refused)}"
            assert way.refusal == (words if case is not CASES["PhasedLR"] else "PhasedLR takes no last_epoch")
            continue
        stop = epoch + len(rows)
        assert way.curve is not None, way.refusal
        assert same(rows_of(way.curve, range(epoch)), plan[:epoch])
        assert same(rows_of(way.curve, range(epoch, stop)), rows), way.name
        if refused is not None:
            assert (way.refusal, way.refused_at) == (f"torch refuses: {first_line(refused)}", stop - 1)
            assert all(math.isnan(value) for column in way.curve.columns for value in column[stop:])
        if way.way in ("full", "replayed"):
            assert way.identical
        _hold_departure(way, rows, plan, epoch, refused=refused is not None)
    return True


def same(one: Rows, other: Rows) -> bool:
    """True for the same bits; NaN is like NaN."""
    return repr(one) == repr(other)


def _followed(way: Callable[[Saved], tuple[Any, Any]], saved: Saved) -> tuple[Rows, Exception | None]:
    """What plain torch does after a restart; no rows where it refuses the restart itself."""
    try:
        optimizer, scheduler = way(saved)
    except Exception as error:
        return [], error
    return train(optimizer, scheduler, saved.case, range(saved.epoch, CALLS))


def _hold_departure(way: Followed, rows: Rows, whole: Rows, start: int, *, refused: bool) -> None:
    """What is said of a departure, from the numbers alone."""
    plan = whole[start : start + len(rows)]
    assert way.identical == (same(rows, plan) and not refused)
    if not all(map(math.isfinite, (value for each in (*rows, *whole) for value in each))):
        return
    groups = len(rows[0]) // 2
    peak = {what: max(abs(value) for each in whole for value in each[part]) for what, part in _parts(groups)}
    apart = {
        what: [
            at
            for at, (one, other) in enumerate(zip(rows, plan, strict=True))
            if any(abs(a - b) > 1e-12 * peak[what] for a, b in zip(one[part], other[part], strict=True))
        ]
        for what, part in _parts(groups)
    }
    what = "lr" if apart["lr"] else "momentum"
    left = way.departure
    if not apart[what]:
        assert left is None
        assert way.follows == (not refused)
        return
    assert left is not None
    assert (left.what, left.apart, left.first.tick) == (what, len(apart[what]), start + apart[what][0])
    after = apart[what][-1] + 1
    assert left.until == (None if after == len(rows) else start + after)
    (part,) = (part for key, part in _parts(groups) if key == what)
    factors = [
        max(abs(a / b), abs(b / a)) if a and b else math.inf
        for at in apart[what]
        for a, b in zip(rows[at][part], plan[at][part], strict=True)
        if abs(a - b) > 1e-12 * peak[what]
    ]
    ratio = abs(left.largest.ratio)
    assert (max(ratio, 1 / ratio) if ratio else math.inf) == pytest.approx(max(factors))
    assert left.largest.tick - start in apart[what]


def _parts(groups: int) -> list[tuple[str, slice]]:
    return [("lr", slice(0, groups)), ("momentum", slice(groups, 2 * groups))]


@pytest.mark.parametrize("name", CASES)
def test_the_code_of_a_way_does_what_is_said_of_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines are run as they are printed, with the real classes for what they leave out."""
    case, epoch = CASES[name], 8
    monkeypatch.chdir(tmp_path)
    saved = stopped(case, epoch, tmp_path)
    late, early = saved.path.read_bytes(), saved.early.read_bytes()
    found = resumed(file_of(case), epoch)
    for way in found.ways:
        if way.curve is None:
            continue
        saved.path.write_bytes(early if way.way == "call-lost" else late)
        rows, refused = _run("\n".join([*way.lines, *found.loop]), name)
        assert way.refusal == (f"torch refuses: {first_line(refused)}" if refused is not None else "")
        assert rows == rows_of(way.curve, range(epoch, epoch + len(rows))), way.name
        assert len(rows) == CALLS - epoch or way.refused_at is not None
    assert "scheduler.step(" in found.loop[-1]


def _run(code: str, name: str) -> tuple[Rows, Exception | None]:
    rows: Rows = []
    try:
        exec(code, _names(name, rows))
    except Exception as error:
        return rows, error
    return rows, None


def _names(name: str, rows: Rows) -> dict[str, Any]:
    case = CASES[name]
    names: dict[str, Any] = {"torch": torch, "SGD": lambda *given: new_optimizer()}
    names["model"] = torch.nn.Linear(1, 1)

    def make(optimizer: Any, *given: Any, **more: Any) -> Any:
        return case.make(names["optimizer"], **more)

    names |= {name: make, "lrviz": SimpleNamespace(PhasedLR=make), "phases": ...}
    names["logged"] = case.metric
    names["metric"] = None

    def train_one_epoch() -> None:
        rows.append(row(names["optimizer"]))
        names["optimizer"].step()
        if case.metric is not None:
            names["metric"] = case.metric[names["epoch"]]

    names["train_one_epoch"] = train_one_epoch
    if case.metric is not None:
        names["metric"] = case.metric[7]  # of the call that is repeated
    return names


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(CASES)), st.integers(0, CALLS - 1))
def test_the_full_state_in_the_right_order_never_leaves_the_plan(name: str, epoch: int) -> None:
    with quiet():
        found = resumed(file_of(CASES[name]), epoch)
    full = found.ways[0]
    assert (full.way, full.follows, full.identical, full.refusal) == ("full", True, True, "")
    assert found.right is full


# --- runs of other kinds ------------------------------------------------------------------------------------------


def test_a_run_that_is_called_every_so_many_steps(tmp_path: Path) -> None:
    """A restart between two calls: the loop goes on at the step, the counters at the call."""
    text = "steps: 100\ninterval: 10 steps\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.5}\n"
    found = resumed(text, 34)
    assert (found.tick, found.start) == (34, 3)
    plan = [0.1]
    for step in range(99):
        plan.append(plan[-1] * 0.5 if (step + 1) % 10 == 0 else plan[-1])
    assert list(found.plan.columns[0]) == plan
    ways = {way.way: way for way in found.ways}
    assert ways["full"].identical
    assert ways["replayed"].identical
    for key, factor in (("call-repeated", 0.5), ("call-lost", 2), ("nothing", 8)):
        left, curve = ways[key].departure, ways[key].curve
        assert left is not None
        assert curve is not None
        assert (left.first.tick, left.until, left.apart) == (34, None, 66)
        assert list(curve.columns[0][34:]) == pytest.approx([factor * lr for lr in plan[34:]])
    assert found.loop == (
        "for step in range(34, 100):",
        "    train_one_step()",
        "    if (step + 1) % 10 == 0:",
        "        scheduler.step()",
    )
    assert ways["last-epoch"].lines[-1] == "scheduler = ExponentialLR(optimizer, ..., last_epoch=2)"


def test_a_long_run_is_stepped_by_the_shortcut_with_the_same_bits(tmp_path: Path) -> None:
    text = "steps: 20100\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR, T_max: 20100}\n"
    found = resumed(text, 20_000)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20100)
    plan = []
    for _ in range(20100):
        plan.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert list(found.plan.columns[0]) == plan
    assert {way.way for way in found.ways if way.identical} == {"full", "full-late", "replayed", "last-epoch"}


def test_a_run_without_a_scheduler_has_only_its_optimizer() -> None:
    found = resumed("epochs: 5\noptimizer: {lr: 0.1}\nscheduler: none\n", 2)
    assert [(way.way, way.identical) for way in found.ways] == [("full", True), ("nothing", True)]
    assert found.saving == ('torch.save({"optimizer": optimizer.state_dict()}, "checkpoint.pt")',)
    assert found.loop[1:] == ("    train_one_epoch()  # with an optimizer.step() for each batch",)


def test_phases_that_are_called_once_an_epoch_in_a_run_of_steps() -> None:
    """PhasedLR counts steps; a phase inside of it is called once an epoch."""
    text = (
        "epochs: 6\nsteps_per_epoch: 4\ninterval: step\noptimizer: {lr: 0.1}\nscheduler:\n"
        "- {type: LinearLR, start_factor: 0.1, total_iters: 8, for: 2 epochs}\n"
        "- {type: StepLR, step_size: 1, gamma: 0.5, interval: epoch}\n"
    )
    for tick in (3, 8, 11, 12, 23):
        found = resumed(text, tick)
        assert found.start == tick
        assert found.ways[0].identical
        ways = {way.way: way for way in found.ways}
        assert ways["replayed"].identical
        assert "scheduler.step()" in found.loop[-1]


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    resumed(file_of(CASES["StepLR"]), 8)
    assert list(tmp_path.iterdir()) == []


def test_call_uses_the_metric_of_its_epoch() -> None:
    """The helper of this file steps a plateau as the file of its case says."""
    case = CASES["ReduceLROnPlateau"]
    optimizer = new_optimizer()
    scheduler = case.make(optimizer)
    for at in range(9):
        call(scheduler, case, at)
    assert row(optimizer)[0] == 0.1 * 0.5
