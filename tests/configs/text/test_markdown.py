"""A model card is read line by line: bullets, sizes, releases and the table of results, each with its place."""

from __future__ import annotations

import time

import pytest

from lrviz.configs.text.markdown import RELEASES, ROWS, SIZES, parse_card
from lrviz.configs.text.scalars import CORE
from lrviz.errors import ScheduleError

CARD = """\
# Card
- lr: 5
## Training hyperparameters
- learning_rate: 3e-05
* `name`: a `b`: c
-   kwargs: {'a': [1, None], 'b': True}
- empty:
- broken: {'a'
### Training results
|  Epoch | Step | **Loss** |
|:------:|:----:|---------:|
| 1.0    | 282  |          |
| No log | **564** | 0.1  |

* Size: 100,231 training samples
### Framework Versions ###
- Transformers 5.0.0.dev0
- Sentence Transformers: 3.3.1
"""


def test_each_part_is_read_with_its_place() -> None:
    found = parse_card(CARD, "README.md", CORE)
    plain = found.plain()
    assert {key: plain[key] for key in ("learning_rate", "name", "kwargs", "empty", "broken")} == {
        "learning_rate": 3e-5,
        "name": "a `b`: c",
        "kwargs": {"a": [1, None], "b": True},
        "empty": None,
        "broken": "{'a'",
    }
    assert "lr" not in plain
    assert plain[ROWS] == [
        {"Epoch": 1.0, "Step": 282, "**Loss**": None},
        {"Epoch": "No log", "Step": 564, "**Loss**": 0.1},
    ]
    assert plain[SIZES] == [100231]
    assert plain[RELEASES] == {"transformers": "5.0.0.dev0", "sentence-transformers": "3.3.1"}
    rate, step = found.get("learning_rate"), found.value[ROWS].value.value[1].get("Step")
    assert rate is not None
    assert step is not None
    assert (rate.where.line, rate.where.column) == (4, 18)
    assert (step.where.line, step.where.column) == (13, 12)


def test_a_number_that_is_too_long_is_an_error() -> None:
    text = f"### Training hyperparameters\n- a: {'1' * 950}\n"
    assert parse_card(text, "README.md", CORE).plain()["a"] == int("1" * 950)
    with pytest.raises(ScheduleError, match="larger than 1 MB"):
        parse_card("x" * 2_000_000, "README.md", CORE)


@pytest.mark.parametrize("piece", ["|a", "| Step ", "- a ", "#", "# ", "- a: {", "- A 1 ", "[(", " ", "-  `"])
def test_a_long_line_costs_no_more_than_its_length(piece: str) -> None:
    def seconds(count: int) -> float:
        begin = time.process_time()
        parse_card(f"## Hyperparameters\n## Framework versions\n{piece * count}\n- {piece * 300}\n", "README.md", CORE)
        return time.process_time() - begin

    seconds(100)
    assert seconds(80_000) < 20 * seconds(20_000) + 0.5
