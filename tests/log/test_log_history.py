"""Runs with a history: real torch loops that are stopped, resumed, changed by hand; each stretch has its own cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR, StepLR
from training_runs import PLANS, STEPS, Rows, Run, outcome, text_of

from lrviz.checks.finding import Finding, Held
from lrviz.engine.called import called_at, of_length
from lrviz.engine.simulate import simulate
from lrviz.loading import load_text
from lrviz.log.logged import LoggedRun

RESUME = "To resume, create optimizer and scheduler, then load the optimizer's state, then the scheduler's"


def told(folder: Path, text: str, rows: Rows, **options: Any) -> list[str] | None:
    """The hint, then the stretches; None where the log held."""
    first, *more = outcome(folder, text, rows, of_length=of_length, **options)
    if not isinstance(first, Finding):
        return None
    return [first.hint, *(each.message for each in more if isinstance(each, Finding) and each.code == "log-stretch")]


def runs(plan: str, *starts: tuple[int, int, str]) -> Rows:
    """A log of several starts: each trains from a step up to another, after the run was resumed there by a recipe."""
    rows: Rows = []
    for begin, end, recipe in starts:
        run = Run(PLANS[plan][1]).train(begin)
        if recipe:
            run.resume(recipe)
        rows += run.train(end).rows[begin:]
    return rows


def with_skips(plan: str, skipped: set[int]) -> Rows:
    """A run that does not call its scheduler at some steps, whose optimizer step AMP skipped."""
    run = Run(PLANS[plan][1])
    for step in range(STEPS):
        run.train(step + 1, stepped=step not in skipped)
    return run.rows


def changed_by_hand(plan: str, *changes: tuple[int, float]) -> Run:
    """A run whose learning rate is multiplied at some steps, up to the last of them."""
    run = Run(PLANS[plan][1])
    for step, factor in changes:
        run.train(step).optimizer.param_groups[0]["lr"] *= factor
    return run


# --- several starts ------------------------------------------------------------------------------------------


OVER_AT_30 = "every record follows a plan that started over at step 30: was the run resumed without state?"


def test_a_wrong_start_between_right_ones(tmp_path: Path) -> None:
    rows = runs("cosine", (0, 50, ""), (30, 60, "n"), (45, 100, "nOS"))
    assert told(tmp_path, text_of("cosine"), rows) == [
        f"step 30 to step 59: {OVER_AT_30} {RESUME}",
        "step 0 to step 49: follows the plan",
        f"step 30 to step 59: {OVER_AT_30}",
        "step 45 to step 99: follows the plan",
    ]


def test_two_wrong_starts_have_their_own_causes(tmp_path: Path) -> None:
    rows = runs("cosine", (0, 50, ""), (30, 60, "n"), (45, 100, "On"))
    assert told(tmp_path, text_of("cosine"), rows) == [
        f"step 30 to step 59: {OVER_AT_30} {RESUME}",
        "step 0 to step 49: follows the plan",
        f"step 30 to step 59: {OVER_AT_30}",
        "step 45: follows the plan",
        "step 46 to step 99: every record follows a plan that started over at step 45, from the learning rate held "
        "there: was only the optimizer's state loaded?",
    ]


def test_a_start_that_goes_on_where_the_log_ends(tmp_path: Path) -> None:
    """The clock does not go back: that the run was resumed is seen by its learning rates."""
    rows = runs("cosine", (0, 40, ""), (40, 60, "n"), (60, 100, "nOS"))
    over = OVER_AT_30.replace("30", "40")
    assert told(tmp_path, text_of("cosine"), rows) == [
        f"step 40 to step 59: {over} {RESUME}",
        "step 0 to step 39: follows the plan",
        f"step 40 to step 59: {over}",
        "step 60 to step 99: follows the plan",
    ]


def test_one_call_late_from_a_start_on(tmp_path: Path) -> None:
    """The state was saved before the scheduler was called."""
    run = Run(PLANS["cosine"][1]).train(39).train(40, stepped=False).resume("nOS").train(STEPS)
    rows = [*Run(PLANS["cosine"][1]).train(50).rows, *run.rows[40:]]
    assert told(tmp_path, text_of("cosine"), rows) == [
        "from step 40 on, every record equals the plan 1 call earlier: was the state saved before scheduler.step() "
        "was called?"
    ]


def test_one_call_late_between_right_starts(tmp_path: Path) -> None:
    run = Run(PLANS["cosine"][1]).train(39).train(40, stepped=False).resume("nOS").train(70)
    rows = [*Run(PLANS["cosine"][1]).train(50).rows, *run.rows[40:], *runs("cosine", (60, STEPS, "nOS"))]
    late = "every record equals the plan 1 call earlier: was the state saved before scheduler.step() was called?"
    assert told(tmp_path, text_of("cosine"), rows) == [
        f"step 40 to step 69: {late}",
        "step 0 to step 49: follows the plan",
        f"step 40 to step 69: {late}",
        "step 60 to step 99: follows the plan",
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    plan=st.sampled_from(sorted(PLANS)),
    cuts=st.lists(st.tuples(st.integers(1, STEPS), st.integers(0, 30)), max_size=4),
    every=st.integers(1, 4),
)
def test_a_log_of_right_starts_holds(tmp_path: Path, plan: str, cuts: list[tuple[int, int]], every: int) -> None:
    rows: Rows = []
    begin = 0
    for end, back in cuts:
        rows += runs(plan, (begin, max(begin, end), "nOS" if begin else ""))[::every]
        begin = max(0, max(begin, end) - back)
    rows += runs(plan, (begin, STEPS, "nOS" if begin else ""))
    assert told(tmp_path, text_of(plan), rows) is None


def written(path: Path, rows: Rows) -> str:
    path.write_text("step,lr\n" + "".join(f"{step},{lr!r}\n" for step, lr in rows))
    return str(path)


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize(("begin", "is_told"), [(40, False), (45, False), (50, True)])
def test_logs_that_continue_each_other(tmp_path: Path, begin: int, is_told: bool, over: bool) -> None:
    """Records are 5 steps apart; the first log ends at step 40, where the run was stopped."""
    rows = runs("cosine", (0, 40, ""), (40, STEPS, "n" if over else "nOS"))
    first = written(tmp_path / "a.csv", runs("cosine", (0, 41, ""))[::5])
    second = written(tmp_path / "b.csv", rows[begin::5])
    (schedule,) = load_text(text_of("cosine"), "plan.yaml")
    curve = simulate(schedule)
    found: list[Finding | Held] = []
    for path, other in ((first, second), (second, first)):
        found += LoggedRun(path, others=(other,)).follow(schedule, curve, "plan", called_at, of_length)
    early = [each.message for each in found if isinstance(each, Finding) and each.code == "log-ends-early"]
    assert early == (["the log ends at step 40, the run at step 99"] if is_told else [])
    hints = [each.hint for each in found if isinstance(each, Finding) and each.code == "log"]
    assert all("as after a resume without state" in hint for hint in hints[-1:]) or begin == 50
    assert bool(hints) == over


# --- within a start ------------------------------------------------------------------------------------------


def test_an_optimizer_step_that_amp_skipped(tmp_path: Path) -> None:
    assert told(tmp_path, text_of("cosine"), with_skips("cosine", {40})) == [
        "from step 41 on, every record equals the plan 1 call earlier: did AMP skip an optimizer step there, or was "
        "the run resumed from a state of one call before?"
    ]


@pytest.mark.parametrize("plan", ["cosine", "sequential", "one-cycle", "polynomial"])
def test_optimizer_steps_that_amp_skipped_are_listed(tmp_path: Path, plan: str) -> None:
    assert told(tmp_path, text_of(plan), with_skips(plan, {0, 1, 40, 70})) == [
        "from step 1 on, 4 calls were left out, before step 1, step 2, step 41, step 71: did AMP skip optimizer steps "
        "there?"
    ]


def test_skipped_steps_of_a_plan_with_plateaus_show_where_it_drops(tmp_path: Path) -> None:
    assert told(tmp_path, text_of("step"), with_skips("step", {0, 1, 40, 70})) == [
        "from step 12 on, 4 calls were left out, before step 12, step 13, step 50, step 75: did AMP skip optimizer "
        "steps there?"
    ]


@pytest.mark.parametrize("plan", ["cosine", "polynomial"])
def test_a_learning_rate_changed_by_hand(tmp_path: Path, plan: str) -> None:
    by_hand = "was the learning rate changed by hand?"
    rows = changed_by_hand(plan, (40, 0.5)).train(STEPS).rows
    assert told(tmp_path, text_of(plan), rows) == [f"from step 40 on, every record is 0.5 times the plan: {by_hand}"]
    rows = changed_by_hand(plan, (40, 0.5), (70, 0.1)).train(STEPS).rows
    assert told(tmp_path, text_of(plan), rows) == [
        f"step 40 to step 69: every record is 0.5 times the plan: {by_hand}",
        "step 0 to step 39: follows the plan",
        f"step 40 to step 69: every record is 0.5 times the plan: {by_hand}",
        f"step 70 to step 99: every record is 0.05 times the plan: {by_hand}",
    ]


def test_a_change_by_hand_that_the_next_call_puts_right(tmp_path: Path) -> None:
    rows = changed_by_hand("lambda", (40, 0.5)).train(STEPS).rows
    assert told(tmp_path, text_of("lambda"), rows) == [
        "only step 40: before and after, the run follows the plan; was the learning rate set by hand there?"
    ]


def test_a_scheduler_that_is_not_called_for_a_while(tmp_path: Path) -> None:
    rows = Run(PLANS["cosine"][1]).train(40).train(60, stepped=False).train(STEPS).rows
    held = "the learning rate stays at 0.0654508: is scheduler.step() still called?"
    assert told(tmp_path, text_of("cosine"), rows) == [
        f"step 41 to step 60: {held}",
        "step 0 to step 40: follows the plan",
        f"step 41 to step 60: {held}",
        "step 61 to step 99: every record equals the plan 20 calls earlier: was the run resumed from an older state, "
        "or scheduler.step() not called for a while?",
    ]


# --- another length, another run -----------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "end"), [(60, 60), (60, 40), (150, 150), (150, 120)])
def test_another_length_of_the_plan(tmp_path: Path, length: int, end: int) -> None:
    rows = Run(lambda optimizer: CosineAnnealingLR(optimizer, length)).train(end).rows
    hint = f"every record follows the plan of a run of {length} steps: --steps {length}"
    assert told(tmp_path, text_of("cosine"), rows) == [hint]


def test_another_length_from_some_step_on(tmp_path: Path) -> None:
    rows = Run(lambda optimizer: CosineAnnealingLR(optimizer, 60)).train(60).rows
    rows[:20] = Run(PLANS["cosine"][1]).train(20).rows
    assert told(tmp_path, text_of("cosine"), rows) == [
        "from step 20 on, every record follows the plan of a run of 60 steps: --steps 60"
    ]


def test_another_length_in_epochs(tmp_path: Path) -> None:
    text = "epochs: 8\nsteps_per_epoch: 10\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
    rows = Run(lambda optimizer: CosineAnnealingLR(optimizer, 5)).train(50, every=10).rows
    assert told(tmp_path, text, rows) == ["every record follows the plan of a run of 5 epochs: --epochs 5"]


@pytest.mark.parametrize("end", [100, 99, 80])
def test_half_the_length_is_told_beside_two_calls_a_step(tmp_path: Path, end: int) -> None:
    text = text_of("cosine").replace("steps: 100", "steps: 200")
    rows = Run(lambda optimizer: CosineAnnealingLR(optimizer, 100)).train(end).rows
    length, twice = (
        "every record follows the plan of a run of 100 steps: --steps 100",
        "as if scheduler.step() were called 2 times a step",
    )
    (hint,) = told(tmp_path, text, rows[::3] if end == 100 else rows) or []
    assert hint == (f"{twice}; or {length}" if end < 100 else f"{length}; or {twice}")


@pytest.mark.parametrize(("length", "factor"), [(60, "0.6"), (150, "1.5"), (70, "0.7")])
def test_a_plan_with_lengths_of_its_own_is_stretched(tmp_path: Path, length: int, factor: str) -> None:
    text = text_of("cosine").replace("LR}", "LR, T_max: 100}")
    rows = Run(lambda optimizer: CosineAnnealingLR(optimizer, length)).train(length - 10).rows
    assert told(tmp_path, text, rows) == [
        f"every record follows the plan at {factor} of its length: --stretch {factor}"
    ]


def test_a_plan_is_stretched_but_for_its_warmup(tmp_path: Path) -> None:
    def make(optimizer: Any) -> SequentialLR:
        warmup = LinearLR(optimizer, 0.1, total_iters=20)
        return SequentialLR(optimizer, [warmup, CosineAnnealingLR(optimizer, 130)], [20])

    rows = Run(make).train(150).rows
    assert told(tmp_path, text_of("sequential"), rows) == [
        "every record follows the plan at 1.5 of its length, its warmup kept: --stretch 1.5 --keep-warmup"
    ]


def test_a_start_that_begins_behind_the_step_at_which_it_started_over(tmp_path: Path) -> None:
    """Records are 5 steps apart; the run was resumed at step 30, and its first record is that of step 35."""
    rows = Run(PLANS["cosine"][1]).train(60).rows[::5]
    again = Run(PLANS["cosine"][1]).train(STEPS).rows
    rows += [(30 + step, lr) for step, lr in again if step and step % 5 == 0 and step < 70]
    (hint, *_) = told(tmp_path, text_of("cosine"), rows) or []
    assert hint.startswith("from step 35 on, every record follows a plan that started over at step 30: ")


def message(folder: Path, text: str, rows: Rows) -> str:
    return outcome(folder, text, rows, of_length=of_length)[0].message


def test_the_log_of_another_run(tmp_path: Path) -> None:
    rows = Run(PLANS["sequential"][1], 0.3).train(70).rows
    assert message(tmp_path, text_of("cosine"), rows) == (
        "step 0: logged 0.03, planned 0.1, ratio 0.3; this is the log of another run: it has 70 steps and a peak of "
        "0.3 at step 20; the plan has 100 steps and a peak of 0.1 at step 0"
    )
    rows = Run(PLANS["restarts"][1]).train(STEPS).rows
    assert message(tmp_path, text_of("cosine"), rows) == (
        "step 1: logged 0.0989074, planned 0.0999753, ratio 0.9893; this is the log of another run: its peak of 0.1 is "
        "the plan's, but not its shape"
    )


def test_the_log_of_a_longer_run(tmp_path: Path) -> None:
    """That the plan had ended does not explain it."""
    text = (
        "epochs: 10\nsteps_per_epoch: 100\ninterval: step\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}\n"
    )
    rows: Rows = [(i, 3e-4 * min(1, (i + 1) / 100) * (1 - i / 5000)) for i in range(0, 5000, 50)]
    said = message(tmp_path, text, rows)
    assert "; this is the log of another run: it has about 5,000 steps and a peak of 0.000294 at step 100 " in said


@pytest.mark.parametrize("step_size", [25, 30, 34])
def test_a_few_steps_are_not_a_plan_that_changes_at_every_record(tmp_path: Path, step_size: int) -> None:
    rows = Run(lambda optimizer: StepLR(optimizer, step_size)).train(STEPS).rows
    assert "; this is the log of another run: " in message(tmp_path, text_of("cosine"), rows)


def test_a_run_that_follows_the_plan_to_its_end_and_goes_on(tmp_path: Path) -> None:
    rows = with_skips("cosine", {40})
    rows += [(STEPS + i, 0.0) for i in range(300)]
    assert not any("another run" in said for said in [message(tmp_path, text_of("cosine"), rows)])


def test_a_plan_in_steps_is_no_run_in_which_the_scheduler_rests(tmp_path: Path) -> None:
    """Each plateau is a learning rate that stays the same; together they are another plan."""
    rows = Run(PLANS["step"][1]).train(STEPS).rows
    assert "; this is the log of another run: " in message(tmp_path, text_of("cosine"), rows)


def test_a_run_that_goes_on_in_steps_is_no_history(tmp_path: Path) -> None:
    rows = Run(PLANS["cosine"][1]).train(30).rows + Run(PLANS["step"][1]).train(STEPS).rows[30:]
    (hint,) = told(tmp_path, text_of("cosine"), rows) or []
    assert hint.startswith("none of the usual causes explains it")
