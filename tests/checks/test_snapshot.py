"""Snapshots: written and read back bit for bit, compared over the whole curve, and written over nothing else."""

from __future__ import annotations

import io
from array import array
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.calculator.difference import side_of_snapshot
from lrviz.checks import snapshot
from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve, checksum
from lrviz.engine.simulate import simulate
from lrviz.loading import load_file
from lrviz.render.tables.rows import rows_of
from lrviz.render.tables.table import write_csv
from lrviz.run import Run
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.run import Length
from lrviz.snapshot import MAX_ROWS, may_replace, parse

TORCH = "2.13.0"
STEP = (
    "epochs: 12\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: StepLR, step_size: 5}\nexpect: {snapshot: c.csv}\n"
)
LONG = """\
steps: 50000
optimizer: {type: SGD, lr: 0.1}
scheduler:
  - {type: LinearLR, start_factor: 0.1, for: 1234}
  - {type: CosineAnnealingLR}
expect: {snapshot: c.csv}
"""


def schedule_of(folder: Path, text: str, length: Length | None = None) -> Schedule:
    file = folder / "s.yaml"
    file.write_text(text, encoding="utf-8")
    (schedule,) = load_file(file, length)
    return schedule


def stored(folder: Path, text: str, torch: str = TORCH) -> tuple[Schedule, Curve]:
    """A schedule, its curve, and the snapshot of it in the folder."""
    schedule = schedule_of(folder, text)
    curve = simulate(schedule)
    snapshot.path_of(schedule).write_text(snapshot.snapshot_of(schedule, curve, torch), encoding="utf-8")
    return schedule, curve


def compared(schedule: Schedule, curve: Curve, torch: str = TORCH) -> list[Finding | Held]:
    return list(snapshot.compare(schedule, curve, "s", torch))


def changed(curve: Curve, **values: float) -> Curve:
    """The same curve with some ticks (`t5=0.3`) or the end changed."""
    column = array("d", curve.columns[0])
    for name, value in values.items():
        if name != "end":
            column[int(name[1:])] = value
    return replace(curve, columns=(memoryview(column).toreadonly(),), end_lr=(values.get("end", curve.end_lr[0]),))


def failure(found: list[Finding | Held]) -> Finding:
    (finding,) = found
    assert isinstance(finding, Finding)
    assert (finding.code, finding.severity) == ("expect.snapshot", "error")
    return finding


# --- writing and reading ---------------------------------------------------------------------------------------


def test_the_file_says_what_it_holds(tmp_path: Path) -> None:
    _, curve = stored(tmp_path, STEP)
    text = (tmp_path / "c.csv").read_text(encoding="utf-8")
    assert text == (
        "# lrviz snapshot 1\n"
        "# torch: 2.13.0\n"
        "# run: 12 calls, one an epoch\n"
        f"# checksum: {checksum(curve)}\n"
        "# schedule:\n"
        "#   epochs: 12\n"
        "#   optimizer: {type: SGD, lr: 0.1}\n"
        "#   scheduler: {type: StepLR, step_size: 5}\n"
        "epoch,step,s\n"
        + "".join(f"{epoch},,{curve.columns[0][epoch]!r}\n" for epoch in range(12))
        + f"end,,{curve.end_lr[0]!r}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        STEP,
        STEP.replace("epochs: 12", "epochs: 12\nsteps_per_epoch: 7"),
        STEP.replace("epochs: 12", "epochs: 12\nsteps_per_epoch: 7\ninterval: step"),
        STEP.replace("epochs: 12", "steps: 12"),
        STEP.replace("lr: 0.1", "groups: [{name: a, lr: 0.1}, {name: 'b, c', lr: 1}]"),
        LONG,
    ],
    ids=["epochs", "epochs with steps", "per step", "steps", "groups", "long"],
)
def test_its_rows_are_rows_of_the_table_to_the_last_character(tmp_path: Path, text: str) -> None:
    _, curve = stored(tmp_path, text)
    out = io.StringIO()
    write_csv(rows_of([curve], "epoch" if curve.run.total_steps is None else "step", end=True), out)
    table = out.getvalue().splitlines()
    rows = [line for line in (tmp_path / "c.csv").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert rows[0] == table[0]
    assert rows[-1] == table[-1]
    assert set(rows) <= set(table)
    assert len(rows) == 2 + len(curve) or len(curve) > MAX_ROWS > len(rows) - 3 > 0.99 * MAX_ROWS


@given(rates=st.lists(st.floats(allow_nan=False), min_size=1, max_size=30), end=st.floats(allow_nan=False))
@settings(max_examples=60, deadline=None)
def test_numbers_read_back_to_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, rates: list[float], end: float
) -> None:
    folder = tmp_path_factory.mktemp("bits")
    schedule = schedule_of(folder, STEP.replace("epochs: 12", f"epochs: {len(rates)}"))
    column = memoryview(array("d", rates)).toreadonly()
    curve = Curve("s", ("0",), Run(len(rates), None, None, "epoch"), (column,), (end,))
    path = folder / "c.csv"
    path.write_text(snapshot.snapshot_of(schedule, curve, TORCH), encoding="utf-8")
    again = parse(path.read_bytes())
    assert again.rates[:, 0].tobytes() == array("d", rates).tobytes()
    assert again.end.tobytes() == array("d", [end]).tobytes()
    assert isinstance(compared(schedule, curve)[0], Held)


