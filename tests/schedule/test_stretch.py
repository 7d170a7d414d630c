"""`--stretch`: what becomes longer and what does not, what rounds and is said, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.duration import parse_duration
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Phases, Schedule
from lrviz.schedule.reading.override import parse_override
from lrviz.schedule.reading.stretch.decays import divided
from lrviz.schedule.reading.stretch.factor import stretch_of
from lrviz.schedule.reading.stretch.lengths import number_text, scaled_text
from lrviz.schedule.text.expression import parse

SGD = "optimizer: {type: SGD, lr: 0.1}\n"


def read(text: str, factor: str | None = "2", *sets: str, keep_warmup: bool = False) -> Schedule:
    (found,) = load_text(
        text, "f.yaml", None, list(map(parse_override, sets)), stretch=stretch_of(factor, keep_warmup=keep_warmup)
    )
    return found


def of(scheduler: str, factor: str = "2", run: str = "epochs: 40", more: str = "", **options: Any) -> Schedule:
    return read(f"{run}\n{SGD}scheduler: {scheduler}\n{more}", factor, **options)


def refused(scheduler: str, factor: str = "2", run: str = "epochs: 40", more: str = "", **options: Any) -> str:
    with pytest.raises(ScheduleError) as raised:
        of(scheduler, factor, run, more, **options)
    return str(raised.value)


def notes(schedule: Schedule) -> list[str]:
    assert {(each.severity, each.code) for each in schedule.remarks} <= {("note", "stretch-rounded")}
    return [each.message for each in schedule.remarks]


def spans(schedule: Schedule) -> list[tuple[int, int]]:
    assert isinstance(schedule.scheduler, Phases)
    return [(each.start, each.calls) for each in schedule.scheduler.phases]


def expected(schedule: Schedule) -> dict[str, Any]:
    assert schedule.written is not None
    found: dict[str, Any] = schedule.written.plain()["expect"]
    return found


# --- the relation between the two curves -----------------------------------------------------------------------------


@st.composite
def closed_forms(draw: st.DrawFn) -> tuple[str, int]:
    """A scheduler that is a closed form of t / T, or constant between its milestones, and the calls of its run."""
    calls = draw(st.integers(8, 40))
    length = draw(st.integers(1, calls))
    lengths = st.integers(1, calls)
    gamma = draw(st.floats(0.05, 1.5))
    form = draw(
        st.sampled_from(
            [
                f"{{type: StepLR, step_size: {length}, gamma: {gamma}}}",
                f"{{type: MultiStepLR, milestones: {sorted(draw(st.lists(lengths, max_size=4)))}, gamma: {gamma}}}",
                f"{{type: ConstantLR, factor: 0.2, total_iters: {length}}}",
                f"{{type: LinearLR, start_factor: 0.1, end_factor: 0.7, total_iters: {length}}}",
                f"{{type: ExponentialLR, gamma: {gamma}}}",
                f"{{type: PolynomialLR, power: {gamma}, total_iters: {length}}}",
                f"{{type: CosineAnnealingLR, eta_min: 0.001, T_max: {length}}}",
                "{type: CosineAnnealingLR}",
                f"{{type: CosineAnnealingWarmRestarts, T_0: {length}, T_mult: {draw(st.integers(1, 2))}}}",
                f"{{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: {length}, cycle_momentum: false}}",
                f"{{type: LambdaLR, lr_lambda: (1 - t / T) ** {gamma}}}",
                f"{{type: MultiplicativeLR, lr_lambda: {gamma}}}",
                f"{{type: SequentialLR, milestones: [{length}], schedulers: [{{type: LinearLR, total_iters: {length}}},"
                f" {{type: StepLR, step_size: {draw(lengths)}}}]}}",
                f"[{{type: LinearLR, for: {min(length, calls - 1)}}}, {{type: PolynomialLR}}]",
                f"[{{type: LinearLR, for: 25%}}, {{type: none, for: {calls // 4}}}, {{type: CosineAnnealingLR}}]",
            ]
        )
    )
    return form, calls


@given(closed_forms(), st.integers(2, 5), st.booleans())
@settings(max_examples=120, deadline=None)
def test_the_longer_curve_is_the_shorter_one_at_every_call_of_it(
    plan: tuple[str, int], factor: int, in_epochs: bool
) -> None:
    form, calls = plan
    if "25%" in form:
        calls = calls // 4 * 4  # else a quarter of the short run is rounded, and of the long one it is not
    run = f"{'epochs' if in_epochs else 'steps'}: {calls}"
    short, long = simulate(of(form, "1", run)), simulate(of(form, str(factor), run))
    assert len(long) == factor * len(short)
    assert np.allclose(long.lr[::factor], short.lr, rtol=1e-9, atol=1e-12)
    assert np.allclose(long.end_lr, short.end_lr, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("factor", ["1", "1/1", "100%", "1.0", "2/2"])
def test_a_factor_of_1_changes_nothing(factor: str) -> None:
    """The file is not even read twice: no remark, no changed run, so that its snapshot is compared too."""
    assert stretch_of(factor) is None
    assert not of("{type: StepLR, step_size: 15}", factor).run.changed


@given(closed_forms(), st.fractions(min_value=Fraction(1, 3), max_value=5, max_denominator=12))
@settings(max_examples=60, deadline=None)
def test_any_factor_gives_the_run_its_length_and_no_fault(plan: tuple[str, int], factor: Fraction) -> None:
    form, calls = plan
    try:
        found = of(form, str(factor), f"epochs: {calls}")
    except ScheduleError as error:
        text = str(error)
        assert "rounds to 0" in text or "no call is left" in text or "the phases are" in text
        return
    assert found.run.ticks == max(1, int(calls * factor + Fraction(1, 2)))
    assert len(simulate(found)) == found.run.ticks


# --- lengths -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "factor", "wanted"),
    [
        ("5 epochs", "2", "10 epochs"),
        ("1 epoch", "2", "2 epochs"),
        ("2 epochs", "1/2", "1 epoch"),
        ("5 epochs", "1/2", "2.5 epochs"),
        ("5epochs", "2", "10epochs"),
        ("5 ep", "1/5", "1 ep"),
        ("50B tokens", "2", "100B tokens"),
        ("1 token", "3", "3 tokens"),
        ("2k steps", "1/2", "1k steps"),
        ("3.2 Ttokens", "2", "6.4Ttokens"),
        ("50e9 tokens", "2", "100e9 tokens"),
        ("1e6 samples", "1/3", "1000000 / 3 samples"),
        ("50e9 / 4e6 steps", "2", "25000 steps"),
        ("5 epochs", "1/3", "5 / 3 epochs"),
        ("100B tokens", "1/3", "100 / 3B tokens"),
        ("(1 + 2) * 2k steps", "2", "12k steps"),
    ],
)
def test_a_length_keeps_its_unit(text: str, factor: str, wanted: str) -> None:
    assert scaled_text(text, Fraction(factor)) == wanted


@given(
    st.sampled_from(["5", "2.5", "1e3", ".5", "3 * 7", "10 / 4"]),
    st.sampled_from([" epochs", "ep", " steps", "k steps", " T tokens", "M samples", " step"]),
    st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=60),
)
def test_a_length_is_multiplied_exactly(head: str, unit: str, factor: Fraction) -> None:
    before, after = parse_duration(f"{head}{unit}"), parse_duration(scaled_text(f"{head}{unit}", factor))
    assert before is not None
    assert after == (before.value * factor, before.unit)


@given(st.fractions(min_value=0, max_denominator=10**7))
def test_a_number_is_written_exactly(number: Fraction) -> None:
    assert parse_duration(f"{number_text(number)} steps") == (number, "steps")


def test_the_run_is_as_long_as_its_unit_says() -> None:
    assert of("none", "2", "epochs: 5").run.epochs == 10
    assert of("none", "2", "steps: 90 * 5").run.steps == 900
    data = "data: {tokens: 1e9, tokens_per_step: 1e6}\n"
    assert of("none", "2", f"{data}steps: 50M tokens").run.steps == 100
    assert of("none", "1/100", "epochs: 5").run.epochs == 1


def test_steps_of_an_epoch_data_and_interval_stay() -> None:
    run = of("none", "2", "epochs: 5\nsteps_per_epoch: 7\ninterval: step").run
    assert (run.epochs, run.steps_per_epoch, run.interval, run.calls) == (10, 7, "step", 70)
    run = of("none", "2", "steps: 1000\ninterval: 100 steps").run
    assert (run.steps, run.every, run.calls) == (2000, 100, 20)


def test_what_is_rounded_is_said() -> None:
    assert notes(of("{type: StepLR, step_size: 15}", "0.5")) == [
        "StepLR: step_size: 15 x 0.5 = 7.5 calls, rounded to 8"
    ]
    assert notes(of("{type: StepLR, step_size: 5 epochs}", "0.5")) == [
        "StepLR: step_size: 5 epochs x 0.5 = 2.5 calls, rounded to 3"
    ]
    assert notes(of("none", "1/3", "steps: 1000")) == ["steps: 1000 x 1/3 = 333.333 steps, rounded to 333"]
    assert notes(of("none", "1/3", "epochs: 1")) == ["epochs: 1 x 1/3 = 0.333333 epochs, rounded to 1"]
    assert notes(of("{type: MultiStepLR, milestones: [10, 15, 25]}", "0.1", "epochs: 40")) == [
        "MultiStepLR: milestones: 15 x 0.1 = 1.5 calls, rounded to 2",
        "MultiStepLR: milestones: 25 x 0.1 = 2.5 calls, rounded to 3",
    ]


def test_milestones_and_phases_are_rounded_from_the_start() -> None:
    plan = of(
        "[{type: none, for: 1}, {type: none, for: 3}, {type: none, for: 3}, {type: none, for: 3}]", "0.5", "epochs: 10"
    )
    assert spans(plan) == [(0, 1), (1, 1), (2, 2), (4, 1)]  # at 0.5, 2, 3.5 and 5
    assert notes(plan) == [
        "for: 1 x 0.5 = 0.5 calls, rounded to 1",
        "for: 3 x 0.5 = 1.5 calls; its ends, at calls 0.5 and 2, are rounded to 1 and 2: 1 call",
        "for: 3 x 0.5 = 1.5 calls, rounded to 2",
        "for: 3 x 0.5 = 1.5 calls; its ends, at calls 3.5 and 5, are rounded to 4 and 5: 1 call",
    ]
    thirds = "[{type: none, for: 7 epochs}, {type: none, for: 7 epochs}, {type: none}]"
    plan = of(thirds, "1/3", "epochs: 30\nsteps_per_epoch: 100\ninterval: step")
    assert spans(plan) == [(0, 233), (233, 234), (467, 533)]
    assert notes(plan) == [
        "for: 7 epochs x 1/3 = 233.333 calls, rounded to 233",
        "for: 7 epochs x 1/3 = 233.333 calls; its ends, at calls 233.333 and 466.667, are rounded to 233 and 467: "
        "234 calls",
    ]


def test_a_run_that_rounds_is_filled_by_its_last_phase() -> None:
    plan = of("[{type: none, for: 2}, {type: none, for: 3 epochs}]", "0.5", "epochs: 5")
    assert spans(plan) == [(0, 1), (1, 2)]
    assert notes(plan) == ["epochs: 5 x 0.5 = 2.5 epochs, rounded to 3"]


def test_a_length_that_is_the_whole_run_stays_so_however_it_rounds() -> None:
    plan = of("{type: CosineAnnealingLR, T_max: 35}", "0.5", "epochs: 5\nsteps_per_epoch: 7\ninterval: step")
    assert plan.scheduler is not None
    assert (plan.run.calls, plan.scheduler.arguments["T_max"]) == (21, 21)  # type: ignore[union-attr]
    for first, second in ((3, 4), (2, 5)):
        phases = f"[{{type: none, for: {first}}}, {{type: CosineAnnealingLR, for: {second}, T_max: {second}}}]"
        plan = of(phases, "0.5", "epochs: 7")
        assert isinstance(plan.scheduler, Phases)
        assert [dict(each.arguments) for each in plan.scheduler.walk()] == [{"T_max": plan.scheduler.phases[1].calls}]


@pytest.mark.parametrize(
    ("scheduler", "factor", "said"),
    [
        ("{type: StepLR, step_size: 2}", "0.1", "StepLR: step_size is 0.2 calls, which rounds to 0 (got 2 x 0.1)"),
        ("{type: StepLR, step_size: 2 epochs}", "0.1", "StepLR: step_size is 0.2 calls, which rounds to 0"),
        ("{type: MultiStepLR, milestones: [2, 20]}", "0.1", "MultiStepLR: milestones is 0.2 calls, which rounds to 0"),
        ("[{type: LinearLR, for: 2}, {type: none}]", "0.1", "for is 0.2 calls, which rounds to 0"),
        ("[{type: LinearLR, for: 6}, {type: none, for: 6}, {type: none}]", "0.1", "no call is left for this phase"),
    ],
)
def test_a_length_that_vanishes_is_an_error(scheduler: str, factor: str, said: str) -> None:
    assert said in refused(scheduler, factor)


def test_a_milestone_at_0_stays() -> None:
    assert notes(of("{type: MultiStepLR, milestones: [0, 10]}", "0.1")) == []


def test_a_wrong_file_is_wrong_in_its_own_numbers() -> None:
    assert "step_size must be a whole number of calls (got 2.5)" in refused("{type: StepLR, step_size: 2.5}")
    assert "the phases are 30 epochs long, but the run is 40" in refused("[{type: none, for: 30}]")


def test_a_run_may_not_become_too_long() -> None:
    assert "at most 100,000,000 calls (this one has 400,000,000)" in refused("none", "1e7")


def test_set_comes_first() -> None:
    text = f"epochs: 40\n{SGD}scheduler: {{type: StepLR, step_size: 15}}\n"
    found = read(text, "2", "step_size=10", "epochs=30")
    assert found.run.epochs == 60
    assert found.scheduler.arguments["step_size"] == 20  # type: ignore[union-attr]
    cut = read(f"epochs: 40\n{SGD}scheduler: [{{type: none, for: 20}}, {{type: none, for: 20}}]\n", "2", "epochs=30")
    assert spans(cut) == [(0, 40), (40, 20)]


def test_each_schedule_of_a_file_is_stretched_by_itself() -> None:
    text = (
        f"epochs: 10\n{SGD}schedules:\n  a: {{scheduler: {{type: StepLR, step_size: 5}}}}\n"
        "  b: {steps: 100, scheduler: {type: StepLR, step_size: 5}, expect: {at: {5: 0.01}}}\n"
        "  c: {scheduler: {type: LambdaLR, lr_lambda: 1 / (t + 1)}}\n"
    )
    found = load_text(text, "f.yaml", None, (), lambda name: name != "c", stretch=stretch_of("2"))
    assert [(each.name, each.run.ticks) for each in found] == [("a", 20), ("b", 200), ("c", 10)]
    with pytest.raises(ScheduleError, match="lr_lambda holds lengths that cannot be stretched"):
        load_text(text, "f.yaml", stretch=stretch_of("2"))


def test_of_a_class_of_the_users_only_lengths_with_a_unit_are_longer() -> None:
    plan = "{type: my.own.Warmup, warmup: 5 epochs, rest: 10%, power: 2, steps: 7, cut: 0.5}"
    text = f"epochs: 40\n{SGD}scheduler: {plan}\n"
    (found,) = load_text(text, "f.yaml", trust=True, stretch=stretch_of("2"))
    assert found.scheduler is not None
    assert dict(found.scheduler.arguments) == {  # type: ignore[union-attr]
        "warmup": 10, "rest": 8, "power": 2, "steps": 7, "cut": 0.5,
    }  # fmt: skip
    assert list(map(str, found.remarks)) == [
        "f.yaml:3:12: warning: my.own.Warmup keeps power: 2, steps: 7: of a class of your own only lengths with a unit "
        "are stretched [stretch-kept]\n  hint: write what is a length with its unit: warmup: 500 steps"
    ]


def test_epochs_of_a_one_cycle_beside_total_steps_have_no_meaning() -> None:
    found = of("{type: OneCycleLR, max_lr: 1, total_steps: 40, epochs: 10}")
    assert found.scheduler.arguments["total_steps"] == 80  # type: ignore[union-attr]


# --- expressions ---------------------------------------------------------------------------------------------------

FOLLOW = [
    "0.5", "(1 - t / T) ** 0.9", "(t + 1) / T", "1 - n / N", "0.1 ** floor(3 * t / T)", "cos(pi * t / T) / 2 + 0.5",
    "min(10 * t / T, 1) * (1 - t / T)", "max(0.01, 1 - t / T)", "exp(-5 * t / N)", "1 if t < T / 2 else 0.1",
    "min((t + 1) / (0.1 * T), 1)", "0.01 ** (t / T)",
]  # fmt: skip
HOLD_LENGTHS = [
    "min(t / 100, 1) * (1 - t / T)", "0.1 ** (t // 30)", "(t + 1) ** -0.5", "0.999 ** t", "1 if t < 500 else 0.1",
    "min(t / 5, 1)", "1 - t / 1000", "min(1, (T - t) / 50)", "epoch / 10", "max(0.1, 1 - step / 400)",
    "min(min((t + 1) ** -0.5, (t + 1) * 10 ** -1.5), t / T)",
]  # fmt: skip
RUN = "epochs: 10\nsteps_per_epoch: 100\ninterval: step"


@pytest.mark.parametrize("factor", ["2", "0.5", "3/2", "10"])
@pytest.mark.parametrize("text", FOLLOW)
def test_a_function_of_the_part_of_the_run_follows(text: str, factor: str) -> None:
    found = of(f"{{type: LambdaLR, lr_lambda: '{text}'}}", factor, RUN)
    assert found.run.calls == 1000 * Fraction(factor)


@pytest.mark.parametrize("factor", ["2", "0.5", "10"])
@pytest.mark.parametrize("text", HOLD_LENGTHS)
def test_a_function_that_holds_lengths_is_refused(text: str, factor: str) -> None:
    said = refused(f"{{type: LambdaLR, lr_lambda: '{text}'}}", factor, RUN)
    assert said.startswith("f.yaml:5:40: error: LambdaLR: lr_lambda holds lengths that cannot be stretched: by ")
    assert "hint: write lengths as parts of T" in said


def test_the_error_shows_where_the_curves_part() -> None:
    assert refused("{type: LambdaLR, lr_lambda: t / 10}", "2", "epochs: 40") == (
        "f.yaml:3:40: error: LambdaLR: lr_lambda holds lengths that cannot be stretched: by 2, `t / 10` is 8 at call "
        "80, where the plan has 4\n  hint: write lengths as parts of T, the length of this scheduler, or of N, that of "
        "the run: `t / T`; or stretch it by hand: `(t / 2) / 10`"
    )


@pytest.mark.parametrize("text", HOLD_LENGTHS)
@pytest.mark.parametrize("factor", ["2", "1/2", "3/2"])
def test_what_the_hint_says_is_the_stretched_curve(text: str, factor: str) -> None:
    """Beside the file's own curve, with numbers that Python computes."""
    by_hand = divided(text, Fraction(factor))
    was = parse(text, ("t", "T", "epoch", "step")).function("t", {"T": 1000, "epoch": "t / 100", "step": "t"})
    long = of(
        "{type: LambdaLR, lr_lambda: '" + by_hand + "'}", "1", RUN.replace("10\n", f"{int(10 * Fraction(factor))}\n")
    )
    curve = simulate(long).lr[:, 0]
    assert np.allclose(curve, [0.1 * was(float(call / Fraction(factor))) for call in range(len(curve))], rtol=1e-12)


