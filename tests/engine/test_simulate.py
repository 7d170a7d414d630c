"""The curve of every scheduler and composition has, bit for bit, the values of a plain torch loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from loop_cases import CALLS, FOR_ANY_GROUPS, FOR_THREE_GROUPS, OPTIMIZERS, Case
from loops import WAYS, bits, curve_bits, loop_bits, parameter, run, ways
from torch.optim import lr_scheduler as torch_lr

from lrviz.curve import Curve
from lrviz.engine.recorder import double_of
from lrviz.engine.shortcut import MANY_CALLS
from lrviz.engine.simulate import CHUNK, simulate
from lrviz.errors import ScheduleError
from lrviz.schedule import catalogue
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]


def every_case() -> Iterator[object]:
    for cases, optimizers in (
        (FOR_ANY_GROUPS, OPTIMIZERS),
        (FOR_THREE_GROUPS, [name for name in OPTIMIZERS if "three" in name]),
    ):
        for name, case in cases.items():
            for optimizer in optimizers:
                for way in WAYS:
                    if case.on_source or way.startswith("import"):
                        yield pytest.param(case, optimizer, way, id=f"{name}-{optimizer}-{way}")


@pytest.mark.parametrize(("case", "optimizer", "way"), list(every_case()))
def test_is_the_plain_loop_bit_for_bit(schedule: Read, case: Case, optimizer: str, way: str) -> None:
    optimizer_text, make_optimizer = OPTIMIZERS[optimizer]
    metric = f"metric: {list(case.metric)}" if case.metric else ""
    read = schedule(f"epochs: {CALLS}\noptimizer: {optimizer_text}\nscheduler: {case.text}\n{metric}")
    backend, shortcut = WAYS[way]

    curve = simulate(read, backend=backend(), shortcut=shortcut)

    plain = run(case.make, make_optimizer(), CALLS, case.metric)
    assert curve_bits(curve) == loop_bits(plain)


def test_every_scheduler_of_the_catalogue_has_a_case() -> None:
    texts = [case.text for case in FOR_ANY_GROUPS.values()]
    assert [name for name in catalogue.SCHEDULERS if not any(f"type: {name}" in text for text in texts)] == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", catalogue.OPTIMIZERS)
def test_is_the_plain_loop_of_every_optimizer(schedule: Read, name: str, way: str) -> None:
    read = schedule(f"""
        epochs: 12
        optimizer: {{type: {name}, lr: 0.1}}
        scheduler: {{type: PolynomialLR, total_iters: 10, power: 2}}
        """)
    backend, shortcut = WAYS[way]

    curve = simulate(read, backend=backend(), shortcut=shortcut)

    optimizer = getattr(torch.optim, name)([parameter()], lr=0.1)
    plain = run(lambda opt: torch_lr.PolynomialLR(opt, total_iters=10, power=2), optimizer, 12)
    assert curve_bits(curve) == loop_bits(plain)


MOVES_MOMENTUM = [name for name, entry in catalogue.OPTIMIZERS.items() if entry.argument("betas")] + ["SGD", "RMSprop"]


@pytest.mark.parametrize("name", MOVES_MOMENTUM)
def test_one_cycle_switches_momentum_on_as_the_plain_loop_does(schedule: Read, name: str) -> None:
    read = schedule(f"""
        epochs: 12
        optimizer: {{type: {name}, lr: 0.1}}
        scheduler: {{type: OneCycleLR, max_lr: 0.1}}
        """)

    optimizer = getattr(torch.optim, name)([parameter()], lr=0.1)
    plain = run(lambda opt: torch_lr.OneCycleLR(opt, 0.1, total_steps=12), optimizer, 12)
    curves = [simulate(read, backend=backend()) for backend, _ in WAYS.values()]

    assert loop_bits(plain)[1]
    assert all(curve_bits(curve) == loop_bits(plain) for curve in curves)


@pytest.mark.parametrize("way", WAYS)
def test_a_run_of_one_call_is_the_plain_loop(schedule: Read, way: str) -> None:
    backend, shortcut = WAYS[way]
    read = schedule("""
        epochs: 1
        optimizer: {lr: 0.1, momentum: 0.9}
        scheduler: {type: CyclicLR, base_lr: 0.1, max_lr: 1, step_size_up: 4, max_momentum: 0.9}
        """)
    optimizer = torch.optim.SGD([parameter()], lr=0.1, momentum=0.9)
    plain = run(lambda opt: torch_lr.CyclicLR(opt, 0.1, 1, step_size_up=4, max_momentum=0.9), optimizer, 1)
    assert len(plain.momentum) == 2
    assert curve_bits(simulate(read, backend=backend(), shortcut=shortcut)) == loop_bits(plain)


@pytest.mark.parametrize("way", WAYS)
def test_without_a_scheduler_the_optimizers_own_lr_holds(schedule: Read, way: str) -> None:
    backend, shortcut = WAYS[way]
    read = schedule("epochs: 5\noptimizer: {groups: [{lr: 0.1}, {lr: 1e-5}]}\nscheduler: none")
    curve = simulate(read, backend=backend(), shortcut=shortcut)
    assert curve.lr.tolist() == [[0.1, 1e-5]] * 5
    assert curve.end_lr == (0.1, 1e-5)
    assert curve.momentum is None


def test_the_first_file_of_the_format_has_the_values_that_it_promises(schedule: Read) -> None:
    curve = simulate(
        schedule("""
        epochs: 30
        optimizer: {type: SGD, lr: 0.1}
        scheduler: {type: StepLR, step_size: 10, gamma: 0.9}
        """)
    )
    assert curve.lr[:, 0] == pytest.approx([0.1] * 10 + [0.09] * 10 + [0.081] * 10, rel=1e-15)
    assert curve.end_lr == pytest.approx([0.0729], rel=1e-15)


WARMUP_AND_COSINE = """
    steps: {steps}
    optimizer: {{type: AdamW, lr: 3e-3}}
    scheduler:
      type: SequentialLR
      schedulers: [{{type: LinearLR, start_factor: 0.01, total_iters: 1000}}, {{type: CosineAnnealingLR, T_max: 20000}}]
      milestones: [1000]
    """


def test_a_long_run_is_the_plain_loop_bit_for_bit(schedule: Read) -> None:
    calls = MANY_CALLS + 1234
    curve = simulate(schedule(WARMUP_AND_COSINE.format(steps=calls)))
    plain = run(
        lambda opt: torch_lr.SequentialLR(
            opt,
            [torch_lr.LinearLR(opt, 0.01, total_iters=1000), torch_lr.CosineAnnealingLR(opt, T_max=20000)],
            [1000],
        ),
        torch.optim.AdamW([parameter()], lr=3e-3),
        calls,
    )
    assert curve_bits(curve) == loop_bits(plain)


def test_progress_is_told_in_chunks_up_to_the_last_call(schedule: Read) -> None:
    told: list[tuple[int, int]] = []
    simulate(schedule(WARMUP_AND_COSINE.format(steps=2 * CHUNK + 1)), progress=lambda *each: told.append(each))
    total = 2 * CHUNK + 1
    assert told == [(CHUNK, total), (2 * CHUNK, total), (total, total)]


# --- the run: epochs and steps ------------------------------------------------------------------------------


def nested_loop(epochs: int, steps_per_epoch: int, interval: str, max_steps: int | None = None) -> list[list[float]]:
    """The learning rate that each optimizer step of a tutorial's two loops uses, and the one after the end."""
    optimizer = torch.optim.SGD([parameter()], lr=0.1)
    scheduler = torch_lr.ExponentialLR(optimizer, gamma=0.9)
    used: list[list[float]] = []
    for _ in range(epochs):
        for _ in range(steps_per_epoch):
            if len(used) == max_steps:
                break
            used.append([optimizer.param_groups[0]["lr"]])
            optimizer.step()
            if interval == "step":
                scheduler.step()
        if interval == "epoch":
            scheduler.step()
    return [*used, [optimizer.param_groups[0]["lr"]]]


