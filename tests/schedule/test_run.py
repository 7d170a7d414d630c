"""The run: steps of an epoch from the data, calls of the scheduler, and lengths from the command line."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.run import Data, Run
from lrviz.schedule.model import Schedule, Scheduler
from lrviz.schedule.reading.run import Length

REST = "optimizer: {lr: 0.1}\nscheduler: none\n"
NEEDS = "needs to know how many steps an epoch has"


def run_of(keys: str, length: Length | None = None) -> Run:
    (schedule,) = load_text(f"{keys}\n{REST}", "f.yaml", length)
    return schedule.run


def refusal(keys: str, length: Length | None = None) -> str:
    with pytest.raises(ScheduleError) as caught:
        run_of(keys, length)
    return str(caught.value)


def calls_of_a_loop(steps: int, steps_per_epoch: int, interval: str) -> int:
    """How often a training loop calls `scheduler.step()`, the last epoch perhaps cut short."""
    calls = 0
    for begin in range(0, steps, steps_per_epoch):
        for _ in range(begin, min(begin + steps_per_epoch, steps)):
            calls += interval == "step"
        calls += interval == "epoch"
    return calls


# --- steps of an epoch -------------------------------------------------------------------------------------

COUNT = st.integers(1, 2_000_000) | st.integers(1, 12)


@given(
    samples=COUNT, batch_size=COUNT, devices=st.integers(1, 64), accumulate=st.integers(1, 64), drop_last=st.booleans()
)
@settings(max_examples=300, deadline=None)
def test_steps_of_an_epoch_are_the_exact_fractions_rounded(
    samples: int, batch_size: int, devices: int, accumulate: int, drop_last: bool
) -> None:
    data = Data(samples, batch_size, devices, accumulate, drop_last)
    batches = (math.floor if drop_last else math.ceil)(Fraction(samples, batch_size * devices))
    assert data.batches == batches
    assert data.steps_per_epoch == math.ceil(Fraction(batches, accumulate))


@given(
    samples=st.integers(1, 60),
    batch_size=st.integers(1, 9),
    devices=st.integers(1, 3),
    accumulate=st.integers(1, 5),
    drop_last=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_steps_of_an_epoch_are_those_of_a_training_loop(
    samples: int, batch_size: int, devices: int, accumulate: int, drop_last: bool
) -> None:
    steps = waiting = 0
    for begin in range(0, samples, batch_size * devices):
        if drop_last and begin + batch_size * devices > samples:
            break
        waiting += 1
        if waiting == accumulate:
            steps, waiting = steps + 1, 0
    assert Data(samples, batch_size, devices, accumulate, drop_last).steps_per_epoch == steps + (waiting > 0)


@pytest.mark.parametrize(
    ("data", "steps"),
    [
        ("{samples: 1281167, batch_size: 256, devices: 8}", 626),
        ("{samples: 1281167, batch_size: 256, devices: 8, drop_last: true}", 625),
        ("{samples: 50000, batch_size: 128}", 391),
        ("{samples: 50000, batch_size: 128, accumulate: 4}", 98),
        ("{samples: 5e4, batch_size: '128', accumulate: 4, drop_last: true}", 98),
        ("{samples: 7, batch_size: 100}", 1),
    ],
)
def test_data_of_a_file_gives_the_steps_of_an_epoch(data: str, steps: int) -> None:
    run = run_of(f"epochs: 3\ninterval: step\ndata: {data}")
    assert (run.steps_per_epoch, run.total_steps, run.calls) == (steps, 3 * steps, 3 * steps)


def test_the_data_stay_with_the_run_for_its_derivation() -> None:
    run = run_of("epochs: 3\ndata: {samples: 10, batch_size: 2, devices: 2, accumulate: 3, drop_last: true}")
    assert run.data == Data(samples=10, batch_size=2, devices=2, accumulate=3, drop_last=True)
    assert run_of("epochs: 3\ndata: {samples: 10, batch_size: 4}").data == Data(10, 4, 1, 1, False)


# --- calls -------------------------------------------------------------------------------------------------

RUNS = st.fixed_dictionaries(
    {"unit": st.sampled_from(["epochs", "steps"]), "interval": st.sampled_from([None, "epoch", "step"]),
     "count": st.integers(1, 40), "steps_per_epoch": st.integers(1, 12)}
)  # fmt: skip


def keys_of(run: dict[str, Any]) -> str:
    interval = f"\ninterval: {run['interval']}" if run["interval"] else ""
    return f"{run['unit']}: {run['count']}\nsteps_per_epoch: {run['steps_per_epoch']}{interval}"


def interval_of(run: dict[str, Any]) -> str:
    return str(run["interval"] or run["unit"].removesuffix("s"))


@given(given_run=RUNS)
@settings(max_examples=150, deadline=None)
def test_calls_are_those_of_a_training_loop(given_run: dict[str, Any]) -> None:
    run, spe = run_of(keys_of(given_run)), given_run["steps_per_epoch"]
    steps = given_run["count"] * (spe if given_run["unit"] == "epochs" else 1)
    assert run.interval == interval_of(given_run)
    assert run.calls == calls_of_a_loop(steps, spe, interval_of(given_run))
    assert (run.total_steps, run.total_epochs) == (steps, math.ceil(Fraction(steps, spe)))


@given(given_run=RUNS, unit=st.sampled_from(["epochs", "steps"]), count=st.integers(1, 50))
@settings(max_examples=150, deadline=None)
def test_a_length_from_the_command_line_changes_how_long_the_run_is_and_not_when_the_scheduler_is_called(
    given_run: dict[str, Any], unit: str, count: int
) -> None:
    run, spe = (
        run_of(keys_of(given_run), Length(epochs=count) if unit == "epochs" else Length(steps=count)),
        given_run["steps_per_epoch"],
    )
    assert run.interval == interval_of(given_run)
    assert (run.epochs, run.steps) == ((count, None) if unit == "epochs" else (None, count))
    assert run.calls == calls_of_a_loop(count * spe if unit == "epochs" else count, spe, interval_of(given_run))


@pytest.mark.parametrize(
    ("keys", "length", "calls"),
    [
        ("epochs: 30", None, 30),
        ("steps: 30", None, 30),
        ("epochs: 30", Length(epochs=5), 5),
        ("steps: 30", Length(steps=5), 5),
        ("title: no length", Length(epochs=5), 5),
        ("title: no length", Length(steps=5), 5),
        ("epochs: 3\ninterval: step", Length(steps=50), 50),
        ("steps: 3\ninterval: epoch", Length(epochs=50), 50),
    ],
)
def test_a_run_whose_calls_are_counted_as_its_length_is_needs_no_steps_per_epoch(
    keys: str, length: Length | None, calls: int
) -> None:
    run = run_of(keys, length)
    assert (run.calls, run.steps_per_epoch) == (calls, None)


@pytest.mark.parametrize(
    ("keys", "length", "message", "interval"),
    [
        ("epochs: 3\ninterval: step", None, "f.yaml:2:11: error: a run in epochs (`epochs`)", "step"),
        ("interval: epoch\nsteps: 3", None, "f.yaml:1:11: error: a run in steps (`steps`)", "epoch"),
        ("epochs: 3", Length(steps=5), "error: a run in steps (--steps)", "epoch"),
        ("steps: 3", Length(epochs=5), "error: a run in epochs (--epochs)", "step"),
    ],
)
def test_any_other_run_does(keys: str, length: Length | None, message: str, interval: str) -> None:
    message += f" whose scheduler is called after every {interval}"
    assert f"{message} {NEEDS}\n  hint: write `steps_per_epoch: 500`, or `data: " in refusal(keys, length)


def test_a_length_from_the_command_line_is_the_length_of_every_schedule() -> None:
    text = f"epochs: 9\n{REST.replace('scheduler: none', 'steps_per_epoch: 2')}schedules:\n"
    text += "  a: {scheduler: none}\n  b: {scheduler: none, epochs: 20}\n  c: {scheduler: none, steps: 3}\n"
    runs = {schedule.name: schedule.run for schedule in load_text(text, "f.yaml", Length(epochs=4))}
    assert {name: (run.epochs, run.interval, run.calls) for name, run in runs.items()} == {
        "a": (4, "epoch", 4),
        "b": (4, "epoch", 4),
        "c": (4, "step", 8),
    }


def test_what_is_left_out_follows_the_length_of_the_command_line(schedule: Callable[[str], Schedule]) -> None:
    text = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR}"
    (longer,) = load_text(text, "f.yaml", Length(epochs=90))
    schedulers = [each.scheduler for each in (schedule(text), longer)]
    assert [each.arguments["T_max"] for each in schedulers if isinstance(each, Scheduler)] == [30, 90]


# --- what is no run ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [None, Length(epochs=3)])
def test_a_file_says_its_length_once(length: Length | None) -> None:
    assert refusal("epochs: 3\nsteps: 9", length).startswith(
        "f.yaml:2:1: error: `epochs` and `steps` both say how long the run is; keep one of them\n"
    )


def test_a_run_has_a_length() -> None:
    assert refusal("title: x").startswith("f.yaml:1:1: error: the length of the run is missing\n")


def test_a_wrong_length_of_the_file_is_wrong_whatever_the_command_line_says() -> None:
    assert refusal("epochs: 0", Length(steps=3)) == "f.yaml:1:9: error: epochs must be at least 1 (got 0)"


@pytest.mark.parametrize(
    ("keys", "calls"),
    [
        ("epochs: 1e8", 10**8),
        ("steps: 100000000", 10**8),
        ("epochs: 10000\nsteps_per_epoch: 10000\ninterval: step", 10**8),
        ("steps: 1e9\nsteps_per_epoch: 10\ninterval: epoch", 10**8),
    ],
)
def test_a_run_may_have_a_hundred_million_calls(keys: str, calls: int) -> None:
    assert run_of(keys).calls == calls


@pytest.mark.parametrize(
    ("keys", "place", "calls"),
    [
        ("epochs: 100000001", "1:9", "100,000,001"),
        ("title: x\nsteps: 1e9", "2:8", "1,000,000,000"),
        ("epochs: 10000\nsteps_per_epoch: 10001\ninterval: step", "1:9", "100,010,000"),
        ("steps_per_epoch: 10\ninterval: epoch\nsteps: 1000000001", "3:8", "100,000,001"),
    ],
)
def test_and_not_one_more(keys: str, place: str, calls: str) -> None:
    assert refusal(keys) == f"f.yaml:{place}: error: a run may have at most 100,000,000 calls (this one has {calls})"


def test_the_limit_holds_for_the_command_line_too() -> None:
    assert "at most 100,000,000 calls (this one has 100,000,001)" in refusal("epochs: 3", Length(epochs=10**8 + 1))


@pytest.mark.parametrize(("groups", "fits"), [(5, True), (6, False)])
def test_a_run_times_its_groups_is_bounded(groups: int, fits: bool) -> None:
    text = f"steps: 1e8\nscheduler: none\noptimizer: {{lr: 1, groups: [{', '.join(['{}'] * groups)}]}}"
    if fits:
        assert load_text(text, "f.yaml")
    else:
        with pytest.raises(
            ScheduleError, match="100,000,000 calls of 6 param groups are more than 500,000,000 learning"
        ):
            load_text(text, "f.yaml")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            "{samples: 255, batch_size: 256, drop_last: true}",
            "2:7: error: drop_last leaves no batch: 255 samples are fewer than one batch of 256 x 1",
        ),
        (
            "{samples: 10, batch_size: 0}",
            "2:33: error: batch_size must be at least 1 (got 0)",
        ),
        (
            "{samples: 10, batch_size: 1, accumulate: 0.5}",
            "2:48: error: accumulate must be a whole number (got 0.5)",
        ),
        (
            "{tokens: 10, tokens_per_step: 11, drop_last: true}",
            "2:7: error: drop_last leaves no batch: 10 tokens are fewer than one step of 11",
        ),
        (
            "{tokens: 10, samples: 3, batch_size: 1, tokens_per_step: 5}",
            "2:20: error: `samples` and `tokens` both say how large the data set is; keep one of them",
        ),
        (
            "{tokens: 10, tokens_per_step: 5, sequence_length: 5, batch_size: 1}",
            "2:40: error: `tokens_per_step` and `sequence_length` both say how many tokens a step takes; keep one of "
            "them",
        ),
        (
            "{tokens: 10}",
            "2:7: error: tokens_per_step is missing\n"
            "  hint: tokens_per_step: tokens of one optimizer step, or sequence_length and batch_size",
        ),
        (
            "{tokens_per_step: 10, devices: 2}",
            "2:7: error: batch_size is missing\n"
            "  hint: tokens_per_step counts all devices and batches; without a batch_size, leave `devices` out",
        ),
        ("{samples: 10}", "2:7: error: batch_size is missing\n  hint: batch_size: batch of one device"),
        ("{sequence_length: 10}", "2:7: error: batch_size is missing\n  hint: batch_size: batch of one device"),
        ("{}", "2:7: error: samples is missing\n  hint: data: {samples: 50000, batch_size: 128}"),
        (
            "{batch_size: 3, drop_last: true}",
            "2:7: error: samples is missing\n"
            "  hint: drop_last has a meaning only with `samples` or `tokens`, the size of the data set",
        ),
        (
            "cifar10",
            "2:7: error: data must be a mapping (got 'cifar10')\n  hint: data: {samples: 50000, batch_size: 128}",
        ),
    ],
)
def test_data_that_make_no_epoch_are_refused(data: str, message: str) -> None:
    assert refusal(f"epochs: 3\ndata: {data}") == f"f.yaml:{message}"


@given(
    tokens=COUNT,
    each=COUNT,
    batch_size=st.integers(1, 9),
    devices=st.integers(1, 9),
    accumulate=st.integers(1, 9),
    drop_last=st.booleans(),
)
def test_tokens_are_batched_as_samples_are(
    tokens: int, each: int, batch_size: int, devices: int, accumulate: int, drop_last: bool
) -> None:
    rounded = math.floor if drop_last else math.ceil
    batched = Data(None, batch_size, devices, accumulate, drop_last, tokens=tokens, sequence_length=each)
    assert batched.batches == rounded(Fraction(tokens, batch_size * devices * each))
    assert batched.steps_per_epoch == math.ceil(Fraction(batched.batches, accumulate))
    assert batched.per_step("tokens") == each * (batched.per_step("samples") or 0)
    whole = Data(None, batch_size, devices, accumulate, drop_last, tokens=tokens, tokens_per_step=each)
    assert whole.steps_per_epoch == rounded(Fraction(tokens, each))
    assert (whole.per_step("tokens"), whole.per_step("samples")) == (each, batch_size * devices * accumulate)


@pytest.mark.parametrize(
    ("keys", "steps"),
    [
        ("steps: 3.2T tokens\ndata: {tokens_per_step: 4e6}", 800_000),
        ("steps: 1e6 samples\ndata: {batch_size: 10, devices: 10}", 10_000),
        ("steps: 8M tokens\ndata: {sequence_length: 2048, batch_size: 64}", 61),
        ("steps: 2k steps", 2000),
        ("epochs: 2\ninterval: step\ndata: {tokens: 1e6, tokens_per_step: 3}", 666_668),
        ("epochs: 2\ninterval: step\ndata: {tokens_per_step: 3}\nsteps_per_epoch: 5", 10),
    ],
)
def test_lengths_in_tokens(keys: str, steps: int) -> None:
    assert run_of(keys).total_steps == steps


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "steps: 3.2T tokens",
            "1:8: error: steps: tokens cannot be counted in a run without a known number of tokens per step "
            "(got '3.2T tokens')\n"
            "  hint: give `data` a `tokens_per_step`, or a `sequence_length` and a `batch_size`",
        ),
        (
            "steps: 10 epochs",
            "1:8: error: steps must be a number of optimizer steps (got '10 epochs')\n"
            "  hint: the key `epochs` says how long a run in epochs is; `steps` may also be 3.2T tokens",
        ),
        (
            "steps: 10k",
            "1:8: error: steps must be a number of optimizer steps (got '10k')\n"
            "  hint: a unit is missing after 10k; write 10k steps, epochs, tokens or samples",
        ),
        (
            "epochs: 10k",
            "1:9: error: epochs must be a whole number (got '10k')\n"
            "  hint: K, M, B and T stand before a unit only; write 10e3",
        ),
        (
            "steps: 1 token\ndata: {tokens_per_step: 3}",
            "1:8: error: steps is 0.333333 steps, which rounds to 0 (got '1 token')\n"
            "  hint: make it longer, or leave it out",
        ),
        ("steps: 0 tokens\ndata: {tokens_per_step: 3}", "1:8: error: steps must be at least 1 (got '0 tokens')"),
    ],
)
def test_lengths_that_are_none(keys: str, message: str) -> None:
    assert refusal(keys) == f"f.yaml:{message}"


def test_a_length_that_rounding_changes_is_a_warning() -> None:
    (schedule,) = load_text(f"steps: 5 samples\ndata: {{batch_size: 2}}\n{REST}", "f.yaml")
    assert schedule.run.steps == 3
    assert [str(each).splitlines()[0] for each in schedule.remarks] == [
        "f.yaml:1:8: warning: steps: 5 samples is 2.5 steps, rounded to 3 [rounded-duration]"
    ]


def test_data_and_steps_per_epoch_exclude_each_other() -> None:
    assert refusal("epochs: 3\nsteps_per_epoch: 5\ndata: {samples: 10, batch_size: 2}") == (
        "f.yaml:3:1: error: `data` and `steps_per_epoch` say the same thing; keep one of them"
    )