def test_functions_of_groups_of_phases_and_of_a_sequence() -> None:
    groups = "optimizer: {groups: [{name: a, lr: 1}, {name: b, lr: 2}]}\n"
    text = f"epochs: 40\n{groups}scheduler: {{type: LambdaLR, lr_lambda: {{a: 1 - t / T, b: 1 - t / 40}}}}\n"
    with pytest.raises(ScheduleError) as raised:
        read(text)
    assert [each.where.column for each in raised.value.problems] == [58]
    assert spans(of("[{type: LambdaLR, lr_lambda: t / T, for: 10}, {type: LambdaLR, lr_lambda: 1 - n / N}]")) == [
        (0, 20),
        (20, 60),
    ]
    of("{type: SequentialLR, milestones: [10], schedulers: [{type: LambdaLR, lr_lambda: t / T}, {type: LinearLR}]}")
    assert "holds lengths" in refused("[{type: LambdaLR, lr_lambda: t / 10, for: 10}, {type: none}]")


def test_a_compounding_factor_that_depends_on_the_call() -> None:
    of("{type: MultiplicativeLR, lr_lambda: 1 - 1 / T}", "2", RUN)
    assert "use a LambdaLR" in refused("{type: MultiplicativeLR, lr_lambda: 0.9 if t < 20 else 0.98}")
    said = refused("{type: MultiplicativeLR, lr_lambda: 1 - 1 / T}", "2", "steps: 150000")
    assert "stretched only in a run of at most 200,000 calls (this one has 300,000)" in said