@pytest.mark.parametrize(
    ("run_text", "loop", "ticks"),
    [
        ("epochs: 4\nsteps_per_epoch: 7", (4, 7, "epoch"), 4),
        ("epochs: 4\nsteps_per_epoch: 7\ninterval: step", (4, 7, "step"), 28),
        ("steps: 28\nsteps_per_epoch: 7", (4, 7, "step"), 28),
        ("steps: 25\nsteps_per_epoch: 7\ninterval: epoch", (4, 7, "epoch", 25), 4),
        ("steps: 25\nsteps_per_epoch: 7", (4, 7, "step", 25), 25),
        ("epochs: 3\ndata: {samples: 1000, batch_size: 64, devices: 2, accumulate: 3}\ninterval: step",
         (3, 3, "step"), 9),
        ("epochs: 3\ndata: {samples: 1000, batch_size: 64, devices: 2, drop_last: true}\ninterval: step",
         (3, 7, "step"), 21),
    ],
)  # fmt: skip
def test_each_optimizer_step_uses_the_lr_of_its_tick(
    schedule: Read, run_text: str, loop: tuple[int, int, str], ticks: int
) -> None:
    read = schedule(f"{run_text}\noptimizer: {{lr: 0.1}}\nscheduler: {{type: ExponentialLR, gamma: 0.9}}")
    curve = simulate(read)
    *used, end = nested_loop(*loop)

    assert len(curve) == ticks
    assert curve.run.total_steps == len(used)
    assert bits(curve.lr[curve.run.tick_of_step(step)] for step in range(len(used))) == bits(used)
    assert bits([curve.end_lr]) == bits([end])
    assert curve.run.total_epochs == loop[0]
    first_of_epochs = [curve.lr[curve.run.tick_of_epoch(epoch)] for epoch in range(loop[0])]
    assert bits(first_of_epochs) == bits(used[epoch * loop[1]] for epoch in range(loop[0]))
    assert curve.steps is not None
    assert curve.epochs is not None
    assert (curve.epochs * loop[1]).round(9).tolist() == curve.steps.tolist()


