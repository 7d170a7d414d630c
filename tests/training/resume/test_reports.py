"""Public reports of restarts that went wrong: plain torch shows what they saw, and lrviz's table explains it.

Each has a schedule file in `reports/`, and beside it the page that `lrviz resume` prints for it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.golden import Golden
from restarts import CASES, file_of, quiet, torch_lr

from lrviz.ansi import Terminal
from lrviz.loading import load_file, load_text
from lrviz.render.tables.resume_page import write_page
from lrviz.schedule.reading.override import parse_overrides
from lrviz.schedule.reading.run import Length
from lrviz.training.resume.results import Followed, Resumed
from lrviz.training.resume.resume import resume

REPORTS = Path(__file__).parent / "reports"

Make = Callable[[Any], Any]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet():
        yield


# --- plain torch --------------------------------------------------------------------------------------------------


def sgd(lr: float) -> Any:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def loop(optimizer: Any, scheduler: Any, calls: int) -> list[float]:
    """The learning rates that so many steps use."""
    used = []
    for _ in range(calls):
        used.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return used


def saved_after(make: Make, lr: float, calls: int) -> tuple[list[float], dict[str, Any], dict[str, Any]]:
    """What a run used until it was saved after so many calls, and what was saved of optimizer and scheduler."""
    optimizer = sgd(lr)
    scheduler = make(optimizer)
    used = loop(optimizer, scheduler, calls)
    return used, optimizer.state_dict(), scheduler.state_dict()


def planned(make: Make, lr: float, calls: int) -> list[float]:
    optimizer = sgd(lr)
    return loop(optimizer, make(optimizer), calls)


# --- lrviz --------------------------------------------------------------------------------------------------------


def restarts(report: str, tick: int, *, name: str = "", into: str = "", epochs: int | None = None) -> list[Resumed]:
    """What lrviz says of a schedule of a report, restarted at a tick, and with another value or length."""
    file = REPORTS / f"{report}.yaml"

    def read(**more: Any) -> Any:
        (found,) = (each for each in load_file(file, **more) if each.name == (name or report))
        return found

    other = None
    if into or epochs:
        length = Length(epochs=epochs) if epochs else None
        other = into or f"epochs={epochs}", read(length=length, overrides=parse_overrides([into] if into else []))
    return resume(read(), tick, other)


def way(resumed: Resumed, key: str) -> Followed:
    (found,) = (each for each in resumed.ways if each.way == key)
    return found


def used(resumed: Resumed, key: str) -> list[float]:
    """The learning rates from the restart on."""
    curve = way(resumed, key).curve
    assert curve is not None
    return list(curve.columns[0][resumed.tick :])


def same_page(golden: Golden, report: str, found: Sequence[Resumed]) -> None:
    stream = io.StringIO()
    write_page(found, stream, Terminal(), code=False, whole=True)
    golden.same_text(REPORTS / f"{report}.txt", stream.getvalue())


# --- the reports --------------------------------------------------------------------------------------------------


def test_sequential_lr_made_with_last_epoch_has_the_rate_of_its_first_scheduler(golden: Golden) -> None:
    def make(optimizer: Any, **more: Any) -> Any:
        schedulers = [torch_lr.ConstantLR(optimizer, 0.1, 20), torch_lr.CosineAnnealingLR(optimizer, 7)]
        return torch_lr.SequentialLR(optimizer, schedulers, milestones=[3], **more)

    plan = planned(make, 1.0, 10)
    optimizer = sgd(1.0)
    scheduler = make(optimizer, last_epoch=4)
    saw = loop(optimizer, scheduler, 5)
    assert saw[0] == 0.1
    assert plan[5] == pytest.approx((1 + math.cos(math.pi * 2 / 7)) / 2)

    (found,) = restarts("pytorch-162591", 5)
    assert used(found, "last-epoch-alone") == saw
    left = way(found, "last-epoch-alone").departure
    assert left is not None
    assert (left.first.tick, left.first.value, left.first.plan) == (5, 0.1, plan[5])
    assert way(found, "last-epoch").departure is not None
    assert way(found, "full").identical
    same_page(golden, "pytorch-162591", [found])


def test_a_cosine_made_with_last_epoch_on_a_new_optimizer_jumps(golden: Golden) -> None:
    def make(optimizer: Any, **more: Any) -> Any:
        return torch_lr.CosineAnnealingLR(optimizer, T_max=100, **more)

    plan = planned(make, 0.1, 100)
    optimizer = sgd(0.1)
    with pytest.raises(KeyError, match="initial_lr"):
        make(optimizer, last_epoch=45)
    optimizer.param_groups[0]["initial_lr"] = 0.1
    saw = loop(optimizer, make(optimizer, last_epoch=45), 54)
    assert saw[0] == 0.1
    assert plan[46] == pytest.approx(0.0563, abs=1e-4)
    assert all(a > b for a, b in zip(saw, plan[46:], strict=True))

    (found,) = restarts("pytorch-60265", 46)
    assert used(found, "last-epoch-initial-lr") == saw
    left = way(found, "last-epoch-initial-lr").departure
    assert left is not None
    assert (left.first.tick, left.until) == (46, None)
    assert left.first.ratio == saw[0] / plan[46]
    assert way(found, "last-epoch-alone").refusal.startswith("torch refuses: KeyError: param 'initial_lr' is not")
    assert way(found, "last-epoch").identical
    same_page(golden, "pytorch-60265", [found])


def test_chained_schedulers_multiply_once_more_when_they_are_made(golden: Golden) -> None:
    def schedulers(optimizer: Any) -> list[Any]:
        return [
            torch_lr.ConstantLR(optimizer, 0.5, 15),
            torch_lr.LinearLR(optimizer, 0.1, total_iters=10),
            torch_lr.ExponentialLR(optimizer, 0.9),
        ]

    plan = planned(lambda optimizer: torch_lr.ChainedScheduler(schedulers(optimizer)), 1.0, 20)
    optimizer = sgd(1.0)
    chain = schedulers(optimizer)
    for _ in range(8):
        optimizer.step()
        for each in chain:
            each.step()
    states = optimizer.state_dict(), [each.state_dict() for each in chain]
    optimizer = sgd(1.0)
    optimizer.load_state_dict(states[0])
    again = schedulers(optimizer)
    for each, state in zip(again, states[1], strict=True):
        each.load_state_dict(state)  # one by one
    saw = float(optimizer.param_groups[0]["lr"])
    assert saw == plan[8] * 0.5 * 0.1

    (found,) = restarts("pytorch-65342", 8)
    left = way(found, "full-late").departure
    assert left is not None
    assert (left.first.tick, left.first.value, left.first.plan, left.until) == (8, saw, plan[8], None)
    assert left.first.ratio == pytest.approx(0.5 * 0.1)
    assert way(found, "full").identical
    same_page(golden, "pytorch-65342", [found])


def test_the_first_epoch_after_a_counter_that_is_set_runs_at_the_base_rate(golden: Golden) -> None:
    def make(optimizer: Any) -> Any:
        return torch_lr.LambdaLR(optimizer, lambda epoch: (1 + math.cos(epoch * math.pi / 30)) / 2 * 0.8 + 0.2)

    plan = planned(make, 0.01, 30)
    _, state, _ = saved_after(make, 0.01, 20)
    optimizer = sgd(0.01)
    optimizer.load_state_dict(state)
    scheduler = make(optimizer)
    scheduler.last_epoch = 20 - 1  # "do not move"
    saw = loop(optimizer, scheduler, 10)
    assert saw == [0.01, *plan[20:29]]  # and every epoch after it is one late

    (found,) = restarts("yolov5-292", 20)
    assert used(found, "counter") == saw
    left = way(found, "counter").departure
    assert left is not None
    assert (left.first.tick, left.first.value, left.largest.tick, left.until) == (20, 0.01, 20, None)
    same_page(golden, "yolov5-292", [found])


def test_the_old_step_size_goes_on_silently(golden: Golden) -> None:
    def make(step_size: int) -> Make:
        return lambda optimizer: torch_lr.StepLR(optimizer, step_size, gamma=0.5)

    old, new = planned(make(10), 0.1, 60), planned(make(25), 0.1, 60)
    _, of_optimizer, of_scheduler = saved_after(make(10), 0.1, 15)
    optimizer = sgd(0.1)
    scheduler = make(25)(optimizer)
    optimizer.load_state_dict(of_optimizer)
    scheduler.load_state_dict(of_scheduler)
    assert scheduler.step_size == 10
    saw = loop(optimizer, scheduler, 45)
    assert saw == old[15:] != new[15:]

    same, into = restarts("vortex-70", 15, into="step_size=25")
    assert way(same, "full").identical
    assert list(into.plan.columns[0]) == new
    assert used(into, "full") == saw
    assert into.as_old(way(into, "full"))
    assert way(into, "optimizer-replayed").identical
    assert into.right is not None
    assert into.right.way == "optimizer-replayed"
    same_page(golden, "vortex-70", [same, into])


@pytest.mark.parametrize("name", ["class", "function"])
def test_a_run_made_longer_keeps_its_old_horizon_or_jumps(name: str, golden: Golden) -> None:
    def make(length: int) -> Make:
        if name == "class":
            return lambda optimizer: torch_lr.PolynomialLR(optimizer, total_iters=length)
        return lambda optimizer: torch_lr.LambdaLR(optimizer, lambda epoch: max(0, 1 - epoch / length))

    old, new = planned(make(10), 0.1, 10), planned(make(20), 0.1, 20)
    _, of_optimizer, of_scheduler = saved_after(make(10), 0.1, 8)
    optimizer = sgd(0.1)
    scheduler = make(20)(optimizer)
    optimizer.load_state_dict(of_optimizer)
    scheduler.load_state_dict(of_scheduler)
    saw = loop(optimizer, scheduler, 12)

    _, into = restarts("longer-linear", 8, name=name, epochs=20)
    assert used(into, "full") == saw
    if name == "class":
        assert saw[:2] == old[8:]
        assert saw[2:] == [0.0] * 10  # past the old horizon
        assert into.as_old(way(into, "full"))
    else:
        assert saw[0] == old[8]  # the optimizer's own, until the first call
        assert saw[1:] == new[9:]
        assert new[9] > 2 * old[8]
        left = way(into, "full").departure
        assert left is not None
        assert (left.first.tick, left.until, left.apart) == (8, 9, 1)
    same_page(golden, f"longer-linear-{name}", restarts("longer-linear", 8, name=name, epochs=20))


def test_more_epochs_after_the_end_of_a_cosine_begin_at_the_value_of_the_new_plan(golden: Golden) -> None:
    def make(length: int) -> Make:
        return lambda optimizer: torch_lr.CosineAnnealingLR(optimizer, length)

    _, of_optimizer, of_scheduler = saved_after(make(32), 5e-4, 32)
    assert of_optimizer["param_groups"][0]["lr"] == 0.0
    new = planned(make(64), 5e-4, 64)
    assert new[32] == pytest.approx(2.5e-4)

    optimizer = sgd(5e-4)  # open_clip computes the rate of the new plan at every step
    scheduler = make(64)(optimizer)
    for _ in range(32):
        scheduler.step()
    assert loop(optimizer, scheduler, 32) == new[32:]
    optimizer = sgd(5e-4)
    scheduler = make(64)(optimizer)
    optimizer.load_state_dict(of_optimizer)
    scheduler.load_state_dict(of_scheduler)
    climbs = loop(optimizer, scheduler, 32)
    assert climbs[0] == 0.0
    assert climbs == sorted(climbs)

    (into,) = restarts("open-clip-413", 32, epochs=64)
    assert (into.tick, into.old_tick) == (32, 32)
    assert used(into, "full") == climbs
    assert used(into, "optimizer-replayed") == new[32:]
    same_page(golden, "open-clip-413", [into])


@pytest.mark.parametrize("name", ["step", "lambda"])
def test_a_scheduler_made_without_last_epoch_begins_again(name: str, golden: Golden) -> None:
    def make(optimizer: Any) -> Any:
        if name == "step":
            return torch_lr.StepLR(optimizer, 10, gamma=0.5)
        return torch_lr.LambdaLR(optimizer, lambda epoch: max(0.9 ** (epoch / 21), 0.02))

    plan = planned(make, 1e-4, 60)
    _, state, _ = saved_after(make, 1e-4, 25)
    optimizer = sgd(1e-4)
    optimizer.load_state_dict(state)
    saw = loop(optimizer, make(optimizer), 35)
    if name == "step":
        assert saw == [lr * 0.25 for lr in plan[:35]]  # the plan from epoch 0, at the decayed rate
    else:
        assert saw == plan[:35]  # the plan from epoch 0: LambdaLR has its base in initial_lr

    (found,) = restarts("pointr-90", 25, name=name)
    assert used(found, "optimizer-late") == saw
    assert not way(found, "optimizer-late").follows
    same_page(golden, f"pointr-90-{name}", [found])


def test_a_delayed_cosine_made_anew_holds_the_base_rate_until_the_end(golden: Golden) -> None:
    def make(optimizer: Any) -> Any:
        schedulers = [torch_lr.ConstantLR(optimizer, 1.0, 30), torch_lr.CosineAnnealingLR(optimizer, 30, 7.7e-7)]
        return torch_lr.SequentialLR(optimizer, schedulers, milestones=[30])

    _, state, _ = saved_after(make, 3.5e-4, 40)
    optimizer = sgd(3.5e-4)
    optimizer.load_state_dict(state)
    saw = loop(optimizer, make(optimizer), 20)
    assert saw == [3.5e-4] * 20

    (found,) = restarts("fast-reid-131", 40)
    assert used(found, "optimizer-late") == saw
    left = way(found, "optimizer-late").departure
    assert left is not None
    assert (left.first.tick, left.until, left.first.value) == (40, None, 3.5e-4)
    same_page(golden, "fast-reid-131", [found])


def test_a_counter_restored_twice_shifts_the_plan_by_a_constant(golden: Golden) -> None:
    def factor(t: int) -> float:
        return min(1, t / 10) * (1 + math.cos(math.pi * max(0, t - 10) / 90)) / 2

    def make(optimizer: Any) -> Any:
        return torch_lr.LambdaLR(optimizer, factor)

    plan = planned(make, 3e-4, 120)
    _, of_optimizer, of_scheduler = saved_after(make, 3e-4, 10)
    optimizer = sgd(3e-4)
    scheduler = make(optimizer)
    optimizer.load_state_dict(of_optimizer)
    scheduler.load_state_dict(of_scheduler)
    for _ in range(10):  # the warmup again
        scheduler.step()
    saw = loop(optimizer, scheduler, 90)
    assert saw == plan[20:110]

    (found,) = restarts("counted-twice", 10)
    assert used(found, "full-replayed") == saw
    assert used(found, "call-repeated") == plan[11:101]
    left = way(found, "full-replayed").departure
    assert left is not None
    assert (left.first.tick, left.until) == (10, None)
    same_page(golden, "counted-twice", [found])


def test_every_page_is_one_of_these(golden: Golden) -> None:
    names = {path.stem for path in REPORTS.glob("*.yaml")}
    pages = [path for path in REPORTS.glob("*.txt") if any(path.stem.startswith(name) for name in names)]
    golden.no_orphans(REPORTS, pages, "*.txt")


# --- what is known of all schedulers ------------------------------------------------------------------------------


def following(name: str, epoch: int) -> set[str]:
    (schedule,) = load_text(file_of(CASES[name]), "test.yaml")
    (found,) = resume(schedule, epoch)
    return {each.way for each in found.ways if each.follows}


def test_only_the_full_state_in_the_right_order_is_right_for_every_scheduler() -> None:
    """Beside replaying every call, which loses the optimizer's buffers."""
    right = {(name, epoch): following(name, epoch) for name in CASES for epoch in (3, 5, 6, 8, 15)}
    assert set.intersection(*right.values()) == {"full", "replayed"}
    for way in set.union(*right.values()) - {"full", "replayed"}:
        wrong = {name for (name, _), follow in right.items() if way not in follow}
        assert len(wrong) >= 5, f"{way} is wrong only for {wrong}"