def test_scale_fn_of_the_call_holds_lengths() -> None:
    form = "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 4, cycle_momentum: false, scale_fn: 0.99 ** x"
    of(f"{form}}}")
    assert "with `scale_mode: cycle` it is a function of the cycle" in refused(f"{form}, scale_mode: iterations}}")


# --- what is expected ----------------------------------------------------------------------------------------------


def test_expectations_are_of_the_stretched_run() -> None:
    more = (
        "expect: {at: {0: 0.1, 10: 0.01, 50%: 0.01, last: 1e-4, end: 1e-5, 39 epochs: 1e-4}, increasing: [0, 5],\n"
        "  decreasing: [[0, 10], [20 epochs, end]], constant: [10, 15], peak: 0, warmup: 0 epochs, epochs: 40,\n"
        "  calls: 40, max: 0.1, max_jump: 10, tolerance: 1e-3, area: 2}\n"
    )
    assert expected(of("{type: StepLR, step_size: 10}", "2", more=more)) == {
        "at": {0: 0.1, 20: 0.01, "50%": 0.01, "last": 1e-4, "end": 1e-5, "78 epochs": 1e-4},
        "increasing": [0, 10],
        "decreasing": [[0, 20], ["40 epochs", "end"]],
        "constant": [20, 30],
        "peak": 0,
        "warmup": "0 epochs",
        "epochs": 80,
        "calls": 80,
        "max": 0.1,
        "max_jump": 10,
        "tolerance": 1e-3,
        "area": 4.0,
    }