def test_the_curve_carries_the_names_of_the_file(schedules: Callable[[str], list[Schedule]]) -> None:
    _, read = schedules("""
        epochs: 3
        title: Two of them
        source: a paper
        optimizer: {lr: 1, groups: [{name: body}, {}]}
        schedules:
          flat: {scheduler: none}
          halved: {scheduler: {type: ExponentialLR, gamma: 0.5}}
        """)
    curve = simulate(read)
    assert (curve.name, curve.groups, curve.title, curve.source) == ("halved", ("body", "1"), "Two of them", "a paper")
    assert (curve.run.interval, curve.run.total_epochs, curve.run.total_steps, curve.run.steps_per_epoch) == (
        "epoch",
        3,
        None,
        None,
    )


# --- relations ----------------------------------------------------------------------------------------------

BY_FACTORS = {
    "LambdaLR": "{type: LambdaLR, lr_lambda: 0.3}",
    "MultiplicativeLR": "{type: MultiplicativeLR, lr_lambda: 0.95}",
    "StepLR": "{type: StepLR, step_size: 4, gamma: 0.3}",
    "MultiStepLR": "{type: MultiStepLR, milestones: [3, 8], gamma: 0.3}",
    "ConstantLR": "{type: ConstantLR, factor: 0.7}",
    "LinearLR": "{type: LinearLR, start_factor: 0.2, total_iters: 9}",
    "ExponentialLR": "{type: ExponentialLR, gamma: 0.93}",
    "PolynomialLR": "{type: PolynomialLR, total_iters: 12, power: 1.7}",
    "CosineAnnealingLR": "{type: CosineAnnealingLR, T_max: 9}",
    "CosineAnnealingWarmRestarts": "{type: CosineAnnealingWarmRestarts, T_0: 4, T_mult: 2}",
    "ReduceLROnPlateau": "{type: ReduceLROnPlateau, patience: 1, factor: 0.3, eps: 0}",
    "SequentialLR": "{type: SequentialLR, milestones: [5], schedulers: [{type: LinearLR},"
    " {type: CosineAnnealingLR, T_max: 15}]}",
    "ChainedScheduler": "{type: ChainedScheduler, schedulers: [{type: LinearLR}, {type: ExponentialLR, gamma: 0.9}]}",
}
METRIC = "metric: [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]"


