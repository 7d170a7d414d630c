"""What `lrviz code` prints gives the same learning rates as its schedule, to the last bit, in a plain loop of torch."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import drawn
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from loop_cases import CALLS, FOR_ANY_GROUPS, FOR_THREE_GROUPS, OPTIMIZERS, Case
from phase_cases import Planned, at_base, elsewhere, rates
from printed import code, hold, module_of, momentum, note, optimizer_of, run, same, scheduler_of, shortened
from test_cases import CURVES
from test_cases import Case as ConfigCase

import lrviz
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.schedule.catalogue import OPTIMIZERS as OPTIMIZERS_OF_TORCH
from lrviz.schedule.model import Phases, Schedule

ROOT = Path(__file__).parents[3]
FILES = sorted(ROOT.glob("schedules/*/*.yaml"))
CASES = [
    *product(FOR_ANY_GROUPS.items(), OPTIMIZERS),
    *product(FOR_THREE_GROUPS.items(), [name for name in OPTIMIZERS if "three" in name]),
]


@pytest.mark.parametrize(("case", "optimizer"), CASES, ids=[f"{case[0]}-{optimizer}" for case, optimizer in CASES])
def test_every_scheduler_of_torch(case: tuple[str, Case], optimizer: str) -> None:
    _, spec = case
    metric = f"metric: {list(spec.metric)}\n" if spec.metric else ""
    head = f"epochs: {CALLS}\noptimizer: {OPTIMIZERS[optimizer][0]}\n"
    (schedule,) = load_text(f"{head}scheduler: {spec.text}\n{metric}", "case.yaml")
    same(schedule, code(schedule))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_example_and_recipe(file: Path) -> None:
    for schedule in load_file(file):
        held(schedule, ticks=1_000, in_phase=150)


@pytest.mark.parametrize("case", CURVES, ids=[f"{case.file.parent.name}-{case.file.stem}" for case in CURVES])
def test_every_config_of_another_program(case: ConfigCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrviz.configs.releases._installed", lambda packages: {})
    held(case.load(), ticks=60, in_phase=30)


def held(schedule: Schedule, ticks: int, in_phase: int) -> None:
    """The beginning of a run; of one in phases, also a part of each phase and what lies between them."""
    if isinstance(schedule.scheduler, Phases) and schedule.run.ticks > ticks:
        schedule = shortened(schedule, in_phase)
    same(schedule, code(schedule), ticks=max(ticks, in_phase * 10))


PHASES = {
    "held below the base": "[{type: CosineAnnealingLR, eta_min: 0.01, for: 10}, {type: none}]",
    "begun below the base": "[{type: CosineAnnealingLR, eta_min: 0.01, for: 10}, {type: ExponentialLR, gamma: 0.9}]",
    "from a number": "[{type: LinearLR, for: 5}, {type: StepLR, step_size: 4, from: 1e-3}]",
    "from the base": "[{type: ExponentialLR, gamma: 0.5, for: 5}, {type: StepLR, step_size: 4, from: base}]",
    "held at a number": "[{type: LinearLR, for: 5}, {type: none, from: 0.00101}]",
    "held at a number that no factor gives": "[{type: LinearLR, for: 5}, {type: none, from: 3e-5}]",
    "with a name": "[{type: LinearLR, for: 5, name: warm up}, {type: LambdaLR, lr_lambda: 1 - t / T, name: fall}]",
    "alone": "[{type: LinearLR}]",
    "alone and held": "[{type: none}]",
    "alone from a number": "[{type: LinearLR, from: 0.5}]",
    "of composites": "[{type: none, for: 4}, {type: ChainedScheduler, schedulers: [{type: StepLR, step_size: 3},"
    " {type: ExponentialLR, gamma: 0.9}]}]",
    "of OneCycleLR": "[{type: OneCycleLR, max_lr: 0.4, for: 12}, {type: LinearLR, start_factor: 1, end_factor: 0}]",
    "of CyclicLR": "[{type: CyclicLR, base_lr: 0.01, max_lr: 0.4, step_size_up: 3, for: 12, scale_fn: 0.5 * x},"
    " {type: MultiplicativeLR, lr_lambda: 1 / (t + 1)}]",
}


@pytest.mark.parametrize("interval", ["epochs: 30", "steps: 34\ninterval: 2 steps"])
@pytest.mark.parametrize("name", PHASES)
def test_phases(name: str, interval: str) -> None:
    (schedule,) = load_text(f"{interval}\noptimizer: {{lr: 0.1, momentum: 0.9}}\nscheduler: {PHASES[name]}\n", "p.yaml")
    same(schedule, code(schedule))


def test_a_phase_at_its_own_pace_and_one_with_a_metric() -> None:
    head = "epochs: 6\nsteps_per_epoch: 7\ninterval: step\noptimizer: {type: AdamW, groups: [{lr: 1e-3}, {lr: 1e-4}]}\n"
    text = f"""{head}metric: 1 if step < 20 else 2
