"""The learning rate at a place: every number of the table, and nothing that the table does not have."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.calculator.at import Rate, is_place, places_of, rates_at
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.render.tables.rows import rows_of
from lrviz.render.tables.table import write_csv
from lrviz.schedule.model import Schedule

EPOCHS = 12
PER_EPOCH = 7

RUNS = {
    "epochs": f"epochs: {EPOCHS}",
    "epochs-with-steps": f"epochs: {EPOCHS}\nsteps_per_epoch: {PER_EPOCH}",
    "epochs-per-step": f"epochs: {EPOCHS}\nsteps_per_epoch: {PER_EPOCH}\ninterval: step",
    "steps": f"steps: {EPOCHS * PER_EPOCH}",
    "steps-with-epochs": f"steps: {EPOCHS * PER_EPOCH - 3}\nsteps_per_epoch: {PER_EPOCH}",
    "steps-per-epoch": f"steps: {EPOCHS * PER_EPOCH - 3}\nsteps_per_epoch: {PER_EPOCH}\ninterval: epoch",
}
"""Every kind of run there is; those in steps end within an epoch where they know what one is."""

schedulers = st.one_of(
    st.builds("{{type: StepLR, step_size: {}, gamma: {}}}".format, st.integers(1, 9), st.floats(0.01, 1.5)),
    st.builds("{{type: ExponentialLR, gamma: {}}}".format, st.floats(0.01, 1.0)),
    st.builds("{{type: CosineAnnealingLR, T_max: {}}}".format, st.integers(1, 40)),
    st.builds(
        "{{type: CyclicLR, base_lr: {}, max_lr: 1, step_size_up: {}, cycle_momentum: false}}".format,
        st.floats(0.001, 0.5),
        st.integers(1, 9),
    ),
)


def scheduled(run: str, scheduler: str, rates: list[float] | None = None) -> Schedule:
    """A schedule of such a run; `rates` gives it a param group each."""
    optimizer = "{lr: 0.1}"
    if rates:
        optimizer = "{groups: [" + ", ".join(f"{{name: g{at}, lr: {rate!r}}}" for at, rate in enumerate(rates)) + "]}"
    (schedule,) = load_text(f"{RUNS[run]}\noptimizer: {optimizer}\nscheduler: {scheduler}\n", "s.yaml")
    return schedule


def answers(schedule: Schedule, *places: str) -> list[Rate]:
    return list(rates_at(simulate(schedule), places_of(schedule, places)))


def values(schedule: Schedule, *places: str) -> list[float]:
    return [answer.lr for answer in answers(schedule, *places)]


def table(curve: Curve, by: str) -> list[dict[str, str]]:
    """The rows that `lrviz table --by ... --end --format csv` prints."""
    stream = io.StringIO()
    write_csv(rows_of([curve], by, 1, True), stream)  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(stream.getvalue())))


# --- the table -----------------------------------------------------------------------------------------------


@given(run=st.sampled_from(list(RUNS)), scheduler=schedulers, by=st.sampled_from(["epoch", "step"]))
@settings(max_examples=120, deadline=None)
def test_every_row_of_the_table_is_what_is_there(run: str, scheduler: str, by: str) -> None:
    if (run, by) in (("epochs", "step"), ("steps", "epoch")):
        return
    schedule = scheduled(run, scheduler)
    curve = simulate(schedule)
    rows = table(curve, by)
    assert rows[-1]["epoch"] == "end"
    places = [f"{row[by]} {by}s" for row in rows[:-1]] + ["end"]
    assert values(schedule, *places) == [float(row["s"]) for row in rows]
    assert [curve.at(place) for place in places] == [float(row["s"]) for row in rows]


@given(scheduler=schedulers, rates=st.lists(st.floats(1e-3, 1.0), min_size=2, max_size=3, unique=True))
@settings(max_examples=40, deadline=None)
def test_each_group_has_its_own_column(scheduler: str, rates: list[float]) -> None:
    schedule = scheduled("epochs", scheduler, rates)
    curve = simulate(schedule)
    rows = table(curve, "epoch")
    places = [*map(str, range(EPOCHS)), "end"]
    for answer in answers(schedule, *places):
        assert (answer.group is None) == ("s" in rows[0]), "one column stands for all groups, or there is one for each"
        column = "s" if answer.group is None else f"s/{answer.group}"
        row = next(row for row in rows if row["epoch"] == answer.place)
        assert answer.lr == float(row[column])
    found = curve.at("3 epochs")
    assert found.tolist() == [column[3] for column in curve.columns]  # type: ignore[union-attr]


# --- places --------------------------------------------------------------------------------------------------


@given(run=st.sampled_from(list(RUNS)), percent=st.fractions(0, 100, max_denominator=999).filter(lambda p: p < 100))
@settings(max_examples=200, deadline=None)
def test_between_two_calls_it_is_what_the_optimizer_holds(run: str, percent: Fraction) -> None:
    """Against a scan: of all ticks that have begun at that part of the run, the last."""
    schedule = scheduled(run, "{type: ExponentialLR, gamma: 0.9}")
    curve = simulate(schedule)
    text = f"{float(percent)!r}%"
    length = (
        Fraction(curve.run.total_steps, curve.run.steps_per_tick) if curve.run.total_steps else Fraction(len(curve))
    )
    moment = length * Fraction(text[:-1]) / 100
    begun = [tick for tick in range(len(curve)) if tick <= moment]
    (answer,) = answers(schedule, text)
    assert answer.lr == curve.columns[0][begun[-1]]
    assert curve.at(text) == answer.lr
    if answer.epoch is not None:
        per_tick = PER_EPOCH if curve.run.interval == "step" else 1
        assert answer.epoch == pytest.approx(float(moment / per_tick), rel=1e-15)
    if answer.step is not None:
        assert answer.step == pytest.approx(float(moment * curve.run.steps_per_tick), rel=1e-15)


def test_the_first_and_the_last_step_and_what_the_last_call_leaves() -> None:
    schedule = scheduled("epochs", "{type: StepLR, step_size: 4, gamma: 0.5}")
    assert answers(schedule, "0", "last", "end") == [
        Rate("s", None, "0", 0, None, 0.1),
        Rate("s", None, "last", EPOCHS - 1, None, 0.1 * 0.5 * 0.5),
        Rate("s", None, "end", "end", None, 0.1 * 0.5 * 0.5 * 0.5),
    ]


def test_a_number_counts_what_the_run_counts() -> None:
    step = "{type: StepLR, step_size: 7, gamma: 0.5}"
    assert values(scheduled("epochs", step), "6.9", "7") == [0.1, 0.05]
    assert values(scheduled("steps", step), "6", "7.0") == [0.1, 0.05]
    assert values(scheduled("steps-with-epochs", step), "6", "7") == [0.1, 0.05]
    for run in ("epochs-per-step", "steps-per-epoch"):
        with pytest.raises(ScheduleError, match="7 needs a unit"):
            places_of(scheduled(run, step), ["7"])
        assert values(scheduled(run, "{type: StepLR, step_size: 1, gamma: 0.5}"), "0") == [0.1]


@pytest.mark.parametrize(
    "text", ["0", "37.5", "1e2", ".5", "-3", "50%", "50 %", "5 epochs", "5ep", "500 steps", "last"]
)
def test_what_reads_as_a_place(text: str) -> None:
    assert is_place(text)


@pytest.mark.parametrize(
    "text", ["s.yaml", "./10", "-", "2024-05-02", "2024-11-12", "1_000", "10a", "true", "null", "", "Last", "runs/5"]
)
def test_what_is_a_file(text: str) -> None:
    assert not is_place(text)


def test_everything_that_is_no_place_of_the_run_is_said() -> None:
    schedule = scheduled("epochs", "{type: StepLR, step_size: 4}")
    with pytest.raises(ScheduleError) as caught:
        places_of(schedule, ["12", "3", "13 epochs", "5 steps", "120%", "-3", "end"])
    problems = caught.value.problems
    assert [problem.message.partition(":")[0] for problem in problems] == [
        "the run ends at 12",
        "13 epochs is outside the run",
        "steps cannot be counted in a run without a known number of steps per epoch (got '5 steps')",
        "a percentage of the run is at most 100 % (got '120%')",
        "a place cannot be before the start of the run (got '-3')",
    ]
    assert all(str(problem.where) == "lrviz" for problem in problems)


def test_groups_that_part_only_at_the_end_are_told_apart() -> None:
    schedule = scheduled("epochs", "{type: LambdaLR, lr_lambda: {g0: 1, g1: '1 if t < 12 else 0.5'}}", [0.1, 0.1])
    assert [(each.group, each.lr) for each in answers(schedule, "end")] == [("g0", 0.1), ("g1", 0.05)]
