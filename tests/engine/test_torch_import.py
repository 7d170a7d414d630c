"""The imported torch: optimizers that train nothing are torch's own in everything else, and do without dynamo."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from inspect import unwrap
from textwrap import dedent
from typing import Any

import pytest
import torch
from loops import curve_bits, loop_bits, parameter, run
from torch.optim import lr_scheduler as torch_lr
from torch.optim.swa_utils import SWALR

from lrviz.engine import torch_import
from lrviz.engine.backend import imported_backend
from lrviz.engine.simulate import simulate
from lrviz.engine.torch_import import dry, make_optimizer, optimizer_class, scheduler_class
from lrviz.schedule import catalogue
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]

EVERY_OPTIMIZER = list(catalogue.OPTIMIZERS)
OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.9, "nesterov": True},
    "AdamW": {"betas": (0.5, 0.9), "amsgrad": True},
    "Rprop": {"etas": (0.4, 1.5)},
    "Adafactor": {"eps": (None, 1e-2), "d": 2.0},
    "Muon": {"ns_steps": 3, "adjust_lr_fn": "original"},
    "LBFGS": {"max_iter": 3},
}


def without_params(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in group.items() if key != "params"} for group in groups]


# --- the same optimizer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY_OPTIMIZER)
def test_the_optimizer_is_what_plain_construction_makes(name: str) -> None:
    options = {"lr": 0.25, **OPTIONS.get(name, {})}
    cls = getattr(torch.optim, name)
    plain = cls([{"params": [parameter()]}], **options)
    ours = make_optimizer(optimizer_class(name), [{}], options)

    assert isinstance(ours, cls)
    assert type(ours) is not cls
    assert type(ours).__name__ == name
    assert ours.defaults == plain.defaults
    assert [list(group) for group in ours.param_groups] == [list(group) for group in plain.param_groups]
    assert without_params(ours.param_groups) == without_params(plain.param_groups)


@pytest.mark.parametrize("name", [name for name in EVERY_OPTIMIZER if name != "LBFGS"])
def test_groups_keep_their_own_options(name: str) -> None:
    groups: list[dict[str, Any]] = [{"lr": 0.5}, {}, {"lr": 0.125}]
    plain = getattr(torch.optim, name)([{"params": [parameter()], **group} for group in groups], lr=0.25)
    ours = make_optimizer(optimizer_class(name), groups, {"lr": 0.25})
    assert without_params(ours.param_groups) == without_params(plain.param_groups)
    assert [group["lr"] for group in ours.param_groups] == [0.5, 0.25, 0.125]
    assert groups == [{"lr": 0.5}, {}, {"lr": 0.125}]


@pytest.mark.parametrize("name", EVERY_OPTIMIZER)
def test_the_optimizer_trains_nothing(name: str) -> None:
    optimizer = make_optimizer(optimizer_class(name), [{}], {"lr": 1.0})
    (weight,) = optimizer.param_groups[0]["params"]
    weight.grad = torch.ones_like(weight)
    assert optimizer.step() is None
    assert weight.item() == 0.0


def test_the_classes_are_torchs() -> None:
    for name in catalogue.SCHEDULERS:
        assert scheduler_class(name) is (SWALR if name == "SWALR" else getattr(torch_lr, name))
    for name in EVERY_OPTIMIZER:
        assert optimizer_class(name) is getattr(torch.optim, name)


@pytest.mark.parametrize(
    ("look_up", "where", "name"),
    [(scheduler_class, torch.optim.lr_scheduler, "PolynomialLR"), (optimizer_class, torch.optim, "Adafactor")],
)
def test_a_class_that_torch_does_not_have_is_an_attribute_error(
    look_up: Callable[[str], Any], where: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(where, name)
    with pytest.raises(AttributeError):
        look_up(name)


# --- validation ---------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": -1.0}),
    ("SGD", {"lr": 0.1, "momentum": -0.5}),
    ("SGD", {"lr": 0.1, "nesterov": True}),
    ("SGD", {"lr": 0.1, "fused": True, "foreach": True}),
    ("AdamW", {"lr": 0.1, "betas": (1.0, 0.9)}),
    ("Adadelta", {"lr": 0.1, "rho": 1.5}),
    ("Rprop", {"lr": 0.1, "etas": (1.5, 1.2)}),
    ("Muon", {"lr": 0.1, "momentum": 0.9, "adjust_lr_fn": "other"}),
    ("SGD", {"lr": 0.1, "no_such_argument": 1}),
]


def refusal(make: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises((ValueError, TypeError, RuntimeError)) as caught:
        make()
    return caught.type.__name__, str(caught.value)


@pytest.mark.parametrize(("name", "options"), REFUSED)
def test_a_bad_argument_raises_the_classs_own_error(name: str, options: dict[str, Any]) -> None:
    cls = getattr(torch.optim, name)
    plain = refusal(lambda: cls([{"params": [parameter()]}], **options))
    assert refusal(lambda: dry(cls)([{"params": [parameter()]}], **options)) == plain
    assert refusal(lambda: make_optimizer(cls, [{}], options)) == plain


def test_the_checks_of_groups_are_kept() -> None:
    shared = parameter()
    plain = refusal(lambda: torch.optim.SGD([{"params": [shared]}, {"params": [shared]}], lr=0.1))
    made: Any = dry(torch.optim.SGD)
    assert refusal(lambda: made([{"params": [shared]}, {"params": [shared]}], lr=0.1)) == plain


# --- no dynamo ----------------------------------------------------------------------------------------------

SIMULATE = """
    import sys
    from lrviz.engine.simulate import simulate
    from lrviz.loading import load_text
    for optimizer in ("SGD", "AdamW", "Muon", "LBFGS"):
        text = f"epochs: 4\\noptimizer: {{type: {optimizer}, lr: 1}}\\nscheduler: {{type: ExponentialLR, gamma: 0.5}}"
        print(simulate(load_text(text, "test.yaml")[0], engine="torch").columns[0].tolist())
    print("torch" in sys.modules, "torch._dynamo" in sys.modules)
