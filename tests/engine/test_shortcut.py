"""The cheaper step is taken only where torch reads as it did when it was written, and changes no bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from loop_cases import CALLS, FOR_ANY_GROUPS, OPTIMIZERS
from loops import curve_bits, loop_bits, parameter, run, source
from torch.optim import lr_scheduler as torch_lr
from torch.optim.swa_utils import SWALR

from lrviz.engine import shortcut, torch_source
from lrviz.engine.backend import imported_backend
from lrviz.engine.shortcut import KNOWN, MANY_CALLS, digest, step_of
from lrviz.engine.simulate import simulate
from lrviz.engine.torch_source import torch_version
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]

knows_this_torch = pytest.mark.skipif(
    not str(torch_version()).startswith(("2.13.", "2.14.", "2.15.")), reason="written after torch 2.13 to 2.15"
)

MODULES = {"source": torch_source.load, "import": lambda: torch_lr}


def sgd() -> torch.optim.Optimizer:
    return torch.optim.SGD([parameter()], lr=0.1)


# --- which torch is known -----------------------------------------------------------------------------------


@knows_this_torch
@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_the_installed_torch_is_known(module: Callable[[], Any], name: str) -> None:
    assert digest(vars(module()), name) == KNOWN[name]


class Plain:
    count: int

    def step(self, epoch=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        self.count = self.count + 1
        return epoch


class Dressed:
    count: int

    @torch.no_grad()
    def step(self, epoch: int | None = None) -> object:
        """The same, with a docstring, annotations, a decorator and another layout."""
        self.count = (
            self.count
            + 1
        )  # fmt: skip
        return epoch


class Different:
    count: int

    def step(self, epoch=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        self.count = self.count + 2
        return epoch


class OtherDefault:
    count: int

    def step(self, epoch=0):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        self.count = self.count + 1
        return epoch


def test_a_digest_is_of_what_a_function_does() -> None:
    plain = digest({"Owner": Plain}, "Owner.step")
    assert plain is not None
    assert digest({"Owner": Dressed}, "Owner.step") == plain
    assert digest({"Owner": Different}, "Owner.step") not in (plain, None)
    assert digest({"Owner": OtherDefault}, "Owner.step") not in (plain, None)


@pytest.mark.parametrize("name", ["Owner.no_such_method", "no_such_function", "Nobody.step", "builtin", "number"])
def test_what_has_no_text_has_no_digest(name: str) -> None:
    assert digest({"Owner": Plain, "builtin": len, "number": 1}, name) is None


# --- where it is taken --------------------------------------------------------------------------------------

SHORT = {
    "StepLR": lambda opt: torch_lr.StepLR(opt, 3),
    "OneCycleLR": lambda opt: torch_lr.OneCycleLR(opt, 0.1, total_steps=90),
    "SequentialLR": lambda opt: torch_lr.SequentialLR(opt, [torch_lr.LinearLR(opt), torch_lr.StepLR(opt, 3)], [5]),
    "ChainedScheduler": lambda opt: torch_lr.ChainedScheduler([torch_lr.LinearLR(opt)]),
}


class Own(torch_lr.StepLR):
    """Not torch's class, though it behaves as one."""


class StepLR(torch_lr.StepLR):
    """Of the same name as torch's class, and another."""


PUBLIC: dict[str, Callable[..., Any]] = {
    "CosineAnnealingWarmRestarts": lambda opt: torch_lr.CosineAnnealingWarmRestarts(opt, 3),
    "ReduceLROnPlateau": lambda opt: torch_lr.ReduceLROnPlateau(opt),
    "SWALR": lambda opt: SWALR(opt, 0.1),
    "own": lambda opt: Own(opt, 3),
    "own of the same name": lambda opt: StepLR(opt, 3),
    **{
        f"milestones {milestones}": lambda opt, milestones=milestones: torch_lr.SequentialLR(
            opt, [torch_lr.LinearLR(opt), torch_lr.StepLR(opt, 3), torch_lr.StepLR(opt, 4)], milestones
        )
        for milestones in ([7, 5], [5, 5], [5, 7.0])
    },
}


@knows_this_torch
@pytest.mark.parametrize("make", SHORT.values(), ids=SHORT)
def test_the_shortcut_is_taken_in_a_known_torch(make: Callable[[Any], Any]) -> None:
    scheduler = make(sgd())
    assert step_of(scheduler) != scheduler.step


