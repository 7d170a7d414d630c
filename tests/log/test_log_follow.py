"""Whether a log followed the plan: what is compared with what, and how it is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from training_runs import outcome

from lrviz.checks.finding import Finding, Held
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.log import follow, read_log

STEP = "steps: 40\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 10, gamma: 0.5}\n"
EPOCHS = "epochs: 4\nsteps_per_epoch: 10\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 1, gamma: 0.5}\n"
BY_STEP = "epochs: 4\nsteps_per_epoch: 10\ninterval: step\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
GROUPS = (
    "steps: 20\noptimizer:\n  groups: [{name: body, lr: 0.1}, {name: head, lr: 0.03}]\n"
    "scheduler: {type: ExponentialLR, gamma: 0.9}\n"
)


def step_lr(step: float) -> float:
    return 0.1 * math.pow(0.5, step // 10)


def written(found: list[Finding | Held]) -> list[str]:
    """Each finding without its hint: severity, line, code and message."""
    return [
        f"{each.severity if isinstance(each, Finding) else 'held'} {each.where.line} {each.code}: {each.message}"
        for each in found
    ]


def held(found: list[Finding | Held]) -> bool:
    errors = [each for each in found if isinstance(each, Finding) and each.severity == "error"]
    assert isinstance(found[0], Held) == (not errors)
    return not errors


def read(path: Path, text: str, plan: str = STEP, **options: object) -> list[Finding | Held]:
    path.write_text(text)
    (schedule,) = load_text(plan, "plan.yaml")
    return follow(schedule, simulate(schedule), read_log(str(path)), schedule.name, **options)  # type: ignore[arg-type]


# --- words ---------------------------------------------------------------------------------------------------


def test_a_log_that_followed_says_how_much_was_compared(tmp_path: Path) -> None:
    assert written(outcome(tmp_path, STEP, [(step, step_lr(step)) for step in range(0, 40, 5)])) == [
        "held 0 log: the log followed the plan: 8 records, step 0 to step 35"
    ]
    assert written(outcome(tmp_path, EPOCHS, [(0, 0.1), (39, 0.0125)])) == [
        "held 0 log: the log followed the plan: 2 records, step 0 (epoch 0) to step 39 (epoch 3.9)"
    ]
    assert written(outcome(tmp_path, EPOCHS, [(0, 0.1), (3, 0.0125)], clock="epoch")) == [
        "held 0 log: the log followed the plan: 2 records, epoch 0 to epoch 3"
    ]


def test_a_log_that_parts_says_where_how_often_and_by_how_much_at_most(tmp_path: Path) -> None:
    rows = [(0, 0.1), (5, 0.11), (10, 0.05), (15, 0.5), (20, 0.025), (25, 0.0), (39, 0.0125)]
    assert written(outcome(tmp_path, STEP, rows)) == [
        "error 3 log: step 5: logged 0.11, planned 0.1, ratio 1.1; 3 of 7 records deviate from the plan, most at "
        "step 25: logged 0, planned 0.025, ratio 0"
    ]
    rows = [(0, 0.1), (5, 0.1000002), (39, 0.0125)]
    assert written(outcome(tmp_path, STEP, rows)) == [
        "error 3 log: step 5: logged 0.1000002, planned 0.1, ratio 1.000002; 1 of 3 records deviates from the plan"
    ]
    rows = [(-1, 0.1), (0, 0.1), (39, 0.0125)]
    assert written(outcome(tmp_path, STEP, rows)) == [
        "error 2 log: step -1: logged 0.1, before the run begins; 1 of 3 records deviates from the plan"
    ]


def test_everything_is_of_the_kind_log_and_of_the_schedule(tmp_path: Path) -> None:
    for rows in ([(0, 0.1), (1, 0.1)], [(0, 0.2), (1, 0.1)]):
        found = outcome(tmp_path, STEP, rows)
        assert {each.schedule for each in found} == {"plan"}
        assert {each.kind for each in found if isinstance(each, Finding)} == {"log"}


# --- what is compared with what ------------------------------------------------------------------------------


def test_the_step_after_the_last_is_the_end_and_none_comes_after_it(tmp_path: Path) -> None:
    cosine = "steps: 10\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
    values = [0.05 * (1 + math.cos(math.pi * step / 10)) for step in range(11)]
    assert held(outcome(tmp_path, cosine, enumerate(values)))
    assert not held(outcome(tmp_path, cosine, enumerate([*values, 0.0])))
    assert not held(outcome(tmp_path, cosine, enumerate([*values[:-1], values[-2]])))


def test_a_run_that_is_called_once_an_epoch_by_steps_and_by_epochs(tmp_path: Path) -> None:
    rows = [(step, 0.1 * 0.5 ** (step // 10)) for step in range(41)]
    assert held(outcome(tmp_path, EPOCHS, rows))
    assert held(outcome(tmp_path, EPOCHS, [(step / 10, lr) for step, lr in rows], clock="epoch"))
    assert not held(outcome(tmp_path, EPOCHS, [*rows, (41, 0.1 * 0.5**4)]))
    assert not held(outcome(tmp_path, EPOCHS, [(0, 0.1), (4.1, 0.1 * 0.5**4)], clock="epoch"))
    assert not held(outcome(tmp_path, EPOCHS, [(0, 0.1), (1, 0.1)], clock="epoch"))


def test_a_last_epoch_that_is_cut_short(tmp_path: Path) -> None:
    text = "steps: 25\nsteps_per_epoch: 10\ninterval: epoch\n" + STEP.partition("\n")[2].replace("10, gamma: 0.5", "1")
    assert held(outcome(tmp_path, text, [(0, 0.1), (24, 0.001), (25, 0.001)]))
    assert held(outcome(tmp_path, text, [(0, 0.1), (24, 0.001), (25, 0.0001)]))
    assert not held(outcome(tmp_path, text, [(0, 0.1), (24, 0.001), (26, 0.001)]))


def test_epochs_that_were_rounded_mean_any_step_that_they_may_be_of(tmp_path: Path) -> None:
    values = [0.05 * (1 + math.cos(math.pi * step / 40)) for step in range(41)]
    third = BY_STEP.replace("epochs: 4", "epochs: 1").replace("steps_per_epoch: 10", "steps_per_epoch: 40")
    rows = [(step / 40, lr) for step, lr in enumerate(values)]
    assert held(outcome(tmp_path, third, rows, clock="epoch"))
    rounded = [(round(at, 1), lr) for at, lr in rows]
    assert held(outcome(tmp_path, third, rounded[1:], clock="epoch")) == all(
        abs(at * 40 - step) > 1e-6 for step, (at, _) in enumerate(rounded[1:], 1)
    )
    assert held(outcome(tmp_path, third, [(f"{at:.2f}", lr) for at, lr in rows], clock="epoch"))
    off = [(f"{at:.2f}", values[min(step + 4, 40)]) for step, (at, _) in enumerate(rows)]
    assert not held(outcome(tmp_path, third, off, clock="epoch"))


def test_a_hugging_face_log_of_steps_made_and_the_rate_after_them(tmp_path: Path) -> None:
    history = ", ".join(
        f'{{"epoch": {step / 10}, "learning_rate": {step_lr(step)}, "loss": 1.0, "step": {step}}}'
        for step in (10, 20, 30)
    )
    text = f'{{"global_step": 40, "log_history": [{history}, {{"epoch": 4.0, "step": 40, "train_loss": 1.0}}]}}'
    found = read(tmp_path / "trainer_state.json", text)
    assert written(found)[0] == "held 0 log: the log followed the plan: 3 records, step 10 to step 30"


def test_records_without_a_step_are_passed_over_with_a_note(tmp_path: Path) -> None:
    found = read(tmp_path / "log.csv", "step,lr\n0,0.1\n,0.7\n,0.7\n39,0.0125\n")
    assert written(found)[1:] == ["note 0 log-passed-over: skipped 2 records without a step"]
    assert held(found)


def test_records_without_any_clock_are_calls(tmp_path: Path) -> None:
    assert held(read(tmp_path / "log.csv", "lr\n" + "".join(f"{step_lr(step)}\n" for step in range(40))))
    found = read(tmp_path / "log.csv", "lr\n" + "".join(f"{step_lr(step)}\n" for step in range(1, 40)))
    assert written(found)[0].startswith("error 11 log: step 9: logged 0.05, planned 0.1")


def test_a_log_that_counts_what_the_run_does_not_know_is_an_error(tmp_path: Path) -> None:
    without = EPOCHS.replace("steps_per_epoch: 10\n", "")
    with pytest.raises(ScheduleError) as caught:
        read(tmp_path / "log.csv", "step,lr\n0,0.1\n", without)
    assert str(caught.value).replace(f"{tmp_path}/", "") == (
        "log.csv: error: the log counts steps, but plan is a run in epochs\n  hint: give the run `steps_per_epoch` or "
        "`data`; if 'step' counts epochs, pass --step-column step"
    )
    with pytest.raises(ScheduleError, match="the log counts epochs, but plan is a run in steps"):
        read(tmp_path / "log.csv", "epoch,lr\n0,0.1\n")
    assert held(read(tmp_path / "log.csv", "step,epoch,lr\n0,0,0.1\n1,0,0.1\n10,1,0.05\n", without))


def test_a_count_that_says_no_unit_is_of_steps_or_of_epochs_where_those_follow(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    (schedule,) = load_text(EPOCHS, "plan.yaml")
    curve = simulate(schedule)
    path.write_text("at,lr\n0,0.1\n1,0.05\n2,0.025\n3,0.0125\n")
    found = follow(schedule, curve, read_log(str(path), step_column="at"), "plan")
    assert written(found) == [
        "held 0 log: the log followed the plan: 4 records, epoch 0 to epoch 3",
        "note 0 log-column: the log's steps are read as epochs: as epochs they follow the plan",
    ]
    path.write_text("at,lr\n0,0.1\n10,0.05\n20,0.025\n30,0.0125\n")
    found = follow(schedule, curve, read_log(str(path), step_column="at"), "plan")
    assert written(found)[0].endswith("4 records, step 0 (epoch 0) to step 30 (epoch 3)")
    path.write_text("at,lr\n0,0.1\n1,0.3\n")
    found = follow(schedule, curve, read_log(str(path), step_column="at"), "plan")
    assert written(found)[0].startswith("error 3 log: step 1 (epoch 0.1): logged 0.3")


def test_shift(tmp_path: Path) -> None:
    rows = [(step + 1, step_lr(step)) for step in range(40)]
    assert held(outcome(tmp_path, STEP, rows, shift=-1))
    assert not held(outcome(tmp_path, STEP, rows))
    assert not held(outcome(tmp_path, STEP, rows, shift=1))
    assert held(outcome(tmp_path, EPOCHS, [(1, 0.1), (2, 0.05)], clock="epoch", shift=-1))


# --- how exact -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-8])
def test_the_tolerance_is_the_schedules_own(tmp_path: Path, tolerance: float) -> None:
    text = f"{STEP}expect: {{tolerance: {tolerance!r}}}\n"
    assert held(outcome(tmp_path, text, [(0, 0.1), (15, 0.05 * (1 + 0.9 * tolerance))]))
    assert not held(outcome(tmp_path, text, [(0, 0.1), (15, 0.05 * (1 + 1.1 * tolerance))]))


def test_what_is_next_to_nothing_beside_the_peak_is_nothing(tmp_path: Path) -> None:
    linear = "{type: LinearLR, start_factor: 1.0, end_factor: 0.0, total_iters: 5}"
    text = f"steps: 10\noptimizer: {{lr: 0.1}}\nscheduler: {linear}\n"
    assert held(outcome(tmp_path, text, [(0, 0.1), (6, 0.9e-10)]))
    assert not held(outcome(tmp_path, text, [(0, 0.1), (6, 1.1e-10)]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    seed=st.sampled_from(["%.6f", "%.4g", "%.3e", "%.8f", "%.3g"]),
    peak=st.floats(1e-3, 1.0), gamma=st.floats(0.8, 0.99), wrong=st.integers(0, 39), by=st.floats(1.02, 2.0),
)  # fmt: skip
def test_written_with_any_format_a_right_log_holds_and_a_wrong_record_parts(
    tmp_path: Path, seed: str, peak: float, gamma: float, wrong: int, by: float
) -> None:
    text = f"steps: 40\noptimizer: {{lr: {peak!r}}}\nscheduler: {{type: ExponentialLR, gamma: {gamma!r}}}\n"
    rows = [(step, peak * gamma**step) for step in range(40)]
    write: Callable[[float], str] = seed.__mod__
    assert held(outcome(tmp_path, text, rows, write))
    planned = rows[wrong][1]
    other = float(write(planned * by))
    if abs(other - planned) > 2e-6 and abs(other / planned - 1) > 0.011:  # more than any of these formats takes off
        rows[wrong] = (wrong, planned * by)
        assert not held(outcome(tmp_path, text, rows, write))


def test_infinite_and_missing_learning_rates(tmp_path: Path) -> None:
    found = read(tmp_path / "log.csv", "step,lr\n0,0.1\n1,inf\n2,nan\n")
    assert written(found) == [
        "error 3 log: step 1: logged inf, planned 0.1, ratio infinite; 1 of 2 records deviates from the plan",
        "note 0 log-passed-over: skipped 1 record whose learning rate is nan",
        "note 0 log-ends-early: the log ends at step 1, the run at step 39",
    ]
    grows = "steps: 9\noptimizer: {lr: 1e+300}\nscheduler: {type: ExponentialLR, gamma: 1e+10}\n"
    assert held(read(tmp_path / "log.csv", "step,lr\n0,1e300\n2,inf\n", grows))


# --- param groups --------------------------------------------------------------------------------------------


def test_param_groups(tmp_path: Path) -> None:
    first = [(step, 0.1 * 0.9**step) for step in range(20)]
    second = [(step, 0.03 * 0.9**step) for step in range(20)]
    found = outcome(tmp_path, GROUPS, first)
    assert held(found)
    assert written(found)[1:] == [
        "note 0 log-group: param groups differ; the log is compared with the first, 'body' (--group NAME for another)"
    ]
    assert len(outcome(tmp_path, GROUPS, first, group="body")) == 1
    assert held(outcome(tmp_path, GROUPS, second, group="head"))
    assert not held(outcome(tmp_path, GROUPS, second))
    with pytest.raises(ScheduleError) as caught:
        outcome(tmp_path, GROUPS, second, group="heads")
    assert str(caught.value) == "plan.yaml:1:1: error: plan has no param group 'heads'\n  hint: did you mean head?"


# --- ends ----------------------------------------------------------------------------------------------------


def test_a_log_that_ends_early_is_noted(tmp_path: Path) -> None:
    rows = [(step, step_lr(step)) for step in range(0, 40, 3)]
    assert len(outcome(tmp_path, STEP, rows)) == 1
    assert len(outcome(tmp_path, STEP, rows[:-1])) == 1 + (36 + 3 < 40)
    assert written(outcome(tmp_path, STEP, rows[:5]))[1:] == [
        "note 0 log-ends-early: the log ends at step 12, the run at step 39"
    ]
    assert written(outcome(tmp_path, EPOCHS, [(0, 0.1), (1, 0.05)], clock="epoch"))[1:] == [
        "note 0 log-ends-early: the log ends at epoch 1, the run at epoch 3 (step 30)"
    ]


@pytest.mark.parametrize(
    ("last", "cut"),
    [
        ("39,0.0125", False),  # whole
        ("39,0.01", True),
        ("39,0.", True),
        ("3,0.0125", True),  # of 39
        ("39,0.02", False),
        ("39,0.0126", False),
    ],
)
def test_a_last_number_that_is_only_begun_is_left_out(tmp_path: Path, last: str, cut: bool) -> None:
    found = read(tmp_path / "log.csv", f"step,lr\n0,0.1\n35,0.0125\n{last}")
    assert ("note 4 log-cut-off: the last line is cut off, and was skipped" in written(found)) == cut
    assert held(found) == (cut or last == "39,0.0125")
    found = read(tmp_path / "log.csv", f"step,lr\n0,0.1\n35,0.0125\n{last}\n")  # a whole line
    assert held(found) == (last == "39,0.0125")


def test_steps_that_are_logged_twice_are_both_compared(tmp_path: Path) -> None:
    assert held(read(tmp_path / "log.csv", "step,lr\n0,0.1\n5,0.1\n15,0.05\n5,0.1\n15,0.05\n"))
    for wrong in ("0,0.1\n5,0.2\n15,0.05\n5,0.1\n", "0,0.1\n5,0.1\n15,0.05\n5,0.2\n"):
        found = read(tmp_path / "log.csv", f"step,lr\n{wrong}")
        assert "step 5: logged 0.2" in written(found)[0]


@pytest.mark.parametrize("far", [10**14, -(10**14), 2**40])
def test_steps_far_out_are_no_fault(tmp_path: Path, far: int) -> None:
    for plan in (STEP, EPOCHS, BY_STEP):
        for clock in ("step", "epoch"):
            if plan is STEP and clock == "epoch":
                continue
            rows = [(0, 0.1), (1, 0.09), (2, 0.08), (far, 0.1), (3, 0.2), (far + 1, 0.1)]
            assert not held(outcome(tmp_path, plan, rows, clock=clock))
