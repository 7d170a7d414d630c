"""Reading a text takes time in proportion to its length, whatever is written in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from helpers.growth import grows_slowly

from lrviz.calculator.solve.target import parse_target
from lrviz.duration import parse_duration
from lrviz.errors import MAX_ERRORS, Position, Problem, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.reading.override import parse_override
from lrviz.schedule.text.document import parse
from lrviz.schedule.text.suggest import did_you_mean, suggest
from lrviz.schedule.text.values import WrongValueError, number


def document(text: str) -> object:
    return parse(text, "s.yaml")


def merges(count: int) -> str:
    """A mapping that merges `count` mappings with keys of their own."""
    sources = (", ".join(f"k{each}_{key}: 1" for key in range(5)) for each in range(count))
    return f"m: {{<<: [{', '.join(f'{{{source}}}' for source in sources)}], own: 1}}\n"


def one_merged(count: int) -> str:
    return f"a: &a {{x: 1, y: 2}}\nb: {{<<: [{', '.join(['*a'] * count)}]}}\n"


def unknown_groups(count: int) -> str:
    """A mapping by group whose names are not those of the groups."""
    wrong = ", ".join(f"layr{each}: 1" for each in range(count))
    return (
        f"epochs: 3\noptimizer: {{groups: [{{name: layer, repeat: 100, lr: 0.1}}]}}\n"
        f"scheduler: {{type: LambdaLR, lr_lambda: {{{wrong}}}}}\n"
    )


def ranges(count: int) -> str:
    """Ranges of both directions, each with a value at its start and at its end."""
    places = ", ".join(f"{each}: 0.1" for each in range(count))
    pairs = ", ".join(f"[{each}, {each + 1}]" for each in range(count - 1))
    expect = f"{{at: {{{places}}}, increasing: [{pairs}], decreasing: [{pairs}, [0, last]]}}"
    return f"epochs: {count}\noptimizer: {{lr: 0.1}}\nscheduler: none\nexpect: {expect}\n"


Case = tuple[Callable[[int], str], Callable[[str], object], int]

CASES: dict[str, Case] = {
    "digits": ("1".__mul__, parse_duration, 4_000),
    "digits before a wrong unit": (lambda n: "1" * n + " q!", parse_duration, 4_000),
    "blanks in a duration": (lambda n: f"1{' ' * n}!", parse_duration, 4_000),
    "blanks in a target": (lambda n: f"end{' ' * n}1", parse_target, 1_000),
    "comparisons in a target": (lambda n: f"end {'<' * n}", parse_target, 4_000),
    "digits in groups": (lambda n: f"1{'_1' * n}x", number, 4_000),
    "quotes in --set": (lambda n: f"a=b{chr(39) * n}", parse_override, 10_000),
    "long names": ("ab".__mul__, lambda text: suggest(text, [f"{text[1:]}x", f"{text}y"]), 400),
    "merge keys": (merges, document, 60),
    "ranges and places": (ranges, lambda text: load_text(text, "s.yaml"), 60),
    "one mapping merged again and again": (one_merged, document, 400),
}


@pytest.mark.parametrize("name", CASES)
def test_texts(name: str) -> None:
    make, read, size = CASES[name]

    def run(text: str) -> None:
        with suppress(ScheduleError, WrongValueError):
            read(text)

    grows_slowly(make, run, size)


def test_the_keys_of_merged_mappings_keep_their_order_and_their_values() -> None:
    text = "a: {<<: [{x: 1, y: 1}, {z: 2, y: 2}], own: 0, x: 0}"
    assert list(parse(text, "s.yaml").plain()["a"].items()) == [("z", 2), ("y", 1), ("x", 0), ("own", 0)]


def test_a_file_is_read_no_further_after_a_thousand_errors() -> None:
    with pytest.raises(ScheduleError) as caught:
        load_text(unknown_groups(3 * MAX_ERRORS), "s.yaml")
    assert len(caught.value.problems) == MAX_ERRORS + 1
    assert caught.value.problems[-1].message == "there are more errors from here on; only the first 1,000 are listed"


def test_errors_of_many_files_are_sorted_at_once() -> None:
    def errors(count: int) -> list[Problem]:
        return [Problem(Position(f"{each}.yaml", 1, 1), "wrong") for each in range(count)]

    grows_slowly(errors, ScheduleError, 1_000)


def test_a_hint_lists_some_of_many_names() -> None:
    hint = did_you_mean("?", [f"layer{each}" for each in range(1_000)])
    assert hint.startswith("valid names are layer0, layer1, ")
    assert hint.endswith(", layer49, ...")