@pytest.mark.parametrize(
    ("text", "epoch", "factor"),
    [
        ("{type: StepLR, step_size: 3, gamma: 0.5}", 6, 0.5),
        ("{type: MultiStepLR, milestones: [3, 6], gamma: 0.5}", 6, 0.5),
        ("{type: ConstantLR, factor: 0.5, total_iters: 6}", 6, 2.0),
    ],
)
def test_made_with_last_epoch_at_a_boundary_the_factor_is_applied_twice(text: str, epoch: int, factor: float) -> None:
    """StepLR, MultiStepLR and ConstantLR do not look whether they are being made."""
    read = f"epochs: 10\noptimizer: {{lr: 0.1}}\nscheduler: {text}\n"
    (found,) = resume(load_text(read, "test.yaml")[0], epoch)
    left = way(found, "last-epoch").departure
    assert left is not None
    assert (left.first.tick, left.first.ratio) == (epoch, factor)
    (before,) = resume(load_text(read, "test.yaml")[0], epoch - 1)
    assert way(before, "last-epoch").follows


def test_a_sequence_made_late_goes_on_from_the_start_of_its_warmup() -> None:
    """pytorch #119168: the rate of the first step, and the plan's own ratios from there on."""
    text = (
        "epochs: 12\noptimizer: {lr: 0.1}\nscheduler: {type: SequentialLR, milestones: [4], schedulers:"
        " [{type: LinearLR, start_factor: 0.1, total_iters: 4}, {type: CosineAnnealingLR, T_max: 8, eta_min: 0}]}\n"
    )
    (found,) = resume(load_text(text, "test.yaml")[0], 8)
    left = way(found, "full-late").departure
    assert left is not None
    assert (left.first.tick, left.until, left.apart) == (8, None, 4)
    saw, plan = used(found, "full-late"), list(found.plan.columns[0])[8:]
    assert saw[0] == pytest.approx(0.1 * 0.1)
    assert [rate / planned for rate, planned in zip(saw, plan, strict=True)] == pytest.approx([saw[0] / plan[0]] * 4)


def test_a_new_peak_of_one_cycle_is_ignored_and_a_longer_run_is_refused() -> None:
    """`max_lr` is in the param groups of the optimizer's state, `total_steps` in the scheduler's."""
    text = "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: {type: OneCycleLR, max_lr: 0.1}\n"
    (old,), (peak,) = (load_text(each, "test.yaml") for each in (text, text.replace("max_lr: 0.1", "max_lr: 0.3")))
    _, into = resume(old, 5, ("max_lr=0.3", peak))
    assert into.as_old(way(into, "full"))
    (longer,) = load_text(text, "test.yaml", Length(epochs=20))
    _, into = resume(old, 5, ("epochs=20", longer))
    assert way(into, "full").refused_at == 10
    assert way(into, "full").refusal.startswith("torch refuses: ValueError: Tried to step 11 times.")
