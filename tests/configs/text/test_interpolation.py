"""`${a.b}` stands for what OmegaConf puts there, and what only the program knows stays as it is."""

from __future__ import annotations

import pytest

from lrviz.configs.text.interpolation import interpolated
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.text.document import parse


def read(text: str) -> tuple[object, list[str]]:
    root, problems = interpolated(parse(text, "c.yaml", scalars=omegaconf))
    return root.plain(), [str(each) for each in problems.values()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: ${b.c}\nb: {c: 3}", {"a": 3, "b": {"c": 3}}),
        ("b: {c: 1e-3, d: '${.c}', e: {f: '${..c}'}}", {"b": {"c": 1e-3, "d": 1e-3, "e": {"f": 1e-3}}}),
        ("a: '${b[1]}'\nc: ${b.0}\nb: [7, 8]", {"a": 8, "c": 7, "b": [7, 8]}),
        ("a: ${b}\nb: {c: 3, d: '${.c}'}", {"a": {"c": 3, "d": 3}, "b": {"c": 3, "d": 3}}),
        ("a: ${b.c}\nb: ${d}\nd: {c: '${e}'}\ne: 5", {"a": 5, "b": {"c": 5}, "d": {"c": 5}, "e": 5}),
        ("a: x_${b}_${c}${d}\nb: 1\nc: true\nd:", {"a": "x_1_TrueNone", "b": 1, "c": True, "d": None}),
        ("a: ${m.${k}}\nk: big\nm: {big: 9}", {"a": 9, "k": "big", "m": {"big": 9}}),
        (r"a: \${b}", {"a": "${b}"}),
        ("p: {q: {n: '${...n}'}}\nn: 4", {"p": {"q": {"n": 4}}, "n": 4}),
    ],
)
def test_what_stands_for_a_value(text: str, expected: object) -> None:
    assert read(text) == (expected, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: ${b.lr}\nb: {rl: 1}", "c.yaml:1:4: error: a: ${b.lr} leads nowhere: there is no lr in b"),
        ("a: ${hparam.lr}\nhparams: {lr: 1}", "there is no hparam in this file\n  hint: did you mean hparams?"),
        ("a: ${oc.env:HOME}", "a: ${oc.env:HOME} asks the environment, which lrviz does not do"),
        ("a: ${eval:2*3}", "a: ${eval:2*3} asks a resolver of the program"),
        ("a: ???", "a is ???, which must be given"),
        ("a: ${b}\nb: ???", "a: ${b}: b is ???, which must be given"),
        ("a: ${....b}", "goes up beyond the top"),
        ("a: x${b}\nb: {c: 1}", "is no value that can stand within a text"),
    ],
)
def test_what_stays_as_it_is(text: str, problem: str) -> None:
    plain, problems = read(text)
    assert any(problem in each for each in problems)
    assert isinstance(plain, dict)
    assert plain["a"] == read(text.replace("\nb: ???", ""))[0]["a"]  # type: ignore[index]


def test_a_circle_is_a_problem_in_each_of_its_places() -> None:
    _, problems = read("a: ${b}\nb: ${c}\nc: ${a}\nd: {x: '${d}'}")
    assert len(problems) == 4
    assert all("leads back to itself" in each for each in problems)


def test_what_is_used_twice_each_time_counts_as_often() -> None:
    lines = [f"a{index}: ['${{a{index + 1}}}', '${{a{index + 1}}}']" for index in range(20)]
    _, problems = read("\n".join([*lines, "a20: 1"]))
    assert "stands for too much" in problems[0]


def test_a_long_chain_ends_with_a_problem() -> None:
    lines = [f"a{index}: ${{a{index + 1}}}" for index in range(2000)]
    _, problems = read("\n".join([*lines, "a2000: 1"]))
    assert any("too often" in each for each in problems)


def test_a_value_keeps_the_place_where_it_is_used() -> None:
    root, _ = interpolated(parse("m:\n  T_max: ${t}\nt: 3", "c.yaml", scalars=omegaconf))
    node = root.value["m"].value.value["T_max"].value
    assert (node.value, node.where.line, node.where.column) == (3, 2, 10)