@pytest.mark.parametrize("factor", ["0.5", "1/3", "0.35", "1.5", "2"])
@pytest.mark.parametrize("interval", ["epoch", "step", "3 steps"])
def test_an_expected_drop_is_where_the_drop_is(factor: str, interval: str) -> None:
    """Places round as milestones do: a value expected at a milestone is expected there after rounding."""
    run = f"epochs: 40\nsteps_per_epoch: 3\ninterval: {interval}"
    places = [5, 15, 25] if interval == "epoch" else ["5 epochs", "45 steps", "25 epochs"]
    milestones = [5, "15 epochs", 25] if interval == "epoch" else ["5 epochs", "45 steps", "25 epochs"]
    values = {place: 0.1 * 0.5 ** (index + 1) for index, place in enumerate(places)}
    more = f"expect: {{at: {json.dumps(values).replace(chr(34) + '5' + chr(34), '5')}}}\n"
    more = more.replace('"15"', "15").replace('"25"', "25")
    found = of(f"{{type: MultiStepLR, milestones: {json.dumps(milestones)}, gamma: 0.5}}", factor, run, more)
    curve = simulate(found)
    for each in found.expect.expected:
        tick = each.places[0].tick
        assert curve.lr[tick, 0] == pytest.approx(each.value)  # type: ignore[attr-defined]
        assert curve.lr[tick - 1, 0] == pytest.approx(2 * each.value)  # type: ignore[attr-defined]


