"""PhasedLR against SequentialLR, against schedulers switched by hand, and against itself resumed at every call."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from loops import parameter, ways
from torch.optim import lr_scheduler as torch_lr
from torch.optim.swa_utils import SWALR

import lrviz
from lrviz import Phase
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.run import Length

Make = Callable[[Any], Any]
Read = Callable[[str], Schedule]

AFTER_WARMUP: dict[str, Make] = {
    "cosine": lambda opt: torch_lr.CosineAnnealingLR(opt, 20),
    "cosine to a floor": lambda opt: torch_lr.CosineAnnealingLR(opt, 20, eta_min=1e-5),
    "step": lambda opt: torch_lr.StepLR(opt, 3),
    "multistep": lambda opt: torch_lr.MultiStepLR(opt, [2, 5]),
    "exponential": lambda opt: torch_lr.ExponentialLR(opt, 0.9),
    "polynomial": lambda opt: torch_lr.PolynomialLR(opt, 20, 2.0),
    "linear": lambda opt: torch_lr.LinearLR(opt, 1.0, 0.0, 20),
    "restarts": lambda opt: torch_lr.CosineAnnealingWarmRestarts(opt, 5),
    "lambda": lambda opt: torch_lr.LambdaLR(opt, lambda call: 0.9**call),
}


def optimizer(rates: Sequence[float] = (0.1, 0.03, 1e-3), kind: str = "SGD") -> torch.optim.Optimizer:
    groups = [{"params": [parameter()], "lr": lr} for lr in rates]
    if kind == "SGD":
        return torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    return torch.optim.AdamW(groups, lr=0.1)


def held(opt: torch.optim.Optimizer) -> list[tuple[float, float]]:
    return [(group["lr"], group["betas"][0] if "betas" in group else group["momentum"]) for group in opt.param_groups]


def run(scheduler: Any, opt: torch.optim.Optimizer, calls: int) -> list[list[tuple[float, float]]]:
    """What the optimizer holds before each call, and after the last."""
    rows = []
    for _ in range(calls):
        rows.append(held(opt))
        opt.step()
        scheduler.step()
    return [*rows, held(opt)]


@pytest.mark.parametrize("name", AFTER_WARMUP)
@pytest.mark.parametrize("start_factor", [0.01, 0.033, 0.1, 1 / 3, 0.7])
@pytest.mark.parametrize("warmup", [1, 5, 7])
def test_after_a_warmup_it_is_sequential_lr_bit_for_bit(name: str, start_factor: float, warmup: int) -> None:
    def linear(opt: Any) -> Any:
        return torch_lr.LinearLR(opt, start_factor, total_iters=warmup)

    opt = optimizer()
    sequential = torch_lr.SequentialLR(opt, [linear(opt), AFTER_WARMUP[name](opt)], [warmup])
    expected = run(sequential, opt, warmup + 20)
    opt = optimizer()
    assert run(lrviz.PhasedLR(opt, [Phase(linear, warmup), Phase(AFTER_WARMUP[name])]), opt, warmup + 20) == expected


NOT_QUITE = (0.03, 0.7, 0.03)
"""Learning rates that a LinearLR from a third in 7 calls does not reach to the last bit."""


def nearly(opt: Any) -> Any:
    return torch_lr.LinearLR(opt, 1 / 3, total_iters=7)


CONTINUE: dict[str, Make | None] = {
    "hold": None,
    "multiplicative": lambda opt: torch_lr.MultiplicativeLR(opt, lambda call: 1.0),
    "plateau": lambda opt: torch_lr.ReduceLROnPlateau(opt, factor=0.5, patience=0),
    "swa": lambda opt: SWALR(opt, 0.01, anneal_epochs=3),
    "chained": lambda opt: torch_lr.ChainedScheduler(
        [torch_lr.ExponentialLR(opt, 0.9), torch_lr.LambdaLR(opt, lambda call: 0.9**call)]
    ),
    "sequential": lambda opt: torch_lr.SequentialLR(
        opt, [torch_lr.StepLR(opt, 1), torch_lr.CosineAnnealingLR(opt, 5)], [2]
    ),
}


@pytest.mark.parametrize("name", CONTINUE)
def test_what_continues_begins_from_what_was_reached_to_the_last_bit(name: str) -> None:
    """The loop by hand makes the second scheduler over a new optimizer with what the first one reached."""
    make, metric = CONTINUE[name], (1.0,) if name == "plateau" else ()
    opt = optimizer(NOT_QUITE)
    reached = run(nearly(opt), opt, 7)[-1]
    rates = [lr for lr, _ in reached]
    assert rates != list(NOT_QUITE)
    assert rates == pytest.approx(NOT_QUITE, rel=1e-15)
    opt = optimizer(rates)
    scheduler = make(opt) if make is not None else None
    expected = [held(opt)]
    for _ in range(9):
        opt.step()
        if scheduler is not None:
            scheduler.step(*metric)
        expected.append(held(opt))
    opt = optimizer(NOT_QUITE)
    phased = lrviz.PhasedLR(opt, [Phase(nearly, 7), Phase(make)])
    run(phased, opt, 6)
    rows = []
    for _ in range(10):
        opt.step()
        phased.step(*metric)
        rows.append(held(opt))
    assert rows == expected


@pytest.mark.parametrize("name", AFTER_WARMUP)
def test_a_hold_between_warmup_and_decay_is_sequential_lr_with_a_longer_warmup(name: str) -> None:
    opt = optimizer(NOT_QUITE)
    expected = run(torch_lr.SequentialLR(opt, [nearly(opt), AFTER_WARMUP[name](opt)], [12]), opt, 32)
    opt = optimizer(NOT_QUITE)
    phases = [Phase(nearly, 7), Phase(None, 5), Phase(AFTER_WARMUP[name])]
    assert run(lrviz.PhasedLR(opt, phases), opt, 32) == expected


def test_a_phase_away_from_the_base_begins_as_its_scheduler_alone_does() -> None:
    """The closed form of this cosine, which SequentialLR begins with, is not 0.3 to the last bit."""

    def cosine(opt: Any) -> Any:
        return torch_lr.CosineAnnealingLR(opt, 20, eta_min=0.03)

    opt = optimizer((0.3,))
    alone = run(cosine(opt), opt, 9)
    for own in (0.1, 0.30000000000000004):
        opt = optimizer((own,))
        assert run(lrviz.PhasedLR(opt, [Phase(None, 3), Phase(cosine, start=0.3)]), opt, 12)[3:] == alone


PHASES = (
    Phase(lambda opt: torch_lr.LinearLR(opt, 0.1, total_iters=5), 5),
    Phase(lambda opt: torch_lr.OneCycleLR(opt, 0.5, total_steps=8), 8),
    Phase(None, 3),
    Phase(lambda opt: torch_lr.CosineAnnealingLR(opt, 6), 6, "base"),
    Phase(lambda opt: torch_lr.ExponentialLR(opt, 0.9), 4, (0.02, 0.01, 0.005)),
    Phase(lambda opt: torch_lr.MultiStepLR(opt, [1, 2, 2]), None),
)


def by_hand(opt: torch.optim.Optimizer, kind: str) -> list[list[tuple[float, float]]]:
    """The same phases with schedulers that are made and dropped in a plain loop."""
    key = "betas" if kind == "AdamW" else "momentum"
    own = [group[key] for group in opt.param_groups]
    base = [group["lr"] for group in opt.param_groups]
    rows: list[list[tuple[float, float]]] = []
    lrs = base
    for phase, calls in zip(PHASES, (5, 8, 3, 6, 4, 4), strict=True):
        if phase.start == "base":
            lrs = base
        elif not isinstance(phase.start, str):
            lrs = list(phase.start)  # type: ignore[arg-type]
        for group, lr, momentum in zip(opt.param_groups, lrs, own, strict=True):
            group["lr"] = group["initial_lr"] = lr
            group[key] = momentum
        scheduler = phase.make(opt) if phase.make else None
        for call in range(calls):
            rows.append(held(opt))
            one_cycle_is_over = isinstance(scheduler, torch_lr.OneCycleLR) and call == calls - 1
            opt.step()
            if scheduler is not None and not one_cycle_is_over:
                scheduler.step()
        lrs = [group["lr"] for group in opt.param_groups]
    return rows


@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
def test_it_is_schedulers_switched_by_hand(kind: str) -> None:
    opt = optimizer(kind=kind)
    assert run(lrviz.PhasedLR(opt, PHASES), opt, 30)[:-1] == by_hand(optimizer(kind=kind), kind)


ROUNDED = (Phase(nearly, 7), Phase(None, 5), Phase(AFTER_WARMUP["cosine"]))
"""Phases that come to the base but for rounding, and begin there."""


@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
@pytest.mark.parametrize("phases", [PHASES, ROUNDED], ids=["PHASES", "ROUNDED"])
def test_a_state_resumes_exactly_at_any_call(kind: str, phases: tuple[Phase, ...]) -> None:
    opt = optimizer(kind=kind)
    whole = run(lrviz.PhasedLR(opt, phases), opt, 30)
    for at in range(31):
        opt = optimizer(kind=kind)
        scheduler = lrviz.PhasedLR(opt, phases)
        run(scheduler, opt, at)
        file = io.BytesIO()
        torch.save({"optimizer": opt.state_dict(), "scheduler": scheduler.state_dict()}, file)
        file.seek(0)
        state = torch.load(file, weights_only=True)
        opt = optimizer(kind=kind)
        scheduler = lrviz.PhasedLR(opt, phases)
        opt.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        assert scheduler.get_last_lr() == [lr for lr, _ in whole[at]]
        assert run(scheduler, opt, 30 - at) == whole[at:], at


def test_it_is_a_real_scheduler_of_the_imported_torch() -> None:
    opt = optimizer()
    scheduler = lrviz.PhasedLR(opt, [Phase(None)])
    assert isinstance(scheduler, torch_lr.LRScheduler)
    assert scheduler.base_lrs == [0.1, 0.03, 1e-3]
    assert type(scheduler).__name__ == "PhasedLR"


def test_a_phase_driven_by_a_metric_gets_it_and_asks_for_it() -> None:
    opt = optimizer((1.0,))
    scheduler = lrviz.PhasedLR(
        opt, [Phase(None, 2), Phase(lambda opt: torch_lr.ReduceLROnPlateau(opt, factor=0.5, patience=0))]
    )
    rates = []
    for metric in (9.0, 9.0, 1.0, 1.0, 1.0, 1.0):
        rates.append(opt.param_groups[0]["lr"])
        scheduler.step(metric)
    assert rates == [1.0, 1.0, 1.0, 1.0, 0.5, 0.25]
    with pytest.raises(TypeError, match="step\\(\\) needs its metric"):
        scheduler.step()


def test_a_phase_may_be_called_once_an_epoch() -> None:
    opt = optimizer((1.0,))
    scheduler = lrviz.PhasedLR(opt, [Phase(None, 4), Phase(lambda opt: torch_lr.ExponentialLR(opt, 0.5), every=3)])
    rates = [rows[0][0] for rows in run(scheduler, opt, 12)]
    assert rates == [1.0] * 6 + [0.5] * 3 + [0.25] * 3 + [0.125]


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([], "needs at least one phase"),
        ([Phase(None), Phase(None)], "phase 0 must last a whole number of calls"),
        ([Phase(None, 0)], "at least 1 \\(got 0\\)"),
        ([Phase(None, 2.5)], "got 2.5"),  # type: ignore[arg-type]
        ([Phase(None, 2, every=0)], "every must be"),
    ],
)
def test_phases_that_are_none_are_refused(phases: list[Phase], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lrviz.PhasedLR(optimizer(), phases)


FILE = """
    epochs: 12
    steps_per_epoch: 4
    interval: step
    optimizer: {type: SGD, momentum: 0.9, groups: [{name: a, lr: 0.1}, {name: b, lr: 0.01}]}
    scheduler:
      - {type: LinearLR, start_factor: 0.1, for: 1.5 epochs}
      - {type: none, for: 25%}
      - {type: ExponentialLR, gamma: 0.5, interval: epoch, for: 12 steps}
      - {type: LambdaLR, from: {a: 0.2, b: 0.3}, lr_lambda: {a: 1 - t / T, b: "0.9 ** (n - 30)"}}
