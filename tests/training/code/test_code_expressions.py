"""Printed expressions compute the bits that lrviz computes, wherever lrviz has a value."""

from __future__ import annotations

import math
from random import Random
from types import ModuleType

import pytest
from fuzz.kinds.expressions import VALUES, draw
from printed import module_of

from lrviz.errors import Position
from lrviz.schedule.model import Function
from lrviz.schedule.text.expression import ExpressionError, ExpressionValueError, Value, parse
from lrviz.training.code.functions import Functions
from lrviz.training.code.module import Module

BOUND: dict[str, Value] = {"T": 90, "n": "t + 2000", "N": 4000, "epoch": "t * 500 / 5005", "step": "t * 500"}
POINTS = (0, 1, 2, 3, 17, 1000, 12345)


def function(text: str, argument: str = "t") -> Function:
    names = ("t", *BOUND) if argument == "t" else ("x",)
    return Function(parse(text, names), argument, BOUND if argument == "t" else {}, Position("f.yaml"))


def printed(*functions: Function) -> tuple[str, list[str]]:
    """A module with the functions, and their names in it."""
    module = Module()
    writer = Functions(module)
    names = []
    for each in functions:
        kind = "lr_lambda" if each.argument == "t" else "scale_fn"
        names.append(writer.name_of(each, kind, ("The factor", "after t calls")))
    return module.text(['"""Functions."""']), names


def one(text: str, argument: str = "t") -> str:
    """The body of one printed function, without its indent."""
    body = printed(function(text, argument))[0].partition('."""\n    ')[2]
    return "\n".join(line.removeprefix("    ") for line in body.splitlines())


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("t / T", "return t / 90"),
        ("n", "return t + 2000"),
        ("(500 / n) ** 0.5", "return math.pow(500 / (t + 2000), 0.5)"),
        ("0.5 * (1 + cos(pi * t / T))", "return 0.5 * (1 + math.cos(math.pi * t / 90))"),
        ("0.95 ** t", "return 0.95**t"),
        ("(1 - t / T) ** 2", "return (1 - t / 90) ** 2"),
        ("(1 - t / T) ** 0.9", "return math.pow(1 - t / 90, 0.9)"),
        ("2 ** t", "return math.pow(2, t)"),
        ("t ** 2", "return math.pow(t, 2)"),
        ("(t + 1) ** 2", "return math.pow(t + 1, 2)"),
        ("(t / 2) ** 2", "return (t / 2) ** 2"),
        ("(t * 0.5) ** t", "return (t * 0.5) ** t"),
        ("max(t, 0.5) ** 2", "return math.pow(max(t, 0.5), 2)"),
        ("2 ** 3 ** 2", "return math.pow(2, math.pow(3, 2))"),
        ("-2. ** 2", "return -2.0**2"),
        ("0.5 ** -(t // 3)", "return 0.5 ** -(t // 3)"),
        ("0.5 ** -t", "return 0.5**-t"),
        ("t - (1 - 2)", "return t - (1 - 2)"),
        ("(t - 1) - 2", "return t - 1 - 2"),
        ("t / (2 * T)", "return t / (2 * 90)"),
        ("(t * T) / 3 % 7", "return t * 90 / 3 % 7"),
        ("1 if t < 10 else 0.1", "return 1 if t < 10 else 0.1"),
        ("1 if not (t < 10 and t > 3) else 2", "return 1 if not (t < 10 and t > 3) else 2"),
        ("(1 if t < 10 else 2) / 3", "return (1 if t < 10 else 2) / 3"),
        (
            "1 if 3 < t <= 10 else 2 if t < 20 else 3",
            "if 3 < t <= 10:\n    return 1\nif t < 20:\n    return 2\nreturn 3",
        ),
        ("max(0, min(1, t), floor(t / 2))", "return max(0, min(1, t), math.floor(t / 2))"),
        ("5e12 / 1e-4 + 1e5", "return 5e12 / 1e-4 + 1e5"),
    ],
)
def test_an_expression_in_python(text: str, python: str) -> None:
    assert one(text) == python


def test_a_scale_takes_a_number_that_may_be_a_float() -> None:
    assert one("0.5 ** x", "x") == "return math.pow(0.5, x)"


def test_a_function_says_what_the_file_has() -> None:
    text, _ = printed(function('(n / N) ** 0.5 # \u202e """ import os'))
    assert '    """The factor after t calls: (n / N) ** 0.5."""\n    return math.pow((t + 2000) / 4000, 0.5)\n' in text


def test_the_same_function_is_written_once() -> None:
    text, names = printed(function("t / T"), function("t/90"), function("t / 91"))
    assert names == ["factor", "factor", "factor_2"]
    assert text.count("def ") == 2


def expressions(count: int) -> list[Function]:
    """Random expressions, long ones among them."""
    rng = Random(16)
    found: list[Function] = []
    while len(found) < count:
        text = draw(rng)["text"]
        if rng.random() < 0.3:
            text = f"({text}) {rng.choice('+-*/')} ({draw(rng)['text']}) / (1000 + {draw(rng)['text']})"
        try:
            found.append(function(text))
        except ExpressionError:
            continue
    return found


RANDOM = expressions(350)


@pytest.fixture(scope="module")
def random_module() -> tuple[ModuleType, list[str]]:
    text, names = printed(*RANDOM)
    return module_of(text), names


def test_random_expressions_compute_the_same_bits(random_module: tuple[ModuleType, list[str]]) -> None:
    module, names = random_module
    compared = 0
    for each, name in zip(RANDOM, names, strict=True):
        wanted = each.expression.function("t", BOUND)
        for t in POINTS:
            try:
                value = wanted(t)
            except ExpressionValueError:
                continue
            got = getattr(module, name)(t)
            assert float(got).hex() == float(value).hex(), (each.expression.text, t)
            assert math.isfinite(got)
            compared += 1
    assert compared > 1_000
    assert VALUES.keys() == BOUND.keys()
