"""Nothing that a file says becomes code: texts with quotes, line breaks, backslashes and hidden letters stay texts."""

from __future__ import annotations

import ast
import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import code, module_of, same

from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.imported import Imported
from lrviz.schedule.model import Phases, Schedule
from lrviz.training.code.layout import lines
from lrviz.training.code.texts import Names, docstring, identifier, literal, number, string

HOSTILE = [
    '"""\nraise SystemExit("title")\n"""',
    "'''\nraise SystemExit\n'''",
    '\\"""\nraise SystemExit\n#',
    "\\",
    'ends in \\"',
    '"',
    "a\nraise SystemExit\n",
    "a\r\x0b\x0c\x1c\x85\u2028\u2029raise SystemExit",
    "\u202e\u2066 reversed \u2069",
    "# type: ignore",
    "fmt: off",
    "-*- coding: utf-7 -*- +AAo-raise SystemExit",
    "{__import__('os')}",
    "\x00\x1b[31m\x07",
    "##[group] ::error::x",
    "%s {} \\N{BULLET} \\x41",
    "class",
    "\uff4d\uff41\uff4b\uff45 \ufb01",
    "",
    "-" * 300,
]


SCHEDULES = """
epochs: 4
optimizer: {lr: 0.1, groups: [{name: a}, {name: b, lr: 1}]}
schedules:
  one: {scheduler: [{type: LambdaLR, lr_lambda: t / T, for: 2, name: first}, {type: StepLR, step_size: 2, from: 0.5}]}
  two: {scheduler: {type: LambdaLR, lr_lambda: {a: t, b: 1}}}
"""


def schedules_with(text: str) -> list[Schedule]:
    """Schedules that have a text wherever a model may hold one; the reader lets through few of these."""
    imported = Imported("hf", text, text, text, text, (), {})
    found = []
    for each in load_text(SCHEDULES, "f.yaml"):
        first, second = each.optimizer.groups
        optimizer = replace(each.optimizer, groups=(replace(first, name=text), second))
        scheduler = each.scheduler
        if isinstance(scheduler, Phases):
            warmup, rest = scheduler.phases
            scheduler = replace(scheduler, phases=(replace(warmup, name=text), rest))
        where = Position(text)
        found.append(replace(each, title=text, source=text, where=where, optimizer=optimizer, scheduler=scheduler))
    found[1] = replace(found[1], imported=imported, name=text)
    return found


def harmless(text: str) -> ast.Module:
    """The text parses, has only our imports and functions, and nothing in it hides or moves anything."""
    hidden = {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert hidden <= {"\n"}, hidden
    tree = ast.parse(text.encode())  # as Python reads a file, which may say how it is encoded
    first, *rest = tree.body
    assert isinstance(first, ast.Expr)
    assert isinstance(first.value, ast.Constant)
    for node in rest:
        assert isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)
        if isinstance(node, ast.FunctionDef):
            doc, *body = node.body
            assert isinstance(doc, ast.Expr)
            assert isinstance(doc.value, ast.Constant)
            assert all(isinstance(each, ast.Return | ast.If) for each in body)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"SystemExit", "__import__", "os"}
    return tree


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_only_text_wherever_it_stands(text: str) -> None:
    schedules = schedules_with(text)
    printed = code(*schedules)
    harmless(printed)
    makers = [name for name in vars(module_of(printed)) if name.startswith("make_")]
    assert len(makers) == 3
    for each, maker in zip(schedules, makers[1:], strict=True):
        same(each, printed, maker.removeprefix("make_").removesuffix("scheduler"))