"""


def test_a_file_with_phases_is_phased_lr_on_every_way(schedule: Read) -> None:
    opt = torch.optim.SGD([{"params": [parameter()], "lr": 0.1}, {"params": [parameter()], "lr": 0.01}], momentum=0.9)
    scheduler = lrviz.PhasedLR(
        opt,
        [
            Phase(lambda opt: torch_lr.LinearLR(opt, 0.1, total_iters=6), 6),
            Phase(None, 12),
            Phase(lambda opt: torch_lr.ExponentialLR(opt, 0.5), 12, every=4),
            Phase(
                lambda opt: torch_lr.LambdaLR(opt, [lambda t: 1 - t / 18, lambda t: 0.9 ** (t + 30 - 30)]),
                start=(0.2, 0.3),
            ),
        ],
    )
    expected = run(scheduler, opt, 48)
    for way, curve in ways(schedule(FILE)):
        assert isinstance(curve, Curve), way
        rows = [list(row) for row in zip(*curve.columns, strict=True)] + [list(curve.end_lr)]
        assert rows == [[lr for lr, _ in row] for row in expected], way


def test_what_torch_refuses_in_a_later_phase_is_an_error_of_the_file(schedule: Read) -> None:
    read = schedule(
        """
        epochs: 10
        optimizer: {type: Adagrad, lr: 0.1}
        scheduler:
          - {type: LinearLR, for: 5}
          - {type: OneCycleLR, max_lr: 0.1}
        """
    )
    for way, outcome in ways(read):
        assert isinstance(outcome, ScheduleError), way
        assert str(outcome).startswith("test.yaml:6:5: error: schedule 'test': torch refuses to construct OneCycleLR: ")


@pytest.mark.parametrize("before", [None, lambda opt: torch_lr.OneCycleLR(opt, 0.5, total_steps=3)])
def test_a_cyclic_phase_begins_at_its_own_base_lr(before: Make | None) -> None:
    def cyclic(opt: Any) -> Any:
        return torch_lr.CyclicLR(opt, 0.01, 0.1, step_size_up=2)

    opt = optimizer((0.3, 0.2))
    alone = run(cyclic(opt), opt, 6)
    opt = optimizer((0.3, 0.2))
    assert run(lrviz.PhasedLR(opt, [Phase(cyclic)]), opt, 6) == alone
    opt = optimizer((0.3, 0.2))
    assert run(lrviz.PhasedLR(opt, [Phase(before, 3), Phase(cyclic)]), opt, 9)[3:] == alone


def test_inside_sequential_lr_it_begins_where_it_is_in_charge() -> None:
    def phased(opt: Any) -> Any:
        return lrviz.PhasedLR(opt, [Phase(lambda opt: torch_lr.LinearLR(opt, 0.1, total_iters=3), 3), Phase(None)])

    opt = optimizer((0.1,))
    first = torch_lr.SequentialLR(opt, [phased(opt), torch_lr.StepLR(opt, 2)], [5])
    rates = [row[0][0] for row in run(first, opt, 8)]
    assert rates == pytest.approx([0.01, 0.04, 0.07, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01])
    opt = optimizer((0.1,))
    second = torch_lr.SequentialLR(opt, [torch_lr.ConstantLR(opt, 0.5, 9), phased(opt)], [2])
    rates = [row[0][0] for row in run(second, opt, 6)]
    assert rates == pytest.approx([0.05, 0.05, 0.01, 0.04, 0.07, 0.1, 0.1])


def test_a_missing_metric_leaves_the_scheduler_where_it_was() -> None:
    class Own(torch_lr.ReduceLROnPlateau):
        """A subclass takes metrics too."""

    opt = optimizer((1.0,))
    scheduler = lrviz.PhasedLR(opt, [Phase(lambda opt: Own(opt, factor=0.5, patience=0))])
    with pytest.raises(TypeError, match="needs its metric"):
        scheduler.step()
    assert scheduler.last_epoch == 0
    for _ in range(2):
        scheduler.step(1.0)
    assert scheduler.get_last_lr() == [0.5]


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        (Phase(None, start="bsae"), "start must be 'reached', 'base', or learning rates"),  # type: ignore[arg-type]
        (Phase(None, start=[0.1, 0.2]), "2 learning rates for 3 param groups"),
    ],
)
def test_a_start_that_is_none_is_refused_at_once(phase: Phase, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lrviz.PhasedLR(optimizer(), [Phase(None, 2), phase])


def test_a_run_that_the_command_line_cuts_keeps_the_curve_up_to_there() -> None:
    text = (
        "epochs: 10\noptimizer: {lr: 0.1}\nscheduler: [{type: LinearLR, for: 3}, {type: CosineAnnealingLR, for: 7}]\n"
    )
    (whole,), (cut,), (longer,) = (
        load_text(text, "f.yaml", length) for length in (None, Length(epochs=5), Length(epochs=14))
    )
    rates = [list(simulate(each).columns[0]) for each in (whole, cut, longer)]
    assert rates[1] == rates[0][:5]
    assert rates[2][:10] == rates[0]


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        ("{type: LambdaLR, lr_lambda: 1 / t}", "40: error: schedule 'f': `1 / t` divides by zero at t = 0"),
        (
            "{type: LambdaLR, lr_lambda: [1 / (t - 3)]}",
            "41: error: schedule 'f': `1 / (t - 3)` divides by zero at t = 3",
        ),
        (
            "[{type: LambdaLR, lr_lambda: (-1) ** 0.5}]",
            "41: error: schedule 'f': `(-1) ** 0.5` is not a real number at t = 0",
        ),
    ],
)
def test_an_expression_without_a_value_is_named_at_its_place_and_t(scheduler: str, message: str) -> None:
    (read,) = load_text(f"epochs: 9\noptimizer: {{lr: 0.1}}\nscheduler: {scheduler}\n", "f.yaml")
    with pytest.raises(ScheduleError) as caught:
        simulate(read)
    assert str(caught.value) == f"f.yaml:3:{message}"