def curve_of(schedule: Read, text: str, lr: float = 0.1, epochs: int = 20, more: str = METRIC) -> Curve:
    groups = f"[{{lr: {lr}}}, {{lr: {lr / 3}}}]"
    return simulate(schedule(f"epochs: {epochs}\noptimizer: {{groups: {groups}}}\nscheduler: {text}\n{more}"))


@pytest.mark.parametrize("text", BY_FACTORS.values(), ids=BY_FACTORS)
def test_twice_the_base_lr_is_exactly_twice_the_curve(schedule: Read, text: str) -> None:
    once, twice = curve_of(schedule, text), curve_of(schedule, text, lr=0.2)
    assert once.lr.min() != once.lr.max()
    assert (twice.lr == once.lr * 2).all()
    assert (twice.end == once.end * 2).all()


OF_ANY_LENGTH = {
    **BY_FACTORS,
    "CyclicLR": "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 3}",
    "OneCycleLR": "{type: OneCycleLR, max_lr: 0.1, total_steps: 25}",
}


@pytest.mark.parametrize("text", OF_ANY_LENGTH.values(), ids=OF_ANY_LENGTH)
def test_a_shorter_run_is_a_prefix_of_a_longer_one(schedule: Read, text: str) -> None:
    longer, shorter = curve_of(schedule, text), curve_of(schedule, text, epochs=13)
    assert shorter.lr.tolist() == longer.lr[:13].tolist()
    assert shorter.end.tolist() == longer.lr[13].tolist()


FOLLOWS_THE_RUN = ["{type: CosineAnnealingLR}", "{type: OneCycleLR, max_lr: 0.1}"]


@pytest.mark.parametrize("text", FOLLOWS_THE_RUN)
def test_a_length_left_out_is_that_of_the_run(schedule: Read, text: str) -> None:
    argument = "T_max" if "Cosine" in text else "total_steps"
    given = text.replace("}", f", {argument}: 13}}")
    left_out = curve_of(schedule, text, epochs=13, more="")
    assert curve_bits(left_out) == curve_bits(curve_of(schedule, given, epochs=13, more=""))
    assert curve_bits(left_out) != curve_bits(curve_of(schedule, given.replace("13", "14"), epochs=13, more=""))


def test_whole_numbers_stay_whole_as_in_torch_and_end_in_infinity(schedule: Read) -> None:
    read = schedule(
        """
        epochs: 320
        optimizer: {lr: 1}
        scheduler: {type: ExponentialLR, gamma: 10}
        """
    )
    for way, curve in ways(read):
        assert isinstance(curve, Curve), way
        assert list(curve.columns[0]) == [float(10**epoch) if epoch < 309 else math.inf for epoch in range(320)]
        assert curve.end_lr == (math.inf,)


RUNS = {
    "epochs": "epochs: 25",
    "epochs and steps": "epochs: 25\nsteps_per_epoch: 7",
    "steps": "steps: 25",
    "steps of epochs": "steps: 25\nsteps_per_epoch: 7",
    "cut epoch": "steps: 172\nsteps_per_epoch: 7\ninterval: epoch",
}