def test_a_long_run_keeps_ten_thousand_rows_with_both_sides_of_every_boundary(tmp_path: Path) -> None:
    schedule, _ = stored(tmp_path, LONG)
    ticks = parse(snapshot.path_of(schedule).read_bytes()).ticks.tolist()
    assert len(ticks) <= MAX_ROWS
    assert {0, 1233, 1234, 49_999} <= set(ticks)
    assert max(after - before for before, after in pairwise(ticks)) <= 6


def test_the_checksum_sees_every_bit(tmp_path: Path) -> None:
    _, curve = stored(tmp_path, STEP)
    sums = {checksum(curve)}
    for tick in range(12):
        sums.add(checksum(changed(curve, **{f"t{tick}": curve.columns[0][tick] * (1 + 2e-16)})))
    sums.add(checksum(changed(curve, end=0.3)))
    sums.add(checksum(replace(curve, groups=("a",))))
    assert len(sums) == 15


# --- comparing -------------------------------------------------------------------------------------------------


def test_the_same_curve_holds_to_the_bit(tmp_path: Path) -> None:
    (held,) = compared(*stored(tmp_path, STEP), torch="2.15.0")
    assert isinstance(held, Held)
    assert held.message == "the curve equals its snapshot bit for bit, at all 12 calls"


def test_the_first_place_the_largest_ratio_and_the_count_are_said(tmp_path: Path) -> None:
    schedule, curve = stored(tmp_path, STEP)
    other = changed(curve, t3=0.11, t7=0.04, end=0.002)
    assert failure(compared(schedule, other)).message == (
        "the learning rate differs from its snapshot first at epoch 3: 0.11 now, 0.1 stored; "
        "3 of 13 rows differ, at most by a factor of 4 at epoch 7"
    )


def test_the_end_counts(tmp_path: Path) -> None:
    schedule, curve = stored(tmp_path, STEP)
    assert (
        "at the end: 0.5 now, 0.001 stored; 1 of 13 rows differ"
        in failure(compared(schedule, changed(curve, end=0.5))).message
    )


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_what_has_no_ratio_is_said_as_it_is(tmp_path: Path, value: float) -> None:
    schedule, curve = stored(tmp_path, STEP)
    message = failure(compared(schedule, changed(curve, t2=value))).message
    assert f"most at epoch 2: {value:.6g} now, 0.1 stored" in message


def test_the_tolerance_is_that_of_the_schedule(tmp_path: Path) -> None:
    schedule, curve = stored(tmp_path, STEP)
    near = changed(curve, t3=0.1 * (1 + 9e-7))
    (held,) = compared(schedule, near, torch="2.15.0")
    assert isinstance(held, Held)
    assert held.message == ("every stored value holds, but not bit for bit (stored with torch 2.13.0, run with 2.15.0)")
    failure(compared(schedule, changed(curve, t3=0.1 * (1 + 1.1e-6))))
    wide = replace(schedule, expect=replace(schedule.expect, tolerance=0.2))
    assert isinstance(compared(wide, changed(curve, t3=0.11))[0], Held)