def test_a_place_before_a_drop_stays_before_it() -> None:
    more = "expect: {at: {9: 0.1, 10: 0.01, 19: 0.01, 20: 0.001}, constant: [[0, 9], [10, 19]]}\n"
    assert expected(of("{type: StepLR, step_size: 10}", "1/3", more=more)) == {  # drops at 3 and 6
        "at": {2: 0.1, 3: 0.01, 5: 0.01, 6: 0.001},
        "constant": [[0, 2], [3, 5]],
    }
    assert expected(of("{type: StepLR, step_size: 10}", "3", more=more)) == {  # the last epoch before a drop is that
        "at": {27: 0.1, 30: 0.01, 57: 0.01, 60: 0.001},
        "constant": [[0, 29], [30, 59]],
    }


@pytest.mark.parametrize("factor", ["0.3", "1/2", "7/10", "2", "3"])
@pytest.mark.parametrize(
    "scheduler",
    [
        "[{type: LinearLR, for: 7}, {type: none, for: 9}, {type: CosineAnnealingLR}]",
        "{type: SequentialLR, milestones: [7], schedulers:"
        " [{type: LinearLR, total_iters: 7}, {type: StepLR, step_size: 9}]}",
        "{type: OneCycleLR, max_lr: 0.1, pct_start: 0.2}",
        "{type: ChainedScheduler, schedulers: [{type: LinearLR, total_iters: 7}, {type: StepLR, step_size: 16}]}",
    ],
)
def test_warmup_and_ranges_hold_of_the_stretched_curve(scheduler: str, factor: str) -> None:
    peak = 7
    more = f"expect: {{warmup: {peak}, peak: {peak}, increasing: [0, {peak}], decreasing: [{peak}, last]}}\n"
    values = simulate(of(scheduler, factor, more=more)).lr[:, 0]
    found = expected(of(scheduler, factor, more=more))
    assert found["warmup"] == found["peak"] == int(np.isclose(values, values.max(), rtol=1e-12).argmax())
    assert (np.diff(values[: found["peak"] + 1]) >= -1e-15).all()
    assert (np.diff(values[found["decreasing"][0] :]) <= 1e-15).all()


