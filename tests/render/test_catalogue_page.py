"""The catalogue for people: golden pages, and that every edge it states is what torch does."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from helpers.golden import Golden

from lrviz.ansi import Terminal
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.render.tables.catalogue import Demo, edge_calls, numbers_of, rate_at, write_json, write_list, write_page
from lrviz.schedule.catalogue import SCHEDULERS, Entry
from lrviz.schedule.catalogue.entry import Example
from lrviz.schedule.text.expression import parse

GOLDEN = Path(__file__).parent / "golden" / "schedulers"


def example_of(entry: Entry) -> Example:
    assert entry.example is not None
    return entry.example


@lru_cache(maxsize=100)
def curve_of(file: str) -> Curve:
    (schedule,) = load_text(file, "example.yaml")
    return simulate(schedule)


def demos(*names: str) -> dict[str, Demo]:
    files = {name: example_of(SCHEDULERS[name]).file for name in names or SCHEDULERS}
    return {name: Demo(arguments_of(file), curve_of(file)) for name, file in files.items()}


def arguments_of(file: str) -> Mapping[str, Any]:
    """The arguments that a file gives its scheduler."""
    (schedule,) = load_text(file, "example.yaml")
    return getattr(schedule.scheduler, "arguments", {})


def page(name: str, terminal: Terminal | None = None) -> str:
    stream = io.StringIO()
    write_page(SCHEDULERS[name], demos()[name], stream, terminal or Terminal())
    return stream.getvalue()


def listing(terminal: Terminal) -> str:
    stream = io.StringIO()
    write_list(list(SCHEDULERS.values()), demos(), stream, terminal)
    return stream.getvalue()


# --- golden texts ------------------------------------------------------------------------------------------

GOLDEN_PAGES = {
    "page-cosine.txt": ("CosineAnnealingLR", Terminal()),
    "page-onecycle.txt": ("OneCycleLR", Terminal()),
    "page-sequential-ascii.txt": ("SequentialLR", Terminal(ascii=True)),
    "page-constant-color.txt": ("ConstantLR", Terminal(color=True)),
}


@pytest.mark.parametrize("file", GOLDEN_PAGES)
def test_golden_page(file: str, golden: Golden) -> None:
    golden.same_text(GOLDEN / file, page(*GOLDEN_PAGES[file]))


def test_golden_list(golden: Golden) -> None:
    golden.same_text(GOLDEN / "list.txt", listing(Terminal()))


def test_there_is_no_golden_file_without_a_case(golden: Golden) -> None:
    golden.no_orphans(GOLDEN, (GOLDEN / file for file in (*GOLDEN_PAGES, "list.txt")))


# --- edges are true ----------------------------------------------------------------------------------------


def value_of(entry: Entry, text: str) -> float:
    """What an edge states: an expression in the example's numbers, with `lr_lambda(t)` asked of the file's own."""
    arguments = arguments_of(example_of(entry).file)
    numbers = numbers_of(entry, arguments)

    def factor(match: re.Match[str]) -> str:
        return repr(parse(str(arguments["lr_lambda"]), ["t"]).value(t=float(match[1])))

    text = re.sub(r"lr_lambda\((\d+)\)", factor, text)
    expression = parse(text, numbers)
    return expression.value(**{name: numbers[name] for name in expression.names})


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_edges_are_what_torch_does(name: str) -> None:
    entry, (arguments, curve) = SCHEDULERS[name], demos()[name]
    calls = edge_calls(entry, arguments)
    assert calls[0] == 0, "the first edge is the start"
    assert calls == sorted(set(calls))
    assert calls[-1] <= len(curve)
    for edge, call in zip(entry.edges, calls, strict=True):
        value = value_of(entry, edge.value)
        if edge.relation == ">":
            assert rate_at(curve, call) > value * (1 + 1e-6)
        else:
            assert rate_at(curve, call) == pytest.approx(value, rel=1e-12, abs=1e-16)
        if edge.holds:
            assert edge is entry.edges[-1]
            later = {rate_at(curve, after) for after in range(call, len(curve) + 1)}
            assert len(curve) - call >= 10
            assert max(later) == pytest.approx(min(later), rel=1e-12)


@pytest.mark.parametrize("name", [name for name, entry in SCHEDULERS.items() if not entry.edges[-1].holds])
def test_what_does_not_hold_moves_on(name: str) -> None:
    """A scheduler whose last edge is not said to hold moves on from it in a longer run."""
    entry = SCHEDULERS[name]
    example = example_of(entry)
    longer = example.file.replace(f"epochs: {example.epochs}", f"epochs: {2 * example.epochs}")
    if name == "OneCycleLR":  # the one that ends: torch raises, as the words of its last edge say
        with pytest.raises(ScheduleError):
            curve_of(longer)
        return
    curve = curve_of(re.sub(r"^metric: .*$", f"metric: {[1] * 2 * example.epochs}", longer, flags=re.MULTILINE))
    last = edge_calls(entry, arguments_of(example.file))[-1]
    assert {rate_at(curve, call) for call in range(last, len(curve) + 1)} != {rate_at(curve, last)}


def run(scheduler: str, epochs: int, more: str = "") -> list[float]:
    curve = curve_of(
        f"epochs: {epochs}\noptimizer: {{type: SGD, lr: 0.1, momentum: 0.9}}\n{more}scheduler: {scheduler}\n"
    )
    return [*curve.columns[0], *curve.end_lr]


def test_what_the_words_say_beyond_the_edges() -> None:
    with pytest.raises(ScheduleError, match=r"at call 61 .*Tried to step 61 times"):
        run("{type: OneCycleLR, max_lr: 0.1, total_steps: 60}", 61)
    assert run("{type: OneCycleLR, max_lr: 0.1, total_steps: 60, anneal_strategy: linear}", 60)[-1] < 0
    assert run("{type: MultiStepLR, milestones: [0], gamma: 0.5}", 2)[0] == 0.05
    assert run("{type: PolynomialLR}", 9)[5:] == [0] * 5
    assert run("{type: ExponentialLR, gamma: 0.95}", 300)[-1] < 1e-6 * 0.1
    standstill = "metric: [" + ", ".join(["-1"] * 40) + "]\n"
    assert set(run("{type: ReduceLROnPlateau, patience: 2}", 40, standstill)) == {0.1}
    assert min(run("{type: ReduceLROnPlateau, patience: 2, threshold_mode: abs}", 40, standstill)) < 0.1
    assert max(run("{type: CyclicLR, base_lr: 0.01, max_lr: 0.1}", 100)) < 0.02
    with pytest.raises(ScheduleError, match=r"optimizer must support momentum or beta1"):
        curve_of("epochs: 5\noptimizer: {type: Adagrad, lr: 1}\nscheduler: {type: CyclicLR, base_lr: 0, max_lr: 1}\n")


def test_parts_that_set_the_rate_outright_undo_what_parts_before_them_did() -> None:
    constant = "{type: ConstantLR, factor: 0.5, total_iters: 99}"
    for part in (
        "{type: LambdaLR, lr_lambda: 1}",
        "{type: CosineAnnealingWarmRestarts, T_0: 5}",
        "{type: CyclicLR, base_lr: 0.1, max_lr: 0.2, step_size_up: 3}",
        "{type: OneCycleLR, max_lr: 0.1, total_steps: 20}",
    ):
        together = run(f"{{type: ChainedScheduler, schedulers: [{constant}, {part}]}}", 10)
        assert together[1:] == pytest.approx(run(part, 10)[1:], rel=1e-12)


@pytest.mark.parametrize("name", [name for name in SCHEDULERS if example_of(SCHEDULERS[name]).quick])
def test_the_quick_stand_in_has_the_curve_of_the_class(name: str) -> None:
    example = example_of(SCHEDULERS[name])
    quick, real = curve_of(example.quick_file), curve_of(example.file)
    assert list(quick.columns[0]) == pytest.approx(list(real.columns[0]), rel=1e-12)


# --- what the pages hold -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCHEDULERS)
def test_an_entry_has_all_that_a_page_shows(name: str) -> None:
    entry = SCHEDULERS[name]
    assert entry.use.endswith(".")
    assert entry.avoid.endswith(".")
    assert f"type: {name}" in example_of(entry).file


@pytest.mark.parametrize(
    "terminal", [Terminal(), Terminal(ascii=True), Terminal(width=60), Terminal(width=200)], ids=str
)
@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_page_is_readable_at_its_width_and_complete(name: str, terminal: Terminal) -> None:
    text = page(name, terminal)
    assert max(map(len, text.splitlines())) <= min(terminal.width or 80, 100)
    assert text.isascii() or not terminal.ascii
    words = " ".join(text.split())
    entry = SCHEDULERS[name]
    for part in (entry.summary, entry.formula, entry.use, entry.avoid, entry.source, *entry.aliases):
        assert part in words
    for argument in entry.arguments:
        assert f"{argument.name} {argument.unit or argument.kind} " in words
        assert argument.meaning in words
        assert argument.range_text in words
        assert all(choice in words for choice in argument.choices)


def shown_example(text: str) -> str:
    """The file that a page shows."""
    return "".join(
        f"{line[2:]}\n" for line in re.findall(r"^  epochs: .*?\n\n", text, re.M | re.S)[0].splitlines() if line
    )


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_example_of_a_page_can_be_copied(name: str) -> None:
    copied = curve_of(shown_example(page(name)))
    assert list(copied.columns[0]) == list(demos()[name].curve.columns[0])


def test_the_list_shows_each_scheduler_with_a_curve_and_its_summary() -> None:
    for terminal in (Terminal(), Terminal(ascii=True), Terminal(width=60)):
        blocks = listing(terminal).split("\n\n")
        assert len(blocks) == len(SCHEDULERS) + 1
        pictures = set()
        for block, entry in zip(blocks, SCHEDULERS.values(), strict=False):
            lines = block.split("\n")
            assert lines[0][16:] == entry.name
            assert " ".join(line[16:] for line in lines[1:] if line[16:]) == entry.summary
            pictures.add("\n".join(line[:14] for line in lines))
            assert max(map(len, lines)) <= (terminal.width or 80)
        assert len(pictures) == len(SCHEDULERS), "no two look the same"
    assert listing(Terminal(ascii=True)).isascii()


def test_colour_changes_no_letter() -> None:
    assert re.sub(r"\x1b\[[\d;]+m", "", page("StepLR", Terminal(color=True))) == page("StepLR")
    plain = re.sub(r"\x1b\[[\d;]+m", "", listing(Terminal(color=True)))
    assert [line.rstrip() for line in plain.splitlines()] == listing(Terminal()).splitlines()


def test_json_of_one_holds_its_curve_and_edges() -> None:
    stream = io.StringIO()
    write_json([SCHEDULERS["LinearLR"]], demos("LinearLR"), stream)
    document = json.loads(stream.getvalue())
    assert document["version"] == 1
    (record,) = document["schedulers"]
    assert record["name"] == "LinearLR"
    assert [argument["name"] for argument in record["arguments"]] == ["start_factor", "end_factor", "total_iters"]
    assert record["arguments"][0]["default"] == 1 / 3
    assert record["example"]["lr"][0] == pytest.approx(0.01)
    assert len(record["example"]["lr"]) == 61
    assert [edge["example"]["call"] for edge in record["edges"]] == [0, 40]
    assert record["edges"][1]["example"]["lr"] == pytest.approx(0.1)


def test_json_of_all_needs_no_curve() -> None:
    stream = io.StringIO()
    write_json(SCHEDULERS.values(), {}, stream)
    records = json.loads(stream.getvalue())["schedulers"]
    assert [record["name"] for record in records] == list(SCHEDULERS)
    assert all("lr" not in record["example"] and "type: " in record["example"]["file"] for record in records)