def test_another_length_interval_or_number_of_groups_is_said(tmp_path: Path) -> None:
    stored(tmp_path, STEP)
    longer = schedule_of(tmp_path, STEP.replace("12", "13"))
    assert failure(compared(longer, simulate(longer))).message == (
        "the run has 13 calls, one an epoch; its snapshot has 12 calls, one an epoch"
    )
    steps = schedule_of(tmp_path, STEP.replace("epochs: 12", "steps: 12"))
    assert failure(compared(steps, simulate(steps))).message == (
        "the run has 12 calls, one a step; its snapshot has 12 calls, one an epoch"
    )
    groups = schedule_of(tmp_path, STEP.replace("lr: 0.1", "groups: [{name: a, lr: 0.1}, {name: b, lr: 1}]"))
    assert failure(compared(groups, simulate(groups))).message == (
        "the curve has the columns s/a, s/b; its snapshot has s"
    )


def test_between_the_rows_of_a_long_run_the_checksum_watches(tmp_path: Path) -> None:
    schedule, curve = stored(tmp_path, LONG)
    ticks = set(parse(snapshot.path_of(schedule).read_bytes()).ticks.tolist())
    between = next(tick for tick in range(len(curve)) if tick not in ticks)
    assert failure(compared(schedule, changed(curve, **{f"t{between}": 1.0}))).message == (
        f"the curve differs from its snapshot between the {len(ticks):,} stored of 50,000 calls: "
        "the stored values are equal, the checksum is not"
    )
    kept = sorted(ticks)[5]
    nearly = changed(curve, **{f"t{kept}": curve.columns[0][kept] * (1 + 1e-9)})
    assert "those between them cannot be compared" in failure(compared(schedule, nearly)).message
    held, warning = compared(schedule, nearly, torch="2.15.0")  # another torch may well round otherwise
    assert isinstance(held, Held)
    assert isinstance(warning, Finding)
    assert warning.severity == "warning"


def test_groups_that_swap_their_rates_are_other_groups(tmp_path: Path) -> None:
    text = STEP.replace("lr: 0.1", "groups: [{name: a, lr: 0.1}, {name: b, lr: 1}]")
    stored(tmp_path, text)
    swapped = schedule_of(tmp_path, text.replace("name: a", "name: c").replace("name: b", "name: a"))
    assert failure(compared(swapped, simulate(swapped))).message == (
        "the curve has the columns s/c, s/a; its snapshot has s/a, s/b"
    )


def test_what_rounding_leaves_of_a_zero_is_zero(tmp_path: Path) -> None:
    text = STEP.replace("StepLR, step_size: 5", "LambdaLR, lr_lambda: 1 if t < 5 else 0")
    schedule, curve = stored(tmp_path, text)
    (held,) = compared(schedule, changed(curve, t7=9e-11, t3=0.1 * (1 + 5e-7)))
    assert isinstance(held, Held)
    message = failure(compared(schedule, changed(curve, t7=1.1e-10, t8=5e-11))).message
    assert "1 of 13 rows differ" in message


def test_the_largest_ratio_is_of_what_differs(tmp_path: Path) -> None:
    """A residue of zero has the larger ratio, and is none."""
    text = STEP.replace("StepLR, step_size: 5", "LambdaLR, lr_lambda: 1 if t < 5 else 1e-12")
    schedule, curve = stored(tmp_path, text)
    assert (
        "at most by a factor of 2 at epoch 2" in failure(compared(schedule, changed(curve, t2=0.2, t8=5e-12))).message
    )


def test_what_changed_is_the_schedule_or_torch(tmp_path: Path) -> None:
    schedule, curve = stored(tmp_path, STEP)
    other = changed(curve, t3=0.2)
    assert failure(compared(schedule, other, torch="2.15.0")).hint == (
        "the schedule's text is the same: stored with torch 2.13.0, run with 2.15.0"
    )
    edited = schedule_of(tmp_path, STEP.replace("step_size: 5", "step_size: 4"))
    assert failure(compared(edited, simulate(edited))).hint == (
        "the schedule's text has changed since; if this is intended, `lrviz check --update` stores the new curve"
    )
    retitled = schedule_of(tmp_path, STEP.replace("snapshot: c.csv", "snapshot: c.csv, max: 0.1") + "title: new\n")
    assert failure(compared(retitled, other)).hint.startswith("the schedule's text is the same")