def test_expectations_by_group_and_places_between_calls() -> None:
    text = (
        "epochs: 40\noptimizer: {groups: [{name: a, lr: 1}, {name: b, lr: 2}]}\nscheduler: none\n"
        "expect: {peak: {a: 5, b: 0}, area: {a: 40}, at: {2.5: 1, 7: 2}}\n"
    )
    found = expected(read(text, "2"))
    assert found == {"peak": {"a": 10, "b": 0}, "area": {"a": 80.0}, "at": {5: 1, 14: 2}}
    assert expected(read(text, "1/2"))["at"] == {1.25: 1, 4: 2}


def test_a_length_expected_of_a_run_that_rounds() -> None:
    more = "expect: {epochs: 5, steps: 35, calls: 35}\n"
    found = expected(of("none", "0.5", "epochs: 5\nsteps_per_epoch: 7\ninterval: step", more))
    assert found == {"epochs": 3, "steps": 21, "calls": 21}


# --- --keep-warmup --------------------------------------------------------------------------------------------------

WARM = "[{type: LinearLR, for: 5}, {type: CosineAnnealingLR, for: 35}]"


def test_the_rest_fills_the_run() -> None:
    assert spans(of(WARM, keep_warmup=True)) == [(0, 5), (5, 75)]
    assert spans(of(WARM, "0.5", keep_warmup=True)) == [(0, 5), (5, 15)]
    three = "[{type: LinearLR, for: 10%}, {type: none, for: 16 epochs}, {type: CosineAnnealingLR, for: 50%}]"
    assert spans(of(three, keep_warmup=True)) == [(0, 4), (4, 34), (38, 42)]
    rest = "[{type: LinearLR, for: 4 epochs}, {type: CosineAnnealingLR}, {type: LinearLR, for: 9}]"
    assert spans(of(rest, "10", keep_warmup=True)) == [(0, 4), (4, 297), (301, 99)]


