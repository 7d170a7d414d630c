"""`defaults` lists are composed as Hydra 1.3 composes them: what is expected here, `hydra.compose` gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrviz.configs.facts import Given
from lrviz.configs.read import parsed
from lrviz.configs.registry import DIALECTS
from lrviz.errors import ScheduleError
from lrviz.reach import Reach

FILES = {
    "train.yaml": """
defaults:
  - _self_
  - data: tiles
  - model: unet
  - trainer: default
  - callbacks: [a, b]
  - experiment: null
  - optional local: default
  - extras@model.more: one
  - kind: ${model}_x
  - override hydra/launcher: joblib
task: seg
seed: 11
model: {base_lr: 9, kept: 1}
""",
    "without_self.yaml": "defaults:\n  - model: unet\n  - trainer: default\nmodel: {base_lr: 77}\n",
    "circle.yaml": "defaults: [one/a]\n",
    "one/a.yaml": "defaults: [b]\n",
    "one/b.yaml": "defaults: [a]\n",
    "data/tiles.yaml": "batch: 12\n",
    "data/big.yaml": "defaults: [tiles]\nbatch: 99\n",
    "model/base.yaml": "optimizer: {lr: 1, wd: 2}\nname: base\n",
    "model/unet.yaml": """
defaults:
  - base
  - net: small
  - /shared/opt@optimizer: adam
  - _self_
name: unet
base_lr: 4e-4
must: ???
""",
    "model/net/small.yaml": "width: 1\n",
    "model/net/large.yaml": "width: 2\n",
    "model/resnet.yaml": "name: resnet\nmust: 5\n",
    "shared/opt/adam.yaml": "betas: [1, 2]\nwd: 7\n",
    "trainer/default.yaml": "max_epochs: 50\nacc: gpu\n",
    "trainer/gpu.yaml": "defaults:\n  - default\nacc: gpu8\n",
    "callbacks/a.yaml": "x: {a: 1}\n",
    "callbacks/b.yaml": "x: {b: 1, a: 5}\n",
    "extras/one.yaml": "e: 1\n",
    "kind/unet_x.yaml": "s: 1\n",
    "kind/resnet_x.yaml": "s: 2\n",
    "experiment/foo.yaml": """# @package _global_
defaults:
  - override /model: resnet
  - override /trainer: gpu
  - override /data: big
