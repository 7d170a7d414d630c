"""Numbers of any length and form, wherever lrviz reads one: read or refused, never a fault or a guess."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lrviz.cli.main import app
from lrviz.errors import ScheduleError

LONG, LARGE = "9" * 5000, "9" * 400
FORMS = {
    "long": LONG,
    "long and negative": f"-{LONG}",
    "long fraction": "0." + "1" * 5000,
    "long hexadecimal": "0x" + "f" * 5000,
    "400 digits": LARGE,
    "20 digits": "1" + "0" * 20,
    "beyond int64": "9223372036854775808",
    "large exponent": "1e999999999",
    "small exponent": "1e-999999999",
    "long exponent": f"1e-{LONG}",
    "minus zero": "-0",
    "nan": ".nan",
    "infinite": "-.inf",
    "underscore": "1_000",
    "other digits": "٣٤",
    "superscript": "²",
}
FILE = "steps: 4\noptimizer: {lr: 0.1}\nscheduler: {type: StepLR, step_size: 2}\n"
PLATEAU = "steps: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau}\nmetric: "
READ_FROM = {
    "file: steps": FILE.replace("4", "@", 1),
    "file: lr": FILE.replace("0.1", "@"),
    "file: quoted": FILE.replace("0.1", "'@'"),
    "file: tag": FILE.replace("0.1", "!!float @"),
    "file: step_size": FILE.replace("size: 2", "size: @"),
    "file: epochs": FILE.replace("size: 2", "size: '@ epochs'"),
    "file: %": FILE.replace("size: 2", "size: '@ %'"),
    "file: expression": FILE.replace("0.1", "'1 * @'"),
    "file: at": FILE + "expect: {at: {? '@' : 0.1}}\n",
    "file: max": FILE + "expect: {max: @}\n",
    "file: repeat": FILE.replace("lr: 0.1", "groups: [{name: a, repeat: @, lr: 0.1}]"),
    "file: milestones": FILE.replace("StepLR, step_size: 2", "MultiStepLR, milestones: ['@', 2]"),
    "file: metric": PLATEAU + "['@', 1, 2]\n",
    "metric.csv": "v\n@\n1\n2\n",
    "metric.jsonl": '{"v": @}\n{"v": 1}\n{"v": 2}\n',
    "log.csv lr": "step,lr\n0,0.1\n1,@\n2,0.01\n",
    "log.csv step": "step,lr\n0,0.1\n@,0.01\n",
    "log.jsonl lr": '{"step": 0, "lr": @}\n{"step": 1, "lr": 0.1}\n',
    "log.jsonl step": '{"step": @, "lr": 0.1}\n',
    "log.json": '{"log_history": [{"step": 1, "learning_rate": @}]}',
}
ARGUMENTS = {
    "place": ["at", "--", "@", "s.yaml"],
    "place with a unit": ["at", "--", "@ steps", "s.yaml"],
    "--steps": ["table", "s.yaml", "--steps=@"],
    "--every": ["table", "s.yaml", "--every=@"],
    "--set": ["table", "s.yaml", "--set", "lr=@"],
    "--tolerance": ["diff", "s.yaml", "s.yaml", "--tolerance=@"],
    "--dpi": ["plot", "s.yaml", "-o", "x.svg", "--dpi=@", "--size=200x3"],
    "--size": ["plot", "s.yaml", "-o", "x.svg", "--size=@x0"],
    "when": ["when", "lr < @", "s.yaml"],
    "--target": ["solve", "lr", "s.yaml", "--target", "last < @"],
    "--target place": ["solve", "lr", "s.yaml", "--target", "@ steps < 0.1"],
    "--between": ["solve", "lr", "s.yaml", "--target", "last < 0.1", "--between", "@", "@"],
    "--shift": ["check", "s.yaml", "--run", "log.csv", "--shift=@"],
}


def said(*arguments: str) -> str:
    """What lrviz says to these arguments; any exception but a refusal of the input is a fault."""
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, ScheduleError):
        return str(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def answers(place: str, form: str) -> Iterator[str]:
    """What is said when a number of this form stands at a place."""
    Path("s.yaml").write_text(FILE)
    Path("log.csv").write_text("step,lr\n0,0.1\n1,0.1\n")
    if place in ARGUMENTS:
        yield said(*(each.replace("@", form) for each in ARGUMENTS[place]))
        return
    text = READ_FROM[place].replace("@", form)
    name = place.split(" ")[0]
    if place.startswith("file"):
        Path("x.yaml").write_text(text)
        yield said("check", "x.yaml")
        return
    Path(name).write_text(text)
    if name.startswith("metric"):
        Path("x.yaml").write_text(f"{PLATEAU}{{file: {name}, column: v}}\n")
        yield said("check", "x.yaml")
    else:
        yield said("check", "s.yaml", "--run", name)


@pytest.mark.parametrize("place", [*READ_FROM, *ARGUMENTS])
def test_no_number_is_a_fault(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for form in FORMS.values():
        for text in answers(place, form):
            assert "sys.set_int_max_str_digits" not in text
            assert max(map(len, text.splitlines()), default=0) < 6000


@pytest.mark.parametrize(
    "place",
    [
        *(
            "file: steps",
            "file: lr",
            "file: quoted",
            "file: tag",
            "file: step_size",
            "file: epochs",
            "file: max",
            "log.jsonl lr",
            "metric.jsonl",
        ),
        *("place with a unit", "--steps", "--every", "--set", "--tolerance", "--between", "--shift", "--target place"),
    ],
)
def test_a_number_that_is_too_long_is_refused_with_one_message(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for text in answers(place, LONG):
        assert "must be at most 1,000 characters long" in " ".join(text.split())


@pytest.mark.parametrize("place", ["log.csv lr", "log.csv step", "metric.csv", "--shift", "--size"])
@pytest.mark.parametrize("form", ["1_000", "٣"])
def test_what_only_python_takes_for_a_number_is_none(
    place: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for text in answers(place, form):
        assert any(words in text for words in ("is not a ", "there is no ", "has no number"))