"""


def test_a_simulation_with_the_imported_torch_does_without_dynamo() -> None:
    done = subprocess.run([sys.executable, "-c", dedent(SIMULATE)], capture_output=True, text=True, check=True)
    assert done.stdout == "[1.0, 0.5, 0.25, 0.125]\n" * 4 + "True False\n"
    assert done.stderr == ""


# --- where torch looks different ----------------------------------------------------------------------------

FALLS_BACK = """
    epochs: 12
    optimizer: {type: AdamW, lr: 0.1, groups: [{}, {lr: 0.01}]}
    scheduler: {type: OneCycleLR, max_lr: [0.1, 0.2]}
    """


def plain_optimizer() -> torch.optim.Optimizer:
    groups: list[dict[str, Any]] = [{"params": [parameter()]}, {"params": [parameter()], "lr": 0.01}]
    return torch.optim.AdamW(groups, lr=0.1)


def refuse(*arguments: object) -> None:
    raise RuntimeError("not as it was")


def takes_less(self: torch.optim.Optimizer) -> None:
    """An `add_param_group` of another torch."""


@pytest.fixture(params=["dry raises", "add_param_group raises", "add_param_group takes less"])
def odd_torch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "dry raises":
        monkeypatch.setattr(torch_import, "dry", refuse)
    else:
        odd = refuse if "raises" in request.param else takes_less
        monkeypatch.setattr(torch.optim.Optimizer.add_param_group, "__wrapped__", odd)


@pytest.mark.usefixtures("odd_torch")
def test_an_odd_torch_falls_back_to_plain_construction() -> None:
    optimizer = make_optimizer(torch.optim.SGD, [{"lr": 0.5}, {}], {"lr": 0.25})
    assert type(optimizer) is torch.optim.SGD
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.25]
    (weight,) = optimizer.param_groups[0]["params"]
    weight.grad = torch.ones_like(weight)
    optimizer.step()
    assert weight.item() == 0.0


@pytest.mark.usefixtures("odd_torch")
def test_an_odd_torch_changes_no_bit(schedule: Read) -> None:
    curve = simulate(schedule(FALLS_BACK), backend=imported_backend())
    plain = run(lambda opt: torch_lr.OneCycleLR(opt, [0.1, 0.2], total_steps=12), plain_optimizer(), 12)
    assert curve_bits(curve) == loop_bits(plain)


@pytest.mark.usefixtures("odd_torch")
@pytest.mark.parametrize(("name", "options"), REFUSED[:3])
def test_an_odd_torch_still_refuses_in_its_own_words(name: str, options: dict[str, Any]) -> None:
    cls = getattr(torch.optim, name)
    plain = refusal(lambda: cls([{"params": [parameter()]}], **options))
    assert refusal(lambda: make_optimizer(cls, [{}], options)) == plain


def test_a_torch_without_the_decorator_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    undecorated = unwrap(torch.optim.Optimizer.add_param_group)
    monkeypatch.setattr(torch.optim.Optimizer, "add_param_group", undecorated)
    optimizer = make_optimizer(torch.optim.SGD, [{}, {"lr": 0.5}], {"lr": 0.25})
    assert type(optimizer) is not torch.optim.SGD
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.5]


def test_internals_that_silently_do_nothing_fall_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.optim.Optimizer.add_param_group, "__wrapped__", lambda self, group: None)
    made = torch_import.make_optimizer(torch.optim.SGD, [{"lr": 0.1}, {"lr": 0.2}], {"lr": 0.3})
    assert [group["lr"] for group in made.param_groups] == [0.1, 0.2]
