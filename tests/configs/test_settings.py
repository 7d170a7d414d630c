"""What the command line and Python say of a config: facts, values of its own keys, its length; and the key `config`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lrviz
from lrviz.configs.facts import Given
from lrviz.configs.settings import parse_data
from lrviz.duration import parse_duration
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import is_recognized, load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.override import parse_overrides
from lrviz.schedule.reading.run import Length

SFT = """\
learning_rate: 2.0e-5
lr_scheduler_type: linear
warmup_steps: 10
num_train_epochs: 2
per_device_train_batch_size: 4
"""
FACTS = "samples=1000,devices=5,transformers=5.23"


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrviz.configs.releases._installed", lambda packages: {})


def read(
    text: str = SFT, data: str = FACTS, settings: tuple[str, ...] = (), length: Length | None = None, **more: Any
) -> list[Schedule]:
    given = Given(parse_data([data] if data else []), **more)
    return load_text(text, "sft.yaml", length, parse_overrides(settings), given=given)


def said(error: ScheduleError) -> list[str]:
    return str(error).splitlines()


# --- facts ---------------------------------------------------------------------------------------------------------


def test_everything_that_is_missing_is_asked_for_at_once_with_a_line_to_paste() -> None:
    with pytest.raises(ScheduleError) as caught:
        read(data="")
    asked = [line for line in said(caught.value) if "depends on" in line]
    assert [line.split("`")[1] for line in asked] == ["samples", "devices"]
    assert all(line.startswith("sft.yaml:") for line in asked)
    assert "  hint: add --data samples=52002,devices=8, with your values" in said(caught.value)
    (schedule,) = read(data="samples=52002,devices=8")
    assert schedule.run.total_steps == 2 * 1626


def test_a_length_in_steps_needs_no_facts() -> None:
    (schedule,) = read(data="", length=Length(steps=100))
    assert schedule.run.total_steps == 100


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("sample=3", "--data sample: error: no config asks for 'sample'\n  hint: did you mean samples?"),
        ("samples", "--data samples: error: --data needs NAME=VALUE\n  hint: --data samples=52002,devices=8"),
        ("samples=3,samples=4", "--data samples: error: samples is given twice\n  hint: give it once"),
        ("metric=loss.csv", "--data metric: error: metric needs FILE:COLUMN (got 'loss.csv')\n"
         "  hint: --data metric=log.csv:val_loss"),
    ],
)  # fmt: skip
def test_a_wrong_fact_is_an_error(data: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_data([data])
    assert str(caught.value) == message


def test_a_fact_must_fit() -> None:
    with pytest.raises(ScheduleError) as caught:
        read(data="samples=many,devices=0")
    assert sorted(line for line in said(caught.value) if "error" in line) == [
        "--data devices: error: devices must be at least 1 (got '0')",
        "--data samples: error: samples must be a whole number (got 'many')",
    ]


def test_on_a_file_of_ours_a_fact_sets_the_key_data() -> None:
    text = "epochs: 2\ninterval: step\ndata: {samples: 100, batch_size: 10}\noptimizer: {lr: 1}\nscheduler: none\n"
    (schedule,) = load_text(text, "own.yaml", given=Given(parse_data(["samples=200,devices=2"])))
    assert schedule.run.total_steps == 20
    (schedule,) = load_text(text, "own.yaml", given=Given(parse_data(["samples=200"])))
    assert schedule.run.total_steps == 40


# --- its own keys and length ---------------------------------------------------------------------------------------


def test_set_reaches_keys_that_are_there_keys_that_are_not_and_sweeps() -> None:
    swept = read(settings=("learning_rate=1e-4,2e-4", "gradient_accumulation_steps=2"))
    assert [each.name for each in swept] == ["sft learning_rate=1e-4", "sft learning_rate=2e-4"]
    assert [simulate(each).peak for each in swept] == [1e-4, 2e-4]
    assert {each.run.total_steps for each in swept} == {50}


def test_set_of_an_unknown_key_has_a_suggestion() -> None:
    with pytest.raises(ScheduleError) as caught:
        read(settings=("learning_rat=1",))
    assert str(caught.value) == (
        "--set learning_rat: error: 'learning_rat' matches no key of sft.yaml, a config of "
        "Hugging Face TrainingArguments\n  hint: did you mean learning_rate?"
    )


def test_epochs_and_steps_set_the_programs_own_length() -> None:
    (schedule,) = read(length=Length(epochs=3))
    assert schedule.run.total_steps == 150
    (schedule,) = read(SFT + "max_steps: 70\n", length=Length(epochs=3))
    assert schedule.run.total_steps == 150
    (schedule,) = read(SFT + "max_steps: 70\n", data="")
    assert schedule.run.total_steps == 70


def test_a_length_in_tokens_is_refused() -> None:
    with pytest.raises(ScheduleError, match=r"steps of a config must be a whole number .got .1000000 tokens"):
        read(length=Length(steps=parse_duration("1e6 tokens")))


def test_a_wrong_value_points_at_its_line() -> None:
    with pytest.raises(ScheduleError) as caught:
        read(SFT.replace("2.0e-5", "fast").replace("linear", "linaer"), data="")
    assert [line for line in said(caught.value) if not line.startswith("  hint: add")][:4] == [
        "sft.yaml:1:16: error: learning_rate must be a number (got 'fast')",
        "sft.yaml:2:20: error: lr_scheduler_type must be a scheduler of transformers (got 'linaer')",
        "  hint: did you mean linear?",
    ]


# --- folders -------------------------------------------------------------------------------------------------------


def test_of_a_folder_recognized_yaml_is_taken_and_no_part_of_a_config() -> None:
    group = "_target_: seg.Module\noptimizer:\n  _target_: torch.optim.SGD\n  lr: 0.1\n"
    own_text = "epochs: 3\noptimizer: {lr: 1}\nscheduler: none\n"
    files = {"sft.yaml": SFT, "own.yaml": own_text, "model/unet.yaml": group, "other.yaml": "a: 1\n"}
    assert [is_recognized(text.encode(), name) for name, text in files.items()] == [True, True, False, False]


# --- releases ------------------------------------------------------------------------------------------------------

REMAINDER = SFT + "gradient_accumulation_steps: 4\n"  # 50 batches: 13 steps, or 12 before transformers 4.52


def test_releases_that_differ_are_asked_about_only_where_the_file_is_of_ours(tmp_path: Path) -> None:
    (schedule,) = read(REMAINDER, data="samples=1000,devices=5")
    assert schedule.run.total_steps == 26
    assert str(schedule.imported).startswith(
        "sft.yaml: Hugging Face TrainingArguments, read as transformers 4.52 or later: linear, warmup 10 of 26 steps"
    )
    assert [each.code for each in schedule.remarks] == ["releases-differ"]
    (schedule,) = read(REMAINDER, data="samples=1000,devices=5,transformers=4.40")
    assert schedule.run.total_steps == 24
    assert "read as transformers 4.40:" in str(schedule.imported)


def test_the_installed_release_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrviz.configs.releases._installed", lambda packages: dict.fromkeys(packages, "4.51.3"))
    (schedule,) = read(REMAINDER, data="samples=1000,devices=5")
    assert schedule.run.total_steps == 24
    assert "read as transformers 4.51.3 (installed):" in str(schedule.imported)
    (schedule,) = read(SFT, data="samples=1000,devices=5")
    assert ", read as" not in str(schedule.imported)


def test_a_file_that_the_installed_release_refuses_is_drawn_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrviz.configs.releases._installed", lambda packages: dict.fromkeys(packages, "5.23.0"))
    (schedule,) = read(SFT.replace("warmup_steps: 10", "warmup_ratio: 0.1"), data="samples=1000,devices=5")
    assert schedule.run.total_steps == 100
    assert [(each.code, each.severity) for each in schedule.remarks] == [("refused", "warning")]


# --- the key `config` ----------------------------------------------------------------------------------------------


def own(folder: Path, text: str, config: str = SFT) -> Path:
    (folder / "pyproject.toml").touch()
    (folder / "configs").mkdir(exist_ok=True)
    (folder / "schedules").mkdir(exist_ok=True)
    (folder / "configs" / "sft.yaml").write_text(config)
    file = folder / "schedules" / "lr.yaml"
    file.write_text(text)
    return file


DATA = '{samples: 1000, devices: 5, transformers: "5.23"}'


def test_a_file_of_ours_checks_the_config_that_trains(tmp_path: Path) -> None:
    file = own(tmp_path, f"config: {{file: ../configs/sft.yaml, data: {DATA}}}\nexpect: {{peak: 10, steps: 100}}\n")
    assert lrviz.load(file).only.check().ok
    (tmp_path / "configs" / "sft.yaml").write_text(SFT.replace("warmup_steps: 10", "warmup_steps: 20"))
    assert not lrviz.load(file).only.check().ok


def test_the_note_about_a_config_without_expectations_can_be_pasted(tmp_path: Path) -> None:
    from lrviz.checks.examine import examine
    from lrviz.checks.finding import Finding

    (schedule,) = read(REMAINDER, data="samples=1000,devices=5,transformers=4.40")
    said = examine(schedule, simulate(schedule), schedule.name, "")
    found = {each.code: each.hint for each in said if isinstance(each, Finding)}
    config = '{file: sft.yaml, data: {samples: 1000, devices: 5, transformers: "4.40"}}'
    assert f"beside `config: {config}`;" in str(found["nothing-expected"])
    pasted = own(tmp_path, f"config: {config}\n".replace("sft.yaml", "../configs/sft.yaml"), REMAINDER)
    assert lrviz.load(pasted).only.simulate().peak == simulate(schedule).peak


def test_config_merges_key_by_key(tmp_path: Path) -> None:
    text = f"""\
