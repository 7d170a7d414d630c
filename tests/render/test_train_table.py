"""The table of trainings as text, exactly: golden files, one for each way to write it, and what every table holds."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from helpers.golden import Golden
from hypothesis import given
from hypothesis import strategies as st
from trainings import blown_up, over_seeds, settling, trained, training

from lrviz.ansi import Terminal, unpainted
from lrviz.lessons.results import TrainedSchedule
from lrviz.render.outcome import outcome
from lrviz.render.tables.train import write_csv, write_json, write_table

GOLDEN = Path(__file__).parent / "golden" / "train"


def one_seed() -> list[TrainedSchedule]:
    worse = training([2.3, 2.4, 2.4, 2.35, 2.31], accuracy=[0.1, 0.1, 0.1, 0.1, 0.1])
    return [
        trained("hot [red]", blown_up(step=14)),
        trained("worse", worse),
        trained("right", settling(0.1234)),
        trained("a|b", settling(0.25)),
        trained("cut", training([2.3, 1.5], accuracy=[0.1, 0.5], complete=False)),
    ]


def several_seeds() -> list[TrainedSchedule]:
    return [
        trained("right", *over_seeds(lambda seed: settling(0.1 + 0.01 * seed, seed))),
        trained("slower", *over_seeds(lambda seed: settling(0.6 + 0.02 * seed, seed))),
        trained("hot", blown_up(0), settling(0.5, 1), blown_up(2, 11)),
        trained("an-experiment-with-a-name-that/is-very-long_indeed", settling(0.02)),
    ]


def as_table(found: list[TrainedSchedule], terminal: Terminal | None = None) -> str:
    stream = io.StringIO()
    write_table(found, stream, terminal or Terminal())
    return stream.getvalue()


def table(terminal: Terminal) -> Callable[[list[TrainedSchedule], IO[str]], None]:
    return lambda found, stream: write_table(found, stream, terminal)


CASES = {
    "one.txt": (one_seed, table(Terminal())),
    "one-color.txt": (one_seed, table(Terminal(color=True))),
    "one-narrow-color.txt": (lambda: one_seed()[:2], table(Terminal(width=44, color=True))),
    "seeds.txt": (several_seeds, table(Terminal())),
    "seeds-ascii.txt": (several_seeds, table(Terminal(ascii=True))),
    "seeds-narrow.txt": (several_seeds, table(Terminal(width=60))),
    "seeds.csv": (several_seeds, write_csv),
    "one.json": (one_seed, write_json),
}


@pytest.mark.parametrize("name", CASES)
def test_golden_of_trainings(name: str, golden: Golden) -> None:
    made, write = CASES[name]
    stream = io.StringIO()
    write(made(), stream)
    golden.same_text(GOLDEN / name, stream.getvalue())


def test_there_is_no_golden_of_trainings_without_a_case(golden: Golden) -> None:
    golden.no_orphans(GOLDEN, (GOLDEN / name for name in CASES))


def test_the_smallest_final_loss_is_marked_of_those_that_did_not_diverge() -> None:
    lines = as_table(one_seed()).splitlines()
    assert [line.split()[0] for line in lines if "•" in line] == ["right", "•"]
    for lonely in (one_seed()[:1], one_seed()[2:3], one_seed()[:2]):
        assert "•" not in as_table(lonely)


def test_deviations_are_those_of_statistics_beside_means() -> None:
    row = as_table(several_seeds()[:1]).splitlines()[2].split()
    deviation = math.sqrt(sum((each - 0.11) ** 2 for each in (0.1, 0.11, 0.12)) / 2)
    assert row[1:4] == ["0.1100", "±", f"{deviation:.4f}"]


@given(st.lists(st.floats(1e-12, 1e12), min_size=2, max_size=5))
def test_every_loss_of_a_column_has_its_digits_and_the_same_place_for_its_point(losses: list[float]) -> None:
    found = [trained(f"n{at}", training([1e13, loss])) for at, loss in enumerate(losses)]
    rows = [row.replace("•", " ") for row in as_table(found).splitlines()[2 : 2 + len(losses)]]
    cells = [row.split()[1] for row in rows]
    assert [float(cell) for cell in cells] == pytest.approx(losses, rel=6e-3)
    points = [row.index(cell) + len(re.split("[.e]", cell)[0]) for row, cell in zip(rows, cells, strict=True)]
    assert len(set(points)) == 1


def test_a_deviation_is_written_as_its_mean_is() -> None:
    close = [trained("close", training([1.0, 0.5]), training([1.0, 0.5002]))]
    small = [trained("small", training([1.0, 2e-9]), training([1.0, 4e-9]))]
    assert as_table(close).splitlines()[2].split()[1:4] == ["0.5001", "±", "0.0001"]
    assert as_table(small).splitlines()[2].split()[1:4] == ["3e-9", "±", "1.4e-9"]


@pytest.mark.parametrize("width", [30, 44, 60, 80, 120])
def test_no_word_is_ever_cut_at_any_width_and_colours_change_no_letter(width: int) -> None:
    text = as_table(several_seeds(), Terminal(width=width))
    assert unpainted(as_table(several_seeds(), Terminal(width=width, color=True))) == text
    for word in ("0.1100", "±", "0.0100", "2 of 3 seeds diverged, first at step 11"):
        assert word in " ".join(text.split())


def test_an_ascii_terminal_is_given_ascii() -> None:
    assert as_table(several_seeds(), Terminal(ascii=True)).isascii()


def test_numbers_for_programs_read_back_to_the_same_bits() -> None:
    found = [trained("n", settling(1 / 3), settling(2 / 7, 1), blown_up(2))]
    text, data = io.StringIO(), io.StringIO()
    write_csv(found, text)
    write_json(found, data)
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    records = json.loads(data.getvalue())["trainings"]
    for each, row, record in zip(found[0].trainings, rows, records, strict=True):
        for key, value in (("final_loss", each.final.loss), ("best_loss", each.best.loss)):
            assert struct.pack("d", float(row[key])) == struct.pack("d", float(record[key])) == struct.pack("d", value)
        assert row["diverged"] == str(each.diverged).lower()
        assert record["diverged"] is each.diverged
        assert row["stopped"] == ("" if each.stopped is None else str(each.stopped))


def test_a_training_that_was_interrupted_says_at_which_step() -> None:
    cut = training([2.3, 1.5], complete=False)
    assert outcome(trained("n", cut)) == "interrupted at step 10"
    assert outcome(trained("n", blown_up(), cut), whole=True) == (
        f"1 of 2 seeds diverged, first at step 14; interrupted at step 10 of seed {cut.seed}"
    )
    assert outcome(trained("n", settling(0.1))) == ""
