"""Reading a log costs what is in its file, however many columns it has."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from helpers.growth import grows_slowly
from helpers.wide import wide_csv, wide_jsonl

from lrviz.errors import ScheduleError
from lrviz.log import read_log


def read(path: Path) -> None:
    with suppress(ScheduleError):  # several columns are named like a learning rate
        read_log(str(path))


@pytest.mark.parametrize("name", ["c", "lr_", "a/step"])
def test_a_csv_of_many_columns_and_short_rows(tmp_path: Path, name: str) -> None:
    grows_slowly(lambda size: wide_csv(tmp_path / f"{size}.csv", size, name, "lr,step,"), read, 500)


@pytest.mark.parametrize("name", ["c{}", "lr_{}", "a{}/step", "a{}/epoch"])
def test_json_lines_with_ever_new_names(tmp_path: Path, name: str) -> None:
    """Two records have each name, with a step that falls: no clock, but each has to be looked at."""
    grows_slowly(lambda size: wide_jsonl(tmp_path / f"{size}.jsonl", size, name), read, 500)


def test_values_under_a_long_name_do_not_repeat_it(tmp_path: Path) -> None:
    def nested(size: int) -> Path:
        path = tmp_path / f"{size}.jsonl"
        inside = ", ".join(f'"k{index}": 1' for index in range(size // 10))
        path.write_text(f'{{"lr": 0.1, "{"x" * size}": {{{inside}}}}}\n')
        return path

    grows_slowly(nested, read, 20_000)


def test_a_rare_column_keeps_its_places(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"lr": 0.3}\n{"lr": NaN, "epoch": 7}\n{"lr": 0.2, "epoch": 1}\n{"x": 1}\n{"lr": 0.1}\n')
    log = read_log(str(path))
    assert list(log.lr) == [0.3, 0.2, 0.1]
    assert list(log.lines) == [1, 3, 5]
    assert [(clock.unit, str(list(clock.at))) for clock in log.clocks] == [("epoch", "[nan, 1.0, nan]")]


def test_the_columns_of_a_csv_of_short_rows_are_all_known(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step,loss,lr\n1,2\n2,2\n")
    with pytest.raises(ScheduleError, match="column 'lr' has no learning rates"):
        read_log(str(path))