def test_a_formula_that_rises_is_a_warmup() -> None:
    assert spans(of("[{type: LambdaLR, lr_lambda: (t + 1) / T, for: 5}, {type: none}]", keep_warmup=True))[0] == (0, 5)


def test_places_follow_the_rest() -> None:
    more = "expect: {warmup: 5, peak: 5 epochs, at: {2: 0.06, 12.5%: 0.1, 22.5: 0.05, 50%: 0.07, last: 0}, calls: 40}\n"
    found = expected(of(WARM, "2", more=more, keep_warmup=True))
    assert found["warmup"] == 5
    assert found["peak"] == "5 epochs"
    assert found["calls"] == 80
    assert list(found["at"]) == [2, "5 epochs", 42.5, "37 epochs", "last"]


@pytest.mark.parametrize(
    "scheduler",
    [
        "{type: CosineAnnealingLR}", "none", "[{type: none, for: 5}, {type: LinearLR}]", "[{type: LinearLR}]",
        "{type: LinearLR}", "{type: OneCycleLR, max_lr: 1, three_phase: true}",
        "{type: ChainedScheduler, schedulers: [{type: LinearLR}, {type: StepLR, step_size: 5}]}",
        "{type: SequentialLR, milestones: [5], schedulers: [{type: StepLR, step_size: 5}, {type: LinearLR}]}",
        "[{type: LinearLR, start_factor: 1, end_factor: 0.5, for: 5}, {type: none}]",
        "[{type: LambdaLR, lr_lambda: 1 - t / T, for: 5}, {type: none}]",
    ],
)  # fmt: skip
def test_a_warmup_that_cannot_be_told_is_an_error(scheduler: str) -> None:
    assert "--keep-warmup: there is no warmup that can be told from the rest" in refused(scheduler, keep_warmup=True)


