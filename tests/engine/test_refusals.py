"""What torch refuses becomes one error: the schedule, the scheduler, the call, torch's words, the place in the file.

And what torch only warns of is not heard.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import pytest
import torch
from loop_cases import FOR_ANY_GROUPS, OPTIMIZERS, Case
from loops import WAYS, parameter, run, source, ways
from torch.optim import lr_scheduler as torch_lr

from lrviz.engine.backend import imported_backend
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]


@dataclass(frozen=True)
class Refusal:
    """A file that torch refuses, torch's own code for it, and the error up to and after torch's words."""

    text: str
    make: Callable[[Any], Any]
    before: str
    call: int
    after: str = ""
    calls: int = 12
    optimizer: Callable[[], torch.optim.Optimizer] = lambda: torch.optim.SGD([parameter()], lr=0.1)


def sequence(optimizer: Any, second: Any, milestone: int) -> Any:
    return torch_lr.SequentialLR(optimizer, [torch_lr.LinearLR(optimizer), second], [milestone])


REFUSALS = {
    "OneCycleLR-past-its-end": Refusal(
        """
        epochs: 12
        optimizer: {lr: 0.1}
        schedules:
          short:
            scheduler:
              type: OneCycleLR
              max_lr: 0.1
              total_steps: 10
        """,
        lambda opt: torch_lr.OneCycleLR(opt, 0.1, total_steps=10),
        "test.yaml:6:7: error: schedule 'short': OneCycleLR fails at call 11 of 12 of scheduler.step(): ",
        11,
        "\n  hint: total_steps: 12, the number of calls in this run",
    ),
    "OneCycleLR-past-its-end-in-a-chain": Refusal(
        """
        steps: 2000
        optimizer: {lr: 0.1}
        scheduler:
          type: ChainedScheduler
          schedulers:
            - {type: ExponentialLR, gamma: 0.999}
            - {type: OneCycleLR, max_lr: 0.1, total_steps: 1500}
        """,
        lambda opt: torch_lr.ChainedScheduler(
            [torch_lr.ExponentialLR(opt, 0.999), torch_lr.OneCycleLR(opt, 0.1, total_steps=1500)]
        ),
        "test.yaml:7:7: error: schedule 'test': OneCycleLR fails at call 1,501 of 2,000 of scheduler.step(): ",
        1501,
        "\n  hint: total_steps: 2000, the number of calls in this run",
        calls=2000,
    ),
    "ConstantLR-back-from-0": Refusal(
        """
        epochs: 12
        optimizer: {lr: 0.1}
        scheduler: {type: ConstantLR, factor: 0, total_iters: 4}
        """,
        lambda opt: torch_lr.ConstantLR(opt, factor=0, total_iters=4),
        "test.yaml:3:12: error: schedule 'test': ConstantLR fails at call 4 of 12 of scheduler.step(): ",
        4,
    ),
    "SequentialLR-in-SequentialLR": Refusal(
        """
        epochs: 12
        optimizer: {lr: 0.1}
        scheduler:
          type: SequentialLR
          milestones: [5]
          schedulers: [{type: LinearLR},
                       {type: SequentialLR, schedulers: [{type: StepLR, step_size: 3}], milestones: []}]
        """,
        lambda opt: sequence(opt, torch_lr.SequentialLR(opt, [torch_lr.StepLR(opt, 3)], []), 5),
        "test.yaml:7:16: error: schedule 'test': SequentialLR fails at call 5 of 12 of scheduler.step(): ",
        5,
        " without a message\n  hint: torch's SequentialLR runs a SequentialLR only as its first scheduler",
    ),
    "ChainedScheduler-in-SequentialLR": Refusal(
        """
        epochs: 12
        optimizer: {lr: 0.1}
        scheduler:
          type: SequentialLR
          milestones: [12]
          schedulers: [{type: LinearLR}, {type: ChainedScheduler, schedulers: [{type: LinearLR}]}]
        """,
        lambda opt: sequence(opt, torch_lr.ChainedScheduler([torch_lr.LinearLR(opt)]), 12),
        "test.yaml:6:34: error: schedule 'test': ChainedScheduler fails at call 12 of 12 of scheduler.step(): ",
        12,
        " without a message\n  hint: torch's SequentialLR runs a ChainedScheduler only as its first scheduler",
    ),
    "OneCycleLR-without-momentum": Refusal(
        """
        epochs: 12
        optimizer: {type: Adagrad, lr: 0.1}
        scheduler:
            {type: OneCycleLR, max_lr: 0.1}
        """,
        lambda opt: torch_lr.OneCycleLR(opt, 0.1, total_steps=12),
        "test.yaml:4:5: error: schedule 'test': torch refuses to construct OneCycleLR: ",
        0,
        optimizer=lambda: torch.optim.Adagrad([parameter()], lr=0.1),
    ),
    "CyclicLR-without-momentum": Refusal(
        """
        epochs: 12
        optimizer: {type: Adagrad, lr: 0.1}
        scheduler: {type: ChainedScheduler, schedulers: [{type: CyclicLR, base_lr: 0.1, max_lr: 1}]}
        """,
        lambda opt: torch_lr.ChainedScheduler([torch_lr.CyclicLR(opt, 0.1, 1)]),
        "test.yaml:3:50: error: schedule 'test': torch refuses to construct CyclicLR: ",
        0,
        optimizer=lambda: torch.optim.Adagrad([parameter()], lr=0.1),
    ),
    "OneCycleLR-whose-rise-is-no-call-long": Refusal(
        """
        epochs: 10
        optimizer: {lr: 0.1}
        scheduler: {type: OneCycleLR, max_lr: 0.1, pct_start: 0.1}
        """,
        lambda opt: torch_lr.OneCycleLR(opt, 0.1, total_steps=10, pct_start=0.1),
        "test.yaml:3:12: error: schedule 'test': torch refuses to construct OneCycleLR: ",
        0,
        calls=10,
    ),
    "ReduceLROnPlateau-in-SequentialLR": Refusal(
        """
        epochs: 12
        optimizer: {lr: 0.1}
        scheduler:
          type: SequentialLR
          milestones: [5]
          schedulers: [{type: LinearLR}, {type: ReduceLROnPlateau}]
        """,
        lambda opt: sequence(opt, torch_lr.ReduceLROnPlateau(opt), 5),
        "test.yaml:4:3: error: schedule 'test': torch refuses to construct SequentialLR: ",
        0,
    ),
    "ReduceLROnPlateau-in-ChainedScheduler": Refusal(
        """
        epochs: 12
        optimizer: {lr: 0.1}
        scheduler: {type: ChainedScheduler, schedulers: [{type: LinearLR}, {type: ReduceLROnPlateau}]}
        """,
        lambda opt: torch_lr.ChainedScheduler([torch_lr.LinearLR(opt), torch_lr.ReduceLROnPlateau(opt)]),
        "test.yaml:3:12: error: schedule 'test': torch refuses to construct ChainedScheduler: ",
        0,
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_torchs_refusal_is_an_error_on_every_way(schedules: Callable[[str], list[Schedule]], refusal: Refusal) -> None:
    (read,) = schedules(dedent(refusal.text).lstrip())
    plain = run(refusal.make, refusal.optimizer(), refusal.calls)

    assert plain.refusal is not None
    assert plain.call == refusal.call
    for way, outcome in ways(read):
        assert isinstance(outcome, ScheduleError), way
        assert str(outcome) == refusal.before + plain.words() + refusal.after, way
        assert outcome.__cause__ is not None
        assert type(outcome.__cause__) is type(plain.refusal)


def test_a_run_that_ends_before_the_refusal_is_not_refused(schedule: Read) -> None:
    for calls, text in (
        (10, "{type: OneCycleLR, max_lr: 0.1, total_steps: 10}"),
        (3, "{type: ConstantLR, factor: 0, total_iters: 4}"),
        (11, "{type: SequentialLR, milestones: [12], schedulers: [{type: LinearLR}, {type: ChainedScheduler,"
             " schedulers: [{type: LinearLR}]}]}"),
    ):  # fmt: skip
        read = schedule(f"epochs: {calls}\noptimizer: {{lr: 0.1}}\nscheduler: {text}")
        assert [len(curve) for _, curve in ways(read) if not isinstance(curve, ScheduleError)] == [calls] * len(WAYS)


def test_an_optimizer_that_torch_refuses_is_an_error_at_the_optimizer(schedule: Read) -> None:
    read = schedule("epochs: 3\noptimizer: {lr: 0.1, fused: true, foreach: true}\nscheduler: none")
    with pytest.raises(RuntimeError) as plain:
        torch.optim.SGD([parameter()], lr=0.1, fused=True, foreach=True)
    with pytest.raises(ScheduleError) as caught:
        simulate(read)
    (problem,) = caught.value.problems
    assert problem.where == Position("test.yaml", 2, 12)
    assert problem.message == f"schedule 'test': torch refuses to construct SGD: RuntimeError: {plain.value}"


def test_a_class_that_this_torch_does_not_have_is_an_error(schedule: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.optim, "Muon")
    read = schedule("epochs: 3\noptimizer: {type: Muon, lr: 0.1}\nscheduler: none")
    with pytest.raises(ScheduleError) as caught:
        simulate(read)
    assert str(caught.value) == (
        "test.yaml:2:12: error: schedule 'test': torch refuses to construct Muon: "
        "AttributeError: module 'torch.optim' has no attribute 'Muon'"
    )


# --- warnings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW-three-groups"])
@pytest.mark.parametrize("case", FOR_ANY_GROUPS.values(), ids=FOR_ANY_GROUPS)
def test_no_warning_of_torch_is_heard(schedule: Read, case: Case, optimizer: str) -> None:
    metric = f"metric: {list(case.metric)}" if case.metric else ""
    read = schedule(f"epochs: 42\noptimizer: {OPTIMIZERS[optimizer][0]}\nscheduler: {case.text}\n{metric}")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for way, (backend, shortcut) in WAYS.items():
            if case.on_source or way.startswith("import"):
                simulate(read, backend=backend(), shortcut=shortcut)
    assert heard == []


def test_torch_does_warn_of_a_composite_in_a_plain_loop() -> None:
    optimizer = torch.optim.SGD([parameter()], lr=0.1)
    with pytest.warns(UserWarning, match="lr_scheduler.step"):
        FOR_ANY_GROUPS["ChainedScheduler-first-in-SequentialLR"].make(optimizer)


@pytest.mark.parametrize("backend", [source, imported_backend])
@pytest.mark.parametrize("total_steps", [5, 20])
def test_the_filters_of_the_caller_are_put_back(schedule: Read, backend: Callable[[], Any], total_steps: int) -> None:
    read = schedule(
        f"epochs: 10\noptimizer: {{lr: 1}}\nscheduler: {{type: OneCycleLR, max_lr: 1, total_steps: {total_steps}}}"
    )
    before = list(warnings.filters)
    try:
        simulate(read, backend=backend())
    except ScheduleError:
        assert total_steps == 5
    assert warnings.filters == before


def test_a_composite_that_torch_does_not_make_is_named_where_it_stands(schedule: Read) -> None:
    read = schedule(
        """
        epochs: 12
        optimizer: {lr: 0.1}
        scheduler:
          type: SequentialLR
          milestones: [20]
          schedulers:
            - type: SequentialLR
              milestones: [1]
              schedulers:
                - {type: LinearLR}
                - {type: ChainedScheduler, schedulers: [{type: LinearLR}]}
            - {type: LinearLR}
        """
    )
    for way, outcome in ways(read):
        assert str(outcome) == (
            "test.yaml:12:11: error: schedule 'test': torch refuses to construct SequentialLR: "
            "NotImplementedError without a message\n"
            "  hint: torch's SequentialLR runs a ChainedScheduler only as its first scheduler"
        ), way


def test_the_hint_for_one_cycle_inside_a_sequence_is_not_the_length_of_the_run(schedule: Read) -> None:
    read = schedule(
        """
        epochs: 30
        optimizer: {lr: 0.1}
        scheduler:
          type: SequentialLR
          milestones: [5]
          schedulers: [{type: LinearLR}, {type: OneCycleLR, max_lr: 1, total_steps: 10}]
        """
    )
    for way, outcome in ways(read):
        assert "hint: set total_steps to the number of calls that it gets" in str(outcome), way
        assert "30" not in str(outcome).partition("hint")[2], way
