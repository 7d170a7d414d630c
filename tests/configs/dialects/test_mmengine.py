"""mmengine: rules that the cases do not cover, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.configs import errors, rates, read, remarks, summary

from lrviz.engine.simulate import simulate
from lrviz.loading import load_file

HEAD = "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))\ntrain_cfg = dict(by_epoch=True, max_epochs=10)\n"


def py(schedulers: str, head: str = HEAD) -> str:
    return f"{head}param_scheduler = [{schedulers}]\n"


def test_milestones_are_torchs_and_point_at_the_line() -> None:
    schedule = read(py("dict(type='MultiStepLR', milestones=[4, 8])"), "a.py")
    assert simulate(schedule).lr_at(0, 4) == 0.1 * 0.1
    assert schedule.imported is not None
    where = schedule.imported.document["scheduler"]["milestones"][1].where
    assert (where.line, where.column) == (3, 60)


def test_a_run_by_epochs_needs_batches_only_for_what_counts_iterations() -> None:
    assert summary(py("dict(type='LinearLR', end=3)"), "a.py") == "LinearLR, 10 epochs"
    (found,) = errors(py("dict(type='LinearLR', by_epoch=False, end=3)"), "a.py")
    assert found.startswith("a.py:3:")
    assert "`batches_per_epoch`" in found


def test_samples_and_devices_give_the_batches_too() -> None:
    text = py("dict(type='LinearLR', by_epoch=False, end=3)") + "train_dataloader = dict(batch_size=4)\n"
    assert simulate(read(text, "a.py", samples=100, devices=2)).run.total_steps == 10 * 13


def test_the_rate_is_scaled_only_if_enabled() -> None:
    text = py("") + "auto_scale_lr = dict(enable={}, base_batch_size=16)\ntrain_dataloader = dict(batch_size=4)\n"
    assert rates(read(text.format(False), "a.py"), "0 epochs") == {"0": 0.1}
    assert rates(read(text.format(True), "a.py", devices=2), "0 epochs") == {"0": 0.05}
    assert "`devices`" in errors(text.format(True), "a.py")[0]
    assert rates(read(text.format(False), "a.py", overrides=("--auto-scale-lr",), devices=2), "0 epochs") == {"0": 0.05}


def test_param_groups_have_the_rates_of_their_keys() -> None:
    head = HEAD.replace(
        "lr=0.1)", "lr=0.1), paramwise_cfg=dict(bias_lr_mult=2, custom_keys=dict(neck=dict(lr_mult=0.5)))"
    )
    found = rates(read(py("dict(type='LinearLR', start_factor=0.1, end=4)", head), "a.py"), "0 epochs")
    assert found == {"default": 0.1 * 0.1, "neck": 0.05 * 0.1, "bias": 0.2 * 0.1}


def test_cfg_options_change_values() -> None:
    text = py("dict(type='StepLR', step_size=2)")
    options = ("--cfg-options optim_wrapper.optimizer.lr=1e-3 train_cfg.max_epochs=4 param_scheduler.0.gamma=0.5",)
    found = simulate(read(text, "a.py", overrides=options))
    assert found.run.total_epochs == 4
    assert found.lr_at(0, 2) == 1e-3 * 0.5


def test_a_plateau_is_called_after_each_validation() -> None:
    text = py("dict(type='ReduceOnPlateauLR', monitor='loss', factor=0.5, patience=0, rule='less')").replace(
        "max_epochs=10", "max_epochs=10, val_interval=2"
    )
    found = simulate(read(text, "a.py", metric=[1.0, 2.0, 0.5, 0.6, 0.7]))
    assert [found.at(f"{epoch} epochs") for epoch in (0, 2, 4, 6, 8)] == [0.1, 0.1, 0.05, 0.05, 0.025]
    assert "`metric`" in errors(text, "a.py")[0]


def test_momentum_is_lost() -> None:
    schedule = read(py("dict(type='LinearLR', end=3), dict(type='CosineAnnealingMomentum', eta_min=0.8)"), "a.py")
    assert schedule.imported is not None
    assert schedule.imported.lost == ("momentum",)


def test_lazy_configs_name_classes() -> None:
    text = (
        "from mmengine.optim.scheduler.lr_scheduler import LinearLR\nfrom torch.optim import AdamW\n"
        "optim_wrapper = dict(optimizer=dict(type=AdamW, lr=0.1))\ntrain_cfg = dict(by_epoch=True, max_epochs=9)\n"
        "param_scheduler = [dict(type=LinearLR, end=3)]\n"
    )
    schedule = read(text, "a.py")
    assert schedule.optimizer.type == "AdamW"
    assert simulate(schedule).lr_at(0, 0) == 0.1 * (1 / 3)


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        ("dict(type='LinerLR')", "mmengine has no scheduler 'LinerLR'"),
        ("dict(type='LinearLR', start=0.1)", "LinearLR has no argument 'start'"),
        ("dict(type='LinearLR', begin=3, end=3)", "end must be larger than begin (got begin 3, end 3)"),
        ("dict(type='LinearLR', start_factor=0, end=3)", "start_factor 0 makes mmengine divide by zero"),
        ("dict(type='LinearLR', start_factor=2, end=3)", "start_factor must be at most 1 (got 2)"),
        ("dict(type='CosineAnnealingLR', eta_min=0, eta_min_ratio=0.1)", "has both eta_min and eta_min_ratio"),
        ("dict(type='CosineRestartLR', periods=[5, 5], eta_min=0)", "as many restart_weights as periods"),
        ("dict(type='StepLR', step_size=2, by_epoch=False, convert_to_iter_based=True)", "only what is by_epoch"),
        ("dict(type='StepLR', step_size=int('2'))", "A call of int stands here, and nothing in a config is run"),
        ("dict(type='StepLR', step_size=2), dict(type='ReduceOnPlateauLR')", "cannot be drawn"),
    ],
)
def test_what_mmengine_refuses(scheduler: str, message: str) -> None:
    found = errors(py(scheduler), "a.py", batches_per_epoch=5, metric=[1.0] * 10)
    assert any(message in each for each in found), found
    assert all(each.startswith("a.py:3:") for each in found), found


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (HEAD.replace("by_epoch=True", "type='EpochBasedTrainLoop', by_epoch=True"), "has both type and by_epoch"),
        (HEAD.replace("by_epoch=True, ", ""), "train_cfg needs type or by_epoch"),
        (HEAD.replace("max_epochs", "max_iters"), "train_cfg.max_epochs is missing"),
        (HEAD.replace(", lr=0.1", ""), "optim_wrapper.optimizer.lr is missing"),
        (HEAD + "lr_config = dict(policy='step', step=[3])\n", "lr_config is mmcv 1.x"),
    ],
)
def test_contradictions_of_the_run(head: str, message: str) -> None:
    assert message in errors(py("", head), "a.py")[0]


def test_the_first_line_that_would_have_to_run_is_named() -> None:
    case = Path(__file__).parents[1] / "cases" / "torch" / "mmengine_computed.py"
    found = errors(case.read_text(encoding="utf-8"), "a.py")
    assert found[0].splitlines()[0] == (
        "a.py:3:8: error: A call of int stands here, and nothing in a config is run; "
        "the schedule depends on it, in line 11"
    )
    assert found[0].endswith("hint: write the value itself, or hand in the config that a run has written (work_dirs)")
    assert found[1].startswith("a.py:12:19: error: A loop (a comprehension) stands here")


def test_a_scheduler_that_is_never_called_is_a_warning() -> None:
    head = HEAD.replace("by_epoch=True, max_epochs", "by_epoch=False, max_iters")
    (found,) = remarks(py("dict(type='StepLR', step_size=2)", head), "a.py")
    assert found.endswith("a run by iterations has none: its first value stays [never-called]")


def test_bases_lie_inside_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "base.yaml").write_text("_base_: no.yaml\n", encoding="utf-8")
    inside = tmp_path / "configs" / "a.yaml"
    inside.parent.mkdir()
    text = "_base_: ../{}.yaml\ntrain_cfg: {{max_epochs: 4}}\n"
    inside.write_text(text.format("other"), encoding="utf-8")
    (tmp_path / "other.yaml").write_text(
        "optim_wrapper: {optimizer: {lr: 0.1}}\ntrain_cfg: {by_epoch: true, max_epochs: 9}\n", encoding="utf-8"
    )
    assert simulate(load_file(inside)[0]).run.total_epochs == 4
    inside.write_text(text.format("../x"), encoding="utf-8")
    assert "lies outside of the project" in errors(inside.read_text(encoding="utf-8"), str(inside))[0]
    inside.write_text(text.format("base"), encoding="utf-8")
    assert "no.yaml cannot be read" in errors(inside.read_text(encoding="utf-8"), str(inside))[0]


def test_a_file_with_nothing_but_bases_is_what_these_are(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "deep.py").write_text("_base_ = 'run.py'\n", encoding="utf-8")
    (tmp_path / "a.py").write_text("_base_ = ['./deep.py']\nmodel = dict(type='X')\n", encoding="utf-8")
    (tmp_path / "run.py").write_text(HEAD, encoding="utf-8")
    (schedule,) = load_file(tmp_path / "a.py")
    assert schedule.imported is not None
    assert schedule.imported.dialect == "mmengine"
    old = "optimizer = dict(lr=0.1)\nlr_config = dict(policy='step', step=[3])\ntotal_epochs = 5\n"
    (tmp_path / "run.py").write_text(old, encoding="utf-8")
    (schedule,) = load_file(tmp_path / "a.py")
    assert schedule.imported is not None
    assert schedule.imported.dialect == "mmcv"