def test_a_run_with_no_room_behind_the_warmup_is_an_error() -> None:
    assert refused(WARM, "1/10", keep_warmup=True).startswith(
        "f.yaml:1:1: error: f: --keep-warmup: the warmup is 5 epochs, and the stretched run only 4 epochs"
    )


# --- the factor ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "factor"), [("2", 2), ("0.5", "1/2"), ("1/3", "1/3"), ("150%", "3/2"), (" 2 ", 2)])
def test_a_factor_is_exact(text: str, factor: str) -> None:
    found = stretch_of(text)
    assert found is not None
    assert found.factor == Fraction(factor)


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "1e9", "1/0", "nan", "inf", "2 epochs", "1_000", "%", "1e-9"])
def test_what_is_no_factor(text: str) -> None:
    with pytest.raises(ScheduleError, match=r"^--stretch: error: (expected a number above 0|a factor is above 0)"):
        stretch_of(text)


def test_keep_warmup_needs_a_factor() -> None:
    with pytest.raises(ScheduleError, match="--keep-warmup needs a factor beside it"):
        stretch_of(None, keep_warmup=True)


def test_only_names_of_times_are_divided() -> None:
    assert [divided(name, Fraction(1, 3)) for name in ("tanh(t)", "T - t", "epoch + step", "n / N")] == [
        "tanh((t * 3))",
        "(T * 3) - (t * 3)",
        "(epoch * 3) + (step * 3)",
        "(n * 3) / (N * 3)",
    ]