def test_names_that_become_the_same_in_python_stay_apart() -> None:
    text = "epochs: 3\noptimizer: {lr: 1}\nschedules:\n" + "".join(
        f"  {json.dumps(name)}: {{scheduler: {{type: ExponentialLR, gamma: {0.5 + index / 10}}}}}\n"
        for index, name in enumerate(["a-b", "a b", "A_B", "ñ", "é", "make", "optimizer"])
    )
    schedules = load_text(text, "names.yaml")
    printed = code(*schedules)
    parts = ["a_b_", "a_b_", "a_b_", "schedule_4_", "schedule_5_", "make_", "optimizer_"]
    assert printed.count("def make_") == 8
    for each, part, suffix in zip(schedules, parts, ["", "_2", "_3", *[""] * 4], strict=True):
        same(each, printed.replace(f"make_{part}scheduler{suffix}(", "make_it_scheduler("), "it_")


def test_a_group_keeps_its_name() -> None:
    name = "q\"u'o\\te ☃"
    (schedule,) = load_text(
        f"epochs: 2\noptimizer: {{groups: [{{name: {json.dumps(name)}, lr: 1}}]}}\nscheduler: none\n", "f.yaml"
    )
    module = module_of(code(schedule))
    import torch

    made = module.make_optimizer({name: [torch.nn.Parameter(torch.zeros(1))]})
    assert made.param_groups[0]["name"] == name


def test_a_duration_may_stand_in_a_comment_only_as_one_line() -> None:
    run = "epochs: 9\nsteps_per_epoch: 2\ninterval: step\noptimizer: {lr: 1}\n"
    text = run + 'scheduler: {type: StepLR, step_size: "2\\n  epochs"}\n'
    (schedule,) = load_text(text, "f.yaml")
    printed = code(schedule)
    harmless(printed)
    assert "step_size=4,  # 2 epochs\n" in printed


def test_a_class_whose_path_no_line_of_python_can_import_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "epochs: 2\noptimizer: {lr: 1}\nscheduler: {type: package.class.Name}\n"
    (schedule,) = load_text(text, "own.yaml", trust=True)
    monkeypatch.setattr("printed._simulated", lambda schedule: None)
    with pytest.raises(ScheduleError, match=r"package\.class\.Name cannot be imported"):
        code(schedule)


# --- texts ------------------------------------------------------------------------------------------------------

any_text = st.text(st.characters(codec=None) | st.sampled_from("\"'\\\n#:[{\u202e\ud800"))


@given(any_text)
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_literal_that_reads_back(text: str) -> None:
    written = string(text)
    assert ast.literal_eval(written) == text
    assert len(written.splitlines()) == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    )
)
@settings(max_examples=200, deadline=None)
def test_any_value_is_a_literal_that_reads_back(value: Any) -> None:
    assert ast.literal_eval("\n".join(lines(literal(value)))) == value


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
@settings(max_examples=200, deadline=None)
def test_any_number_reads_back_to_the_same_bits_and_type(value: float) -> None:
    read = ast.literal_eval(number(value))
    assert (type(read), float(read).hex() if isinstance(read, float) else read) == (
        type(value),
        float(value).hex() if isinstance(value, float) else value,
    )


@given(st.lists(any_text, min_size=1, max_size=3), st.sampled_from([0, 4]))
@settings(max_examples=150, deadline=None)
def test_any_paragraphs_are_a_docstring_and_nothing_else(paragraphs: list[str], indent: int) -> None:
    text = "\n".join(docstring([*paragraphs, "An end."], indent))
    body = f"def f():\n{text}\n" if indent else text
    (only,) = ast.parse(body).body
    (doc,) = only.body if isinstance(only, ast.FunctionDef) else (only,)
    assert isinstance(doc, ast.Expr)
    assert isinstance(doc.value, ast.Constant)
    assert str(doc.value.value).rstrip().endswith("An end.")


@given(any_text)
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_part_of_a_name(text: str) -> None:
    found = identifier(text)
    assert f"make_{found}".isascii()
    assert f"make_{found}".isidentifier()


def test_a_name_is_handed_out_once() -> None:
    names = Names(["t"])
    assert [names.new("t"), names.new("a"), names.new("a"), names.new("a_2")] == ["t_2", "a", "a_2", "a_2_2"]