trainer: {max_epochs: 7}
model: {optimizer: {lr: 3}}
""",
    "experiment/deep.yaml": "# @package _global_\ndefaults: [{override /model/net: large}]\ntrainer: {max_epochs: 8}\n",
    "experiment/empty.yaml": "# nothing\n",
    "pkg/p.yaml": "# @package trainer.inner\nz: 3\n",
}
UNET = {
    "base_lr": 4e-4,
    "kept": 1,
    "optimizer": {"lr": 1, "wd": 7, "betas": [1, 2]},
    "name": "unet",
    "net": {"width": 1},
    "must": "???",
    "more": {"e": 1},
}
PLAIN: dict[str, Any] = {
    "task": "seg",
    "seed": 11,
    "model": UNET,
    "data": {"batch": 12},
    "trainer": {"max_epochs": 50, "acc": "gpu"},
    "callbacks": {"x": {"a": 5, "b": 1}},
    "kind": {"s": 1},
}
FOO = PLAIN | {
    "model": {"base_lr": 9, "kept": 1, "name": "resnet", "must": 5, "more": {"e": 1}, "optimizer": {"lr": 3}},
    "data": {"batch": 99},
    "trainer": {"max_epochs": 7, "acc": "gpu8"},
    "kind": {"s": 2},
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def composed(tree: Path, *overrides: str, name: str = "train") -> Any:
    file = tree / f"{name}.yaml"
    reach = Reach(str(file))
    return parsed(DIALECTS["hydra"], file.read_bytes(), Given(overrides=overrides), reach).plain()


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([], PLAIN),
        (["experiment=foo"], FOO),
        (["experiment=foo", "trainer.max_epochs=3"], FOO | {"trainer": {"max_epochs": 3, "acc": "gpu8"}}),
        (["experiment=empty"], PLAIN | {"experiment": {}}),
        (
            ["experiment=deep"],
            PLAIN | {"model": UNET | {"net": {"width": 2}}, "trainer": {"max_epochs": 8, "acc": "gpu"}},
        ),
        (["model/net=large"], PLAIN | {"model": UNET | {"net": {"width": 2}}}),
        (["+pkg=p"], PLAIN | {"trainer": {"max_epochs": 50, "acc": "gpu", "inner": {"z": 3}}}),
        (["~data"], {key: value for key, value in PLAIN.items() if key != "data"}),
        (["callbacks=a"], PLAIN | {"callbacks": {"x": {"a": 1}}}),
        (["++seed=1", "+a.b=[1,2]"], PLAIN | {"seed": 1, "a": {"b": [1, 2]}}),
        (["~trainer.acc task='a b' seed=null"], PLAIN | {"trainer": {"max_epochs": 50}, "task": "a b", "seed": None}),
        (["+trainer@second=gpu"], PLAIN | {"second": {"max_epochs": 50, "acc": "gpu8"}}),
        (["trainer={max_epochs:3}"], PLAIN | {"trainer": {"max_epochs": 3, "acc": "gpu"}}),
    ],
    ids=str,
)
def test_what_hydra_makes_of_it(tree: Path, overrides: list[str], expected: Any) -> None:
    assert composed(tree, *overrides) == expected


def test_without_self_the_config_itself_comes_last(tree: Path) -> None:
    assert composed(tree, name="without_self")["model"]["base_lr"] == 77


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("nosuch=1", "--override nosuch: error: there is no nosuch in the config\n  hint: +nosuch=... adds it"),
        ("+seed=1", "seed is already in the config"),
        ("pkg=p", "no defaults list has the group pkg, so it cannot be overridden\n  hint: +pkg=NAME adds it"),
        ("trainer=nosuch", "--override trainer: error: there is no trainer/nosuch.yaml beside the first config"),
        (
            "+experiment=foo",
            "the group experiment is both foo and null\n  hint: override the one that is there: experiment=foo",
        ),
        ("~callbacks_", "there is no callbacks_ in the config"),
        ("trainer.max_epochs=1,2", "--set trainer.max_epochs=1,2 draws each of them"),
        ("trainer={epochs:3}", "there is no trainer.epochs in the config"),
        ("data=null", "data is a group, whose option is a name (got nothing)"),
        ("--trainer", "expected KEY=VALUE, +KEY=VALUE or ~KEY"),
    ],
)
def test_what_hydra_refuses(tree: Path, override: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        composed(tree, override)
    assert message in str(caught.value)


@pytest.mark.parametrize("item", ["''", "'@model'", "'': unet", "'override': {a: 1}", "model: {a: 1}", "model: [[a]]"])
def test_what_is_no_item_of_defaults_is_an_error(tree: Path, item: str) -> None:
    (tree / "train.yaml").write_text(f"defaults:\n  - {item}\n", encoding="utf-8")
    with pytest.raises(ScheduleError, match=r"train.yaml:2:5: error: an item of defaults is a name, or one group"):
        composed(tree)


def test_a_circle_is_an_error(tree: Path) -> None:
    with pytest.raises(ScheduleError, match="the defaults lead in a circle: one/a -> one/b -> one/a"):
        composed(tree, name="circle")


def test_a_file_outside_of_the_project_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / "pyproject.toml").touch()
    (tmp_path / "secret.yaml").write_text("a: 1", encoding="utf-8")
    (inside / "train.yaml").write_text("defaults:\n  - ../secret\n", encoding="utf-8")
    with pytest.raises(ScheduleError, match="lies outside of the project"):
        composed(inside)