# --- inputs that are wrong -------------------------------------------------------------------------------------


def test_a_missing_snapshot_is_an_input_that_is_wrong_and_names_update(tmp_path: Path) -> None:
    schedule = schedule_of(tmp_path, STEP)
    finding = failure(compared(schedule, simulate(schedule)))
    assert (finding.kind, finding.message) == ("input", "there is no snapshot 'c.csv' yet")
    assert finding.hint == "`lrviz check --update` writes it"


@pytest.mark.parametrize("cut", [b"", b"epoch,step,s\n0,,0.1\n", b"\xff\xfe\x00"])
def test_what_is_no_snapshot_is_an_input_that_is_wrong(tmp_path: Path, cut: bytes) -> None:
    schedule = schedule_of(tmp_path, STEP)
    (tmp_path / "c.csv").write_bytes(cut)
    assert failure(compared(schedule, simulate(schedule))).kind == "input"
    assert not may_replace(tmp_path / "c.csv")


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_damaged_snapshot_never_holds_and_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    schedule, curve = stored(folder, STEP)
    lines = (folder / "c.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    at = data.draw(st.integers(8, len(lines) - 1))
    lines[at] = data.draw(
        st.sampled_from(["", "x,,0.1\n", "3,,\n", "3\n", "-5,,0.1\n", "99,,0.1\n", "3,,0.7,0.8\n", "\n"])
    )
    (folder / "c.csv").write_text("".join(lines).replace("# checksum: sha256:", "# checksum: sha256:0"), "utf-8")
    failure(compared(schedule, curve))


def test_a_run_of_another_length_from_the_command_line_is_not_compared(tmp_path: Path) -> None:
    stored(tmp_path, STEP)
    schedule = schedule_of(tmp_path, STEP, Length(epochs=5))
    assert failure(compared(schedule, simulate(schedule))).kind == "input"


def test_only_a_snapshot_or_nothing_may_be_replaced(tmp_path: Path) -> None:
    stored(tmp_path, STEP)
    (tmp_path / "mine.csv").write_text("epoch,lr\n0,0.1\n")
    assert may_replace(tmp_path / "c.csv")
    assert may_replace(tmp_path / "new.csv")
    assert not may_replace(tmp_path / "mine.csv")
    assert not may_replace(tmp_path)


EVERY = "steps: 50\ninterval: 20 steps\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.5}\n"


def test_a_run_that_is_called_every_so_often_is_said_as_it_is(tmp_path: Path) -> None:
    """Its rows are steps, of which only some are followed by a call."""
    text = f"{EVERY}expect: {{snapshot: c.csv}}\n"
    schedule, curve = stored(tmp_path, text)
    assert "\n# run: 50 steps, one call every 20\n" in (tmp_path / "c.csv").read_text(encoding="utf-8")
    (held,) = compared(schedule, curve)
    assert isinstance(held, Held)
    assert held.message == "the curve equals its snapshot bit for bit, at all 50 steps"
    read = parse((tmp_path / "c.csv").read_bytes())
    assert (read.total, read.every, read.interval) == (50, 20, "step")
    assert side_of_snapshot(read).curve.run.calls == 2
    other = schedule_of(tmp_path, text.replace("20 steps", "25 steps"))
    assert failure(compared(other, simulate(other))).message == (
        "the run has 50 steps, one call every 25; its snapshot has 50 steps, one call every 20"
    )
    epochs = schedule_of(tmp_path, text.replace("steps: 50", "epochs: 50").replace("20 steps", "20 epochs"))
    assert "the run has 50 epochs, one call every 20; its snap" in failure(compared(epochs, simulate(epochs))).message
    (tmp_path / "c.csv").write_text((tmp_path / "c.csv").read_text().replace("every 20", "every 51"))
    with pytest.raises(ValueError, match="its rows are not those of a snapshot"):
        parse((tmp_path / "c.csv").read_bytes())