@pytest.mark.parametrize("make", PUBLIC.values(), ids=PUBLIC)
def test_the_public_step_is_taken_where_the_shortcut_does_not_fit(make: Callable[[Any], Any]) -> None:
    scheduler = make(sgd())
    assert step_of(scheduler) == scheduler.step


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("make", SHORT.values(), ids=SHORT)
def test_the_public_step_is_taken_in_an_unknown_torch(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[Any], Any], name: str
) -> None:
    monkeypatch.setitem(KNOWN, name, "0" * 16)
    scheduler = make(sgd())
    assert step_of(scheduler) == scheduler.step


@knows_this_torch
def test_the_public_step_is_taken_when_torchs_own_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def _update_lr(self: Any, epoch: int | None = None) -> None:
        pass

    monkeypatch.setattr(torch_lr.LRScheduler, "_update_lr", _update_lr)
    scheduler = torch_lr.StepLR(sgd(), 3)
    assert step_of(scheduler) == scheduler.step


# --- the same bits ------------------------------------------------------------------------------------------


def stepped(make: Callable[[Any], Any], step_from: Callable[[Any], Callable[[], object]], calls: int) -> list[str]:
    optimizer = sgd()
    scheduler = make(optimizer)
    optimizer.step()
    step = step_from(scheduler)
    values = []
    for _ in range(calls):
        values.append(optimizer.param_groups[0]["lr"].hex())
        step()
    return values


@pytest.mark.parametrize("make", [*SHORT.values(), *(PUBLIC[name] for name in PUBLIC if "Plateau" not in name)])
def test_step_of_moves_the_optimizer_as_step_does(make: Callable[[Any], Any]) -> None:
    assert stepped(make, step_of, 60) == stepped(make, lambda scheduler: scheduler.step, 60)


@pytest.mark.parametrize("milestones", [[1], [0], [0, 1], [1, 2, 3], [0, 9], [39, 40], [40, 41], [90], [9, 3], [4, 4]])
def test_any_milestones_are_the_plain_loop_bit_for_bit(schedule: Read, milestones: list[int]) -> None:
    gammas = [0.9, 0.8, 0.7, 0.6][: len(milestones) + 1]
    children = ", ".join(f"{{type: ExponentialLR, gamma: {gamma}}}" for gamma in gammas)
    read = schedule(f"""
        epochs: 41
        optimizer: {{lr: 0.1}}
        scheduler: {{type: SequentialLR, milestones: {milestones}, schedulers: [{children}]}}
        """)
    plain = run(
        lambda opt: torch_lr.SequentialLR(
            opt, [torch_lr.ExponentialLR(opt, gamma=gamma) for gamma in gammas], milestones=milestones
        ),
        sgd(),
        41,
    )
    for backend in (source(), imported_backend()):
        assert curve_bits(simulate(read, backend=backend, shortcut=True)) == loop_bits(plain)


@pytest.mark.parametrize("name", ["SequentialLR", "ChainedScheduler-of-SequentialLR", "OneCycleLR-of-the-run"])
def test_an_unknown_torch_has_the_same_bits(schedule: Read, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    read = schedule(
        f"epochs: {CALLS}\noptimizer: {OPTIMIZERS['SGD-three-groups'][0]}\nscheduler: {FOR_ANY_GROUPS[name].text}"
    )
    known = curve_bits(simulate(read, backend=source(), shortcut=True))
    monkeypatch.setitem(KNOWN, "LRScheduler.step", "0" * 16)
    assert curve_bits(simulate(read, backend=source(), shortcut=True)) == known


@pytest.mark.parametrize(("calls", "taken"), [(MANY_CALLS - 1, False), (MANY_CALLS, True)])
def test_it_is_taken_in_long_runs(schedule: Read, monkeypatch: pytest.MonkeyPatch, calls: int, taken: bool) -> None:
    asked: list[object] = []

    def step_and_tell(scheduler: Any) -> Callable[[], object]:
        asked.append(scheduler)
        return shortcut.step_of(scheduler)

    monkeypatch.setattr("lrviz.engine.simulate.step_of", step_and_tell)
    read = schedule(f"steps: {calls}\noptimizer: {{lr: 0.1}}\nscheduler: {{type: StepLR, step_size: 1000}}")
    curve = simulate(read)
    assert bool(asked) == taken
    assert curve.lr[:1001, 0].tolist() == [0.1] * 1000 + [0.1 * 0.1]
