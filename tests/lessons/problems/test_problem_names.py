"""The names of problems, and what is not one."""

from __future__ import annotations

import sys
from pathlib import Path
from pkgutil import iter_modules

import pytest

import lrviz.lessons.problems
from lrviz.errors import Position, ScheduleError
from lrviz.lessons.problems import problem_of
from lrviz.schedule.catalogue import DEFAULT_PROBLEM, PROBLEMS


def test_each_problem_is_a_module_of_its_name() -> None:
    modules = {each.name for each in iter_modules(lrviz.lessons.problems.__path__)}
    assert set(PROBLEMS) <= modules
    assert DEFAULT_PROBLEM in PROBLEMS
    assert {name: form.partition(":")[0] for name, form in PROBLEMS.items()} == {name: name for name in PROBLEMS}
    assert [problem_of(name).name for name, form in PROBLEMS.items() if ":" not in form] == [
        "digits",
        "quadratic",
        "rosenbrock",
    ]


WRONG = {
    "quadratc": ("there is no problem 'quadratc'", "did you mean quadratic?"),
    "Digits ": ("there is no problem 'Digits '", "did you mean digits?"),
    "": ("there is no problem ''", "one of digits, mnist:DIR, quadratic, rosenbrock, module:function"),
    "cifar": ("there is no problem 'cifar'", "one of digits, mnist:DIR, quadratic, rosenbrock, module:function"),
    "mnits:/data/mnist": ("there is no problem 'mnits:/data/mnist'", "did you mean mnist:DIR?"),
    "digits:x": ("digits takes nothing behind a colon (got 'digits:x')", "write digits"),
    "quadratic:": ("quadratic takes nothing behind a colon (got 'quadratic:')", "write quadratic"),
    "mnist": ("mnist needs what it reads (got 'mnist')", "write mnist:DIR"),
    "mnist:": ("mnist needs what it reads (got 'mnist:')", "write mnist:DIR"),
    "a.py:setup(0)": ("there is no problem 'a.py:setup(0)'", "one of digits, mnist:DIR,"),
    "this:s": (
        "this:s is not one of lrviz's own; to run it, lrviz would import this, which runs its code",
        "pass --trust if you trust it",
    ),
    "rosenbrok:f": (
        "rosenbrok:f is not one of lrviz's own",
        "did you mean rosenbrock? Or pass --trust if you trust it",
    ),
}


@pytest.mark.parametrize("text", WRONG)
def test_other_names_are_refused_with_what_may_be_meant(text: str) -> None:
    message, hint = WRONG[text]
    with pytest.raises(ScheduleError) as caught:
        problem_of(text, Position("s.yaml", 3, 12))
    (found,) = caught.value.problems
    assert found.where == Position("s.yaml", 3, 12)
    assert found.message.startswith(message)
    assert found.hint.startswith(hint)
    assert "this" not in sys.modules


def test_nothing_is_imported_without_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "marks.py").write_text("open('ran', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScheduleError):
        problem_of("marks:setup")
    assert not (tmp_path / "ran").exists()
    with pytest.raises(ScheduleError, match="there is no 'setup' in marks"):
        problem_of("marks:setup", trust=True)
    assert (tmp_path / "ran").exists()
    del sys.modules["marks"]
