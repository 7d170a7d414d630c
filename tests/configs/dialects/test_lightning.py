"""Lightning CLI: how long runs are, when a scheduler is called, what Lightning refuses, and its command line."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lrviz.configs.facts import Given
from lrviz.configs.helpers.torch_classes import LEARNING_RATES
from lrviz.engine.simulate import simulate
from lrviz.engine.torch_source import torch_folder
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of

STEP = "{class_path: torch.optim.lr_scheduler.StepLR, init_args: {step_size: 1, gamma: 0.5}}"
SGD = "{class_path: torch.optim.SGD, init_args: {lr: 1}}"


def load(
    trainer: str, scheduler: str = STEP, optimizer: str = SGD, *overrides: str, file: str = "l.yaml", **data: object
) -> Schedule:
    text = f"trainer: {{{trainer}}}\nmodel: {{class_path: a.B}}\noptimizer: {optimizer}\nlr_scheduler: {scheduler}\n"
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()}, overrides=overrides)
    (schedule,) = load_text(text, file, given=given)
    return schedule


def rates(schedule: Schedule) -> list[float]:
    return [float(rate) for rate in simulate(schedule).lr[:, 0]]


def problems(*args: str, **data: object) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        load(*args, **data)  # type: ignore[arg-type]
    return [str(each) for each in caught.value.problems]


@pytest.mark.parametrize(
    ("trainer", "epochs", "steps"),
    [
        ("max_epochs: 5", 5, 50),
        ("max_epochs: 5, max_steps: 12", 2, 12),
        ("max_epochs: 5, max_steps: 500", 5, 50),
        ("max_epochs: -1, max_steps: 12", 2, 12),
        ("max_epochs: 5, accumulate_grad_batches: 3", 5, 20),
        ("max_epochs: 5, limit_train_batches: 4", 5, 20),
        ("max_epochs: 5, limit_train_batches: 0.25", 5, 10),
        ("max_epochs: 5, limit_train_batches: 100", 5, 50),
        ("max_epochs: 5, overfit_batches: 2", 5, 10),
        ("max_epochs: 5, fast_dev_run: 3", 1, 3),
        ("max_epochs: 5, fast_dev_run: false", 5, 50),
    ],
)
def test_the_length_of_a_run(trainer: str, epochs: int, steps: int) -> None:
    run = simulate(load(trainer, batches_per_epoch=10)).run
    assert (run.total_epochs, run.total_steps) == (epochs, steps)


def test_nothing_is_asked_where_nothing_depends_on_it() -> None:
    assert rates(load("max_epochs: 3")) == [1, 0.5, 0.25]
    assert set(rates(load("max_steps: 30", "null"))) == {1}


def test_the_length_that_lightning_takes_has_a_warning() -> None:
    schedule = load("devices: 1")
    assert simulate(schedule).run.total_epochs == 1000
    assert [each.code for each in schedule.remarks] == ["default-epochs"]


@pytest.mark.parametrize(
    ("trainer", "message"),
    [
        ("max_epochs: -1", "l.yaml:1:23: error: max_epochs -1 without max_steps is a run without an end"),
        ("max_time: '00:12:00:00'", "the run ends by the clock (max_time)"),
        ("max_epochs: 0", "trainer.max_epochs is 0: nothing is trained"),
        ("max_epochs: three", "trainer.max_epochs must be a whole number (got 'three')"),
    ],
)
def test_lengths_that_are_none(trainer: str, message: str) -> None:
    (problem,) = problems(trainer)
    assert message in problem


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        ("{class_path: torch.optim.lr_scheduler.SteppLR}", "4:28: error: torch has no scheduler"),
        ("{class_path: StepLR, init_args: {stepsize: 3}}", "StepLR has no argument 'stepsize'"),
        ("{class_path: CosineAnnealingLR}", "l.yaml:4:28: error: CosineAnnealingLR needs T_max"),
        ("{class_path: OneCycleLR, init_args: {max_lr: 1}}", "OneCycleLR needs total_steps, or epochs and"),
        (
            f"{{class_path: SequentialLR, init_args: {{schedulers: [{STEP}, {STEP}], milestones: [3]}}}}",
            "LightningCLI cannot build SequentialLR: only the outer scheduler is given the optimizer",
        ),
        (
            "{class_path: torch.optim.lr_scheduler.ReduceLROnPlateau}",
            "torch's ReduceLROnPlateau has no `monitor`, without which Lightning stops",
        ),
        ("{class_path: lightning.pytorch.cli.ReduceLROnPlateau}", "ReduceLROnPlateau needs `monitor`"),
        (
            "{class_path: LambdaLR, init_args: {lr_lambda: my.module.factor}}",
            "lr_lambda is a function of the project's own, which lrviz does not run (got 'my.module.factor')",
        ),
    ],
)
def test_schedulers_that_lightning_refuses(scheduler: str, message: str) -> None:
    assert any(message in each for each in problems("max_epochs: 3", scheduler, metric=[1.0, 1.0, 1.0]))


def test_several_optimizers_are_named() -> None:
    text = f"trainer: {{max_epochs: 3}}\nmodel: {{class_path: a.B}}\noptimizer_g: {SGD}\noptimizer_d: {SGD}\n"
    with pytest.raises(ScheduleError, match=r"several optimizers \(optimizer_g, optimizer_d\)"):
        load_text(text, "l.yaml")


def test_when_a_nested_scheduler_is_called_is_asked() -> None:
    text = (
        "trainer: {max_epochs: 3}\nmodel:\n  class_path: a.B\n  init_args:\n"
        f"    optimizer: {SGD}\n    lr_scheduler: {{scheduler: {STEP}}}\n"
    )
    with pytest.raises(ScheduleError, match="`interval`"):
        load_text(text, "l.yaml")
    (schedule,) = load_text(text.replace("{scheduler:", "{interval: epoch, frequency: 2, scheduler:"), "l.yaml")
    assert rates(schedule) == [1, 1, 0.5]


def test_a_class_alone_has_its_own_rate() -> None:
    assert rates(load("max_epochs: 1", "torch.optim.lr_scheduler.ConstantLR", "Adagrad")) == [pytest.approx(1e-2 / 3)]


def test_the_rates_of_torchs_classes() -> None:
    folder = torch_folder()
    assert folder is not None
    found = {}
    for file in (folder / "optim").glob("*.py"):  # read, since importing torch takes seconds
        for kind in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(kind, ast.ClassDef) and kind.name in LEARNING_RATES:
                found[kind.name] = _default_lr(kind)
    assert found == LEARNING_RATES


def _default_lr(kind: ast.ClassDef) -> float:
    (init,) = (each for each in kind.body if isinstance(each, ast.FunctionDef) and each.name == "__init__")
    names = [each.arg for each in init.args.args]
    return float(ast.literal_eval(init.args.defaults[names.index("lr") - len(names)]))


def test_arguments_of_the_command_line() -> None:
    found = load("max_epochs: 9", STEP, SGD, "--trainer.max_epochs 3 --optimizer.lr=2", "--lr_scheduler.gamma 0.1")
    assert rates(found) == pytest.approx([2, 0.2, 0.02])


def test_more_config_files_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("fit: {trainer: {max_epochs: 2}}\n", encoding="utf-8")
    (tmp_path / "l.yaml").touch()
    found = load("max_epochs: 9, devices: 1", STEP, SGD, "--config more.yaml", file=str(tmp_path / "l.yaml"))
    assert rates(found) == [1, 0.5]
    with pytest.raises(ScheduleError, match=r"none\.yaml is no config that can be read"):
        load("max_epochs: 9", STEP, SGD, "--config none.yaml", file=str(tmp_path / "l.yaml"))


def test_a_callback_that_sets_rates_has_a_warning() -> None:
    schedule = load(
        "max_epochs: 3, callbacks: [{class_path: StochasticWeightAveraging}, {class_path: RichProgressBar}]"
    )
    assert [each.code for each in schedule.remarks] == ["left-out"]


def test_an_optimizer_of_the_project_needs_its_lr() -> None:
    assert rates(load("max_epochs: 2", STEP, "{class_path: my.Lion, init_args: {lr: 2}}")) == [2, 1]
    (problem,) = problems("max_epochs: 2", STEP, "{class_path: my.Lion}")
    assert "3:25: error: my.Lion has no lr here, and lrviz does not know its default" in problem


def test_classes_without_arguments_and_models_without_a_class_are_recognized() -> None:
    text = (
        "trainer: {max_epochs: 2}\noptimizer: torch.optim.Adagrad\nlr_scheduler: torch.optim.lr_scheduler.ConstantLR\n"
    )
    (schedule,) = load_text(text, "l.yaml")
    assert rates(schedule) == pytest.approx([1e-2 / 3] * 2)
    text = f"trainer: {{max_epochs: 2}}\nmodel:\n  width: 3\n  optimizer: {SGD}\n  lr_scheduler: {STEP}\n"
    given = Given({"interval": node_of("epoch", Position("--data"))})
    (schedule,) = load_text(text, "l.yaml", given=given)
    assert rates(schedule) == [1, 0.5]