@pytest.mark.parametrize("calls", [0, 1, 9, 10, 24, 25, 30])
@pytest.mark.parametrize("text", RUNS.values(), ids=RUNS)
def test_the_first_calls_are_those_of_the_whole_run(schedule: Read, text: str, calls: int) -> None:
    read = schedule(
        f"{text}\noptimizer: {{type: SGD, lr: 0.1, groups: [{{}}, {{lr: 1}}]}}\n"
        "scheduler: {type: OneCycleLR, max_lr: 0.1, total_steps: 25}"
    )
    whole, first = simulate(read), simulate(read, calls=calls)
    assert len(first) == min(calls, 25)
    assert first.lr.tolist() == whole.lr[:calls].tolist()
    assert first.momentum is None or first.momentum.tolist() == whole.momentum[:calls].tolist()  # type: ignore[index]
    assert first.end.tolist() == (whole.lr[calls] if calls < 25 else whole.end).tolist()
    for clock in ("epochs", "steps"):
        of_whole, of_first = getattr(whole, clock), getattr(first, clock)
        assert of_first is None if of_whole is None else of_first.tolist() == of_whole[:calls].tolist()
    if calls >= 25:
        assert (first.run.total_epochs, first.run.total_steps) == (whole.run.total_epochs, whole.run.total_steps)
    elif whole.run.total_steps is not None:
        assert first.run.total_steps == calls * whole.run.steps_per_tick


def test_what_torch_refuses_behind_the_first_calls_is_not_met(schedule: Read) -> None:
    read = schedule("epochs: 30\noptimizer: {lr: 1}\nscheduler: {type: OneCycleLR, max_lr: 1, total_steps: 10}")
    assert len(simulate(read, calls=10)) == 10
    with pytest.raises(ScheduleError, match="fails at call 11"):
        simulate(read, calls=11)


# --- whole numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gamma", "zero"), [(7, False), (7, True), (-3, True)])
def test_whole_numbers_beyond_the_doubles_stay_small_and_mean_the_same(schedule: Read, gamma: int, zero: bool) -> None:
    """torch keeps them whole, however large they grow; the learning rate is what it makes of them."""
    factor = f"{gamma} if t != 900 else 0" if zero else f"{gamma}"
    read = schedule(f"epochs: 1000\noptimizer: {{lr: 3}}\nscheduler: {{type: MultiplicativeLR, lr_lambda: {factor}}}")
    made: list[int] = []
    plain = 3
    for call in range(1_001):
        made.append(plain)
        plain *= 0 if zero and call + 1 == 900 else gamma
    expected = [float(lr) if abs(lr) < 2**1024 else math.inf * (1 if lr > 0 else -1) for lr in made]
    curve = simulate(read)
    assert [*curve.lr[:, 0].tolist(), *curve.end_lr] == expected


def test_a_whole_number_beyond_the_doubles_is_refused_where_torch_refuses_it(schedule: Read) -> None:
    factor = "7 if t < 900 else 0.5"
    read = schedule(f"epochs: 1000\noptimizer: {{lr: 3}}\nscheduler: {{type: MultiplicativeLR, lr_lambda: {factor}}}")
    with pytest.raises(ScheduleError, match=r"fails at call 900 of 1,000 .*int too large to convert to float"):
        simulate(read)


def test_a_whole_number_beyond_the_exact_ones_is_a_double(schedule: Read) -> None:
    text = "epochs: 9\noptimizer: {lr: %s}\nscheduler: {type: ExponentialLR, gamma: %s}"
    read = schedule(text % (2**53, "1" + "0" * 299))
    assert read.optimizer.options["lr"] == 2**53
    assert type(read.optimizer.options["lr"]) is int
    assert type(read.scheduler and read.scheduler.arguments["gamma"]) is float  # type: ignore[union-attr]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_beyond_the_doubles_grows_no_further(sign: int) -> None:
    group = {"lr": sign * 7**2_000}
    assert double_of(group) == sign * math.inf
    assert group["lr"] == sign * 2**1024