config: {{file: ../configs/sft.yaml, data: {DATA}}}
schedules:
  one: {{}}
  two: {{config: {{data: {{devices: 1}}}}}}
  own: {{epochs: 3, optimizer: {{lr: 1}}, scheduler: none}}
"""
    loaded = lrviz.load(own(tmp_path, text))
    assert [len(each.simulate()) for each in loaded.values()] == [100, 500, 3]


def test_in_a_file_of_ours_a_release_must_be_said(tmp_path: Path) -> None:
    text = "config: {file: ../configs/sft.yaml, data: {samples: 1000, devices: 5}}\n"
    file = own(tmp_path, text, REMAINDER)
    with pytest.raises(ScheduleError) as caught:
        lrviz.load(file)
    (problem,) = caught.value.problems
    assert problem.message.startswith("the curve depends on `transformers`")
    assert problem.hint == 'add data: {transformers: "VERSION"} under `config`, with your values'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: {file: ../configs/sft.yaml}\nepochs: 3\n", "`epochs` comes from the config; it may not stand beside"),
        ("config: {}\n", "file is missing"),
        ("config: sft.yaml\n", "config must be a mapping (got 'sft.yaml')"),
        ("config: {file: gone.yaml}\n", "config: gone.yaml cannot be read: No such file or directory"),
        ("config: {file: ../../x.yaml}\n", "config: ../../x.yaml lies outside of the project"),
        ("config: {file: lr.yaml}\n", "config: lr.yaml is not recognized as the config of another program"),
        ("config: {file: ../configs/sft.yaml, form: hf}\n", "unknown key 'form'"),
        ("config: {file: ../configs/sft.yaml, from: axoltl}\n", "there is no program 'axoltl'"),
        ("config: {file: ../configs/sft.yaml, form: hf}\nepochs: 3\n", "unknown key 'form'"),
        ("config: {file: ../configs/sft.yaml, data: {sample: 3}}\n", "no config asks for 'sample'"),
    ],
)
def test_a_wrong_config_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        lrviz.load(own(tmp_path, text))
    assert any(message in each.message for each in caught.value.problems), str(caught.value)


def test_a_metric_is_asked_for_as_the_key_of_a_file_of_ours(tmp_path: Path) -> None:
    text = "config: {file: ../configs/sft.yaml, data: {samples: 10, devices: 1}}\n"
    plateau = "lr_scheduler_type: reduce_lr_on_plateau\nmax_steps: 40\neval_strategy: steps\neval_steps: 10\n"
    with pytest.raises(ScheduleError) as caught:
        lrviz.load(own(tmp_path, text, plateau))
    (problem,) = caught.value.problems
    assert problem.hint == "add metric: {file: log.csv, column: val_loss} beside `config`, with your values"


def test_errors_of_options_stand_at_their_keys(tmp_path: Path) -> None:
    text = "config:\n  file: ../configs/sft.yaml\n  from: axoltl\n"
    with pytest.raises(ScheduleError) as caught:
        lrviz.load(own(tmp_path, text))
    assert caught.value.problems[0].where[1:] == (3, 9)
    text = "config:\n  file: ../configs/sft.yaml\n  overrides: [learning_rate]\n"
    with pytest.raises(ScheduleError) as caught:
        lrviz.load(own(tmp_path, text))
    (problem,) = caught.value.problems
    assert problem.where[1:] == (3, 14)
    assert problem.message.startswith("overrides")


@pytest.mark.parametrize(
    ("release", "message"),
    [
        ("5.10", "transformers must be text, because 5.1 and 5.10 are two releases (got the number 5.1)"),
        ("latest", "transformers must be a release (got 'latest')"),
        ("null", "transformers must be a release (got nothing)"),
        ("[5]", "transformers must be a release (got a list)"),
    ],
)
def test_what_is_no_release_is_an_error(tmp_path: Path, release: str, message: str) -> None:
    text = f"config: {{file: ../configs/sft.yaml, data: {{samples: 1000, devices: 5, transformers: {release}}}}}\n"
    with pytest.raises(ScheduleError) as caught:
        lrviz.load(own(tmp_path, text, REMAINDER))
    assert [each.message for each in caught.value.problems] == [message]


def test_what_follows_from_a_stand_in_is_not_shown() -> None:
    with pytest.raises(ScheduleError) as caught:
        load_text(REMAINDER, "sft.yaml", given=Given(installed=False))
    (asked,) = (each.message for each in caught.value.problems if "`transformers`" in each.message)
    assert asked.endswith("the release of transformers, since they differ (before 4.52; from 4.52)")


def test_facts_of_configs_do_not_stop_a_schedule_of_ours() -> None:
    text = "epochs: 3\noptimizer: {type: SGD, lr: 1}\nscheduler: none\n"
    (schedule,) = load_text(text, "own.yaml", given=Given(parse_data(["samples=200"])))
    assert schedule.run.epochs == 3


def test_json_on_standard_input_is_read_as_json() -> None:
    text = '{\n\t"learning_rate": 5e-5, "lr_scheduler_type": "linear", "max_steps": 10\n}'  # tabs, and no 5.0e-5
    (schedule,) = load_text(text, "<stdin>")
    assert (schedule.run.total_steps, schedule.remarks) == (10, ())
    ours = '{"epochs": 3, "optimizer": {"lr": 1}, "scheduler": "none"}'
    assert load_text(ours, "<stdin>")[0].run.epochs == 3


def test_python_gives_facts_and_values_too(tmp_path: Path) -> None:
    (tmp_path / "sft.yaml").write_text(SFT)
    data = {"samples": 1000, "devices": 5}
    schedule = lrviz.load(tmp_path / "sft.yaml", data=data, set={"learning_rate": 1e-4}, epochs=1).only
    assert schedule.simulate().peak == 1e-4
    assert len(schedule.simulate()) == 50
    with pytest.raises(ScheduleError, match="no config asks for 'sample'"):
        lrviz.load(tmp_path / "sft.yaml", data={"sample": 1})


def test_nothing_that_follows_from_a_wrong_value_is_said() -> None:
    text = "lr_config = dict(policy='step', step='x')\noptimizer = dict(type='SGD', lr=0.1)\ntotal_epochs = 3\n"
    with pytest.raises(ScheduleError) as caught:
        load_text(text, "a.py", given=Given(parse_data(["batches_per_epoch=2"])))
    (problem,) = caught.value.problems
    assert problem.message == "lr_config.step must be a whole number (got 'x')"