scheduler:
  - {{type: LinearLR, for: 10 steps}}
  - {{type: StepLR, step_size: 1 epoch, gamma: 0.5, for: 2 epochs, interval: epoch, from: {{'0': 1, '1': 2}}}}
  - {{type: ReduceLROnPlateau, patience: 1, factor: 0.5}}
"""
    (schedule,) = load_text(text, "p.yaml")
    same(schedule, code(schedule))


def test_groups_that_are_held_each_at_another_part_of_their_own() -> None:
    groups = "[{name: body, lr: 0.1}, {name: head, lr: 0.2}, {name: frozen, lr: 0}]"
    phases = "[{type: CosineAnnealingLR, eta_min: 0.01, for: 5}, {type: none}]"
    (schedule,) = load_text(f"epochs: 9\noptimizer: {{groups: {groups}}}\nscheduler: {phases}\n", "groups.yaml")
    same(schedule, code(schedule))


def test_calls_after_every_so_many_steps() -> None:
    text = (
        "steps: 47\ninterval: 5 steps\noptimizer: {lr: 1}\nscheduler: {type: StepLR, step_size: 10 steps, gamma: 0.5}\n"
    )
    (schedule,) = load_text(text, "s.yaml")
    assert "`scheduler.step()` after every 5th optimizer step, 9 times in all." in code(schedule)
    same(schedule, code(schedule))


def test_a_class_of_ones_own_may_be_called_as_what_the_code_uses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "my_names.py").write_text(
        "import torch.optim.lr_scheduler as torch_lr\n\n"
        "def max(optimizer):\n    return torch_lr.ExponentialLR(optimizer, 0.9)\n\n"
        "class LRScheduler(torch_lr.StepLR):\n    pass\n\n"
        "class optimizer(torch_lr.ExponentialLR):\n    pass\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    text = (
        "epochs: 12\noptimizer: {lr: 1}\nscheduler: {type: ChainedScheduler, schedulers: [\n"
        "  {type: LambdaLR, lr_lambda: 'max(0, 1 - t / T)'}, {type: StepLR, step_size: 2}, {type: my_names.max},\n"
        "  {type: my_names.LRScheduler, step_size: 3}, {type: my_names.optimizer, gamma: 0.9}]}\n"
    )
    (schedule,) = load_text(text, "own.yaml", trust=True)
    printed = code(schedule)
    assert "from my_names import LRScheduler" in printed
    same(schedule, printed)


def test_a_function_for_each_group_has_a_name_even_if_the_group_has_none() -> None:
    groups = "[{name: '2nd head', lr: 1}, {lr: 2}, {lr: 3}]"
    text = f"epochs: 9\noptimizer: {{groups: {groups}}}\nscheduler: {{type: LambdaLR, lr_lambda: [t, t + 1, t / T]}}\n"
    (schedule,) = load_text(text, "groups.yaml")
    same(schedule, code(schedule))
    assert "lr_lambda=[factor_2nd_head, group_1_factor, group_2_factor]" in code(schedule)


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS_OF_TORCH if name != "SparseAdam"])
def test_every_optimizer(optimizer: str) -> None:
    text = f"epochs: 3\noptimizer: {{type: {optimizer}, lr: 2}}\nscheduler: {{type: ExponentialLR, gamma: 0.5}}\n"
    (schedule,) = load_text(text, "o.yaml")
    module = module_of(code(schedule))
    made = optimizer_of(schedule, module)
    assert type(made) is getattr(torch.optim, optimizer)
    assert made.param_groups[0]["lr"] == 2
    same(schedule, code(schedule))


def test_several_schedules_have_functions_of_their_own_in_one_module() -> None:
    schedules = load_file(ROOT / "schedules/basics/side-by-side.yaml")
    for schedule in schedules:
        same(schedule, code(*schedules), f"{schedule.name}_")


def test_a_class_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "own_schedulers.py").write_text(
        "from torch.optim.lr_scheduler import LambdaLR as StepLR\n\n"
        "def inverse(optimizer, scale, **more):\n"
        "    return StepLR(optimizer, lambda t: scale * len(more) / (t + 1))\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    text = (
        "epochs: 12\noptimizer: {lr: 1}\nscheduler: {type: SequentialLR, milestones: [4], schedulers: [\n"
        "  {type: StepLR, step_size: 2},\n"
        "  {type: own_schedulers.inverse, scale: 2.5, names: [a, {'b c': null}], 'not a name': true, 'class': 1}]}\n"
    )
    (schedule,) = load_text(text, "own.yaml", trust=True)
    printed = code(schedule)
    assert "from own_schedulers import inverse\n" in printed
    same(schedule, printed)


# --- drawn ------------------------------------------------------------------------------------------------------


def examples(count: int) -> Callable[[Any], Any]:
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


@given(data=st.data(), optimizer=st.sampled_from(sorted(OPTIMIZERS)))
@examples(60)
def test_any_scheduler(data: st.DataObject, optimizer: str) -> None:
    groups = 3 if "three" in optimizer else 1
    leaves = st.sampled_from(drawn.LEAVES).flatmap(lambda name: drawn.leaf(name, groups))
    scheduler = data.draw(leaves | drawn.composition(groups, drawn.ON_SOURCE, willing=True))
    metric = f"metric: {[0.5] * CALLS}\n" if scheduler["type"] == "ReduceLROnPlateau" else ""
    text = f"epochs: {CALLS}\noptimizer: {OPTIMIZERS[optimizer][0]}\nscheduler: {json.dumps(scheduler)}\n{metric}"
    try:
        (schedule,) = load_text(text, "drawn.yaml")
        simulate(schedule)
    except ScheduleError:
        assume(False)
    same(schedule, code(schedule))


@given(plan=at_base() | elsewhere(), own=rates)
@examples(60)
def test_any_phases(plan: list[Planned], own: list[float]) -> None:
    groups = ", ".join(f"{{lr: {lr}}}" for lr in own)
    calls = sum(each.calls for each in plan)
    lines = [f"epochs: {calls}", f"optimizer: {{type: SGD, momentum: 0.9, groups: [{groups}]}}", "scheduler:"]
    lines += [each.line() for each in plan]
    if any(each.kind == "ReduceLROnPlateau" for each in plan):
        lines.append(f"metric: {[1.0] * calls}")
    (schedule,) = load_text("\n".join(lines), "drawn.yaml")
    same(schedule, code(schedule))


# --- checkpoints ------------------------------------------------------------------------------------------------

KEPT = {
    "LambdaLR": "{type: LambdaLR, lr_lambda: 1 / (t + 1)}",
    "CyclicLR": "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 6, scale_fn: 1 / x}",
    "SequentialLR": PHASES["with a name"],
    "PhasedLR": PHASES["begun below the base"],
    "composites": PHASES["of composites"],
}


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    def imported(text: str) -> Any:
        monkeypatch.setitem(sys.modules, "printed_module", module_of(text, "printed_module"))
        return sys.modules["printed_module"]

    return imported


@pytest.mark.parametrize("name", KEPT)
def test_its_state_resumes_and_the_scheduler_itself_can_be_pickled(name: str, imported: Callable[[str], Any]) -> None:
    (schedule,) = load_text(f"epochs: 20\noptimizer: {{lr: 0.1, momentum: 0.9}}\nscheduler: {KEPT[name]}\n", "s.yaml")
    module = imported(code(schedule))
    optimizer = optimizer_of(schedule, module)
    own = momentum(optimizer)
    scheduler = scheduler_of(optimizer, module)
    loop = run(schedule, optimizer, scheduler, range(7))

    kept = BytesIO()
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, kept)
    kept.seek(0)
    state = torch.load(kept, weights_only=True)
    resumed = optimizer_of(schedule, module)
    again = scheduler_of(resumed, module)
    resumed.load_state_dict(state["optimizer"])
    again.load_state_dict(state["scheduler"])
    run(schedule, resumed, again, range(7, 20), loop)
    note(loop, resumed)
    hold(schedule, loop, own, 20)

    assert type(pickle.loads(pickle.dumps(scheduler))) is type(scheduler)


def test_lrviz_records_what_the_code_makes() -> None:
    schedule = lrviz.load(ROOT / "schedules/basics/warmup-cosine.yaml").only
    module = module_of(code(schedule._schedule))
    optimizer = optimizer_of(schedule._schedule, module)
    made = lrviz.record(optimizer, scheduler_of(optimizer, module), calls=90, interval="epoch")
    assert made.lr.tolist() == schedule.simulate().lr.tolist()
