"""Hydra: where classes are found, when a scheduler is called, and what cannot be read."""

from __future__ import annotations

from math import cos, pi
from pathlib import Path

import pytest

from lrviz.configs.facts import Given
from lrviz.configs.outline import Outline
from lrviz.configs.registry import DIALECTS
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_file, load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of

QUOTED = "{_target_: torch.optim.SGD, _partial_: true, lr: '1'}"
SGD = "{_target_: torch.optim.SGD, _partial_: true, lr: 1}"
STEP = "{_target_: torch.optim.lr_scheduler.StepLR, _partial_: true, step_size: 1, gamma: 0.5}"
TRAINER = "trainer: {_target_: lightning.pytorch.Trainer, max_epochs: 3}\n"


def load(text: str, *overrides: str, trainer: str = TRAINER, **data: object) -> Schedule:
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()}, overrides=overrides)
    (schedule,) = load_text(trainer + text, "h.yaml", given=given)
    return schedule


def rates(schedule: Schedule) -> list[float]:
    return [float(rate) for rate in simulate(schedule).lr[:, 0]]


def problem(text: str, *overrides: str, trainer: str = TRAINER, **data: object) -> str:
    with pytest.raises(ScheduleError) as caught:
        load(text, *overrides, trainer=trainer, **data)
    assert len(caught.value.problems) == 1
    return str(caught.value.problems[0])


@pytest.mark.parametrize(
    "text",
    [
        f"model: {{optimizer: {SGD}, scheduler: {STEP}}}",
        f"optim: {{optimizer: {SGD}, lr_scheduler: {STEP}}}",
        f"optimizer: {SGD}\nlr_scheduler: {{scheduler: {STEP}, interval: epoch}}",
        f"model: {{optim: {{optimizer: {SGD}}}}}\nschedule: {{deep: {{inside: {STEP}}}}}",
        f"a: {{opt: {SGD}, sched: {STEP}}}\nb: {{optimizer: {SGD}}}",
        f"model: {{optimizer: {{_target_: bitsandbytes.optim.SGD8bit, lr: 1}}, scheduler: {STEP}}}",
    ],
)
def test_classes_are_found_under_any_key(text: str) -> None:
    assert rates(load(text)) == [1, 0.5, 0.25]


def test_without_a_scheduler_the_rate_is_constant() -> None:
    assert rates(load(f"model: {{optimizer: {SGD}, scheduler: null}}")) == [1, 1, 1]


def test_several_schedulers_are_named_and_one_is_chosen_with_an_override() -> None:
    text = f"g: {{optimizer: {SGD}, scheduler: {STEP}}}\nd: {{optimizer: {SGD}, scheduler: {STEP}}}\n"
    with pytest.raises(ScheduleError) as caught:
        load(text)
    told = str(caught.value.problems[0])
    assert told.startswith("h.yaml:3:")
    assert (
        "several schedulers, and a schedule has one: g.scheduler (StepLR, line 2), d.scheduler (StepLR, line 3)" in told
    )
    assert rates(load(text, "~d.scheduler", "g.scheduler.gamma=0.1")) == pytest.approx([1, 0.1, 0.01])


def test_a_function_of_transformers() -> None:
    text = (
        f"model: {{optimizer: {SGD}, scheduler: {{_target_: transformers.get_cosine_schedule_with_warmup,"
        " num_warmup_steps: 2, num_training_steps: 12}}"
    )
    expected = [t / 2 if t < 2 else 0.5 * (1 + cos(pi * (t - 2) / 10)) for t in range(12)]
    assert rates(load(text, interval="step", batches_per_epoch=4)) == pytest.approx(expected)
    assert "`interval`" in problem(text)
    assert "needs num_warmup_steps" in problem(text.replace(" num_warmup_steps: 2,", ""), interval="epoch")
    assert "transformers has no get_cosin_schedule_with_warmup" in problem(
        text.replace("cosine", "cosin"), interval="epoch"
    )


def test_a_function_of_transformers_by_name() -> None:
    text = (
        f"model: {{optimizer: {SGD}, scheduler: {{_target_: transformers.get_scheduler, name: linear,"
        " num_warmup_steps: 0, num_training_steps: 4}}"
    )
    schedule = load(text, interval="epoch")
    assert rates(schedule) == [1, 0.75, 0.5]
    assert [each.code for each in schedule.remarks] == ["called-each-epoch"]


def test_a_scheduler_of_schedulers_is_drawn_with_a_warning() -> None:
    text = (
        f"model: {{optimizer: {SGD}, scheduler: {{_target_: torch.optim.lr_scheduler.SequentialLR, milestones: [1],"
        f" schedulers: [{{_target_: torch.optim.lr_scheduler.ConstantLR, factor: 0.1, total_iters: 1}}, {STEP}]}}}}"
    )
    schedule = load(text)
    assert rates(schedule) == [0.1, 1, 0.5]
    assert [each.code for each in schedule.remarks] == ["members-built"]


def test_a_length_that_no_trainer_says() -> None:
    told = problem(
        f"model: {{optimizer: {SGD}, scheduler: {STEP}}}", trainer="trainer: {_target_: a.Trainer, epochs: 3}\n"
    )
    assert "no max_epochs or max_steps of a trainer says how long the run is; it has epochs (3)" in told


def test_the_environment_is_not_asked() -> None:
    text = f"model: {{optimizer: {SGD.replace('lr: 1', 'lr: ${oc.env:LR,1}')}, scheduler: {STEP}}}"
    told = problem(text.replace("${oc.env:LR,1}", "'${oc.env:LR,1}'"))
    assert "model.optimizer.lr: ${oc.env:LR,1} asks the environment" in told
    assert "--cfg job --resolve" in told


def test_what_is_not_needed_need_not_resolve() -> None:
    text = f"model: {{optimizer: {SGD}, scheduler: {STEP}, dir: '${{hydra:runtime.output_dir}}', must: '???'}}"
    assert rates(load(text)) == [1, 0.5, 0.25]


def test_a_number_in_quotes_is_text_to_omegaconf() -> None:
    schedule = load(f"model: {{optimizer: {QUOTED}, scheduler: {STEP}}}")
    assert [each.code for each in schedule.remarks] == ["text-number"]


def test_a_frequency_that_never_comes_has_a_warning() -> None:
    text = f"model: {{optimizer: {SGD}, scheduler: {{scheduler: {STEP}, interval: step, frequency: 9}}}}"
    schedule = load(text, batches_per_epoch=4)
    assert [each.code for each in schedule.remarks] == ["never-called"]
    assert set(rates(schedule)) == {1}


def test_a_scheduler_without_a_closed_form_needs_even_calls() -> None:
    cyclic = "{_target_: torch.optim.lr_scheduler.CyclicLR, _partial_: true, base_lr: 0.1, max_lr: 1}"
    text = f"model: {{optimizer: {SGD}, scheduler: {{scheduler: {cyclic}, interval: step, frequency: 2}}}}"
    assert "CyclicLR is not called evenly here" in problem(text, batches_per_epoch=5)


def test_a_composed_schedule_is_named_after_the_first_file(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "net.yaml").write_text(f"optimizer: {SGD}\nscheduler: {STEP}\n", encoding="utf-8")
    first = tmp_path / "train.yaml"
    first.write_text(f"defaults:\n  - model: net\n{TRAINER}", encoding="utf-8")
    (schedule,) = load_file(first)
    assert (schedule.name, schedule.file) == ("train", str(first))
    assert rates(schedule) == [1, 0.5, 0.25]


@pytest.mark.parametrize(
    ("text", "recognized"),
    [
        (f"{TRAINER}optimizer: {SGD}", True),
        (f"optimizer: {SGD}\nscheduler: {STEP}", True),
        ("defaults: [{model: unet}]", True),
        ("_target_: torch.optim.Adam\nlr: 1", False),
        (f"_target_: a.Module\noptimizer: {SGD}", False),
        ("defaults: [{override /model: unet}]\nseed: 1", False),
        ("defaults: {run: {shell: bash}}", False),
        ("defaults: [base]", False),
    ],
)
def test_a_file_of_a_group_is_no_config_by_itself(text: str, recognized: bool) -> None:
    assert bool(DIALECTS["hydra"].recognize(Outline(text, "h.yaml"))) == recognized


def test_arguments_without_names_are_not_read() -> None:
    text = f"model: {{optimizer: {SGD}, scheduler: {STEP.replace('step_size: 1', '_args_: [1]')}}}"
    with pytest.raises(ScheduleError, match="arguments without a name are not read"):
        load(text)


def test_a_callback_that_sets_rates_has_a_warning() -> None:
    swa = "callbacks: {swa: {_target_: lightning.pytorch.callbacks.StochasticWeightAveraging, swa_lrs: 0.1}}\n"
    schedule = load(f"{swa}model: {{optimizer: {SGD}, scheduler: {STEP}}}")
    assert [each.code for each in schedule.remarks] == ["left-out"]


def test_an_optimizer_of_the_project_needs_its_lr() -> None:
    text = f"model: {{optimizer: {{_target_: my.Lion}}, scheduler: {STEP}}}"
    with pytest.raises(ScheduleError, match="names no optimizer of torch"):
        load(text)
    lambdas = "{_target_: my.schedules.Sawtooth, _partial_: true, teeth: 7}"
    told = problem(f"model: {{optimizer: {SGD}, scheduler: {lambdas}}}")
    assert "my.schedules.Sawtooth is not torch's own" in told
    assert "--trust" in told
