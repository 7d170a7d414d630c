"""`lrviz explain` on another program's config: each value with its line, the program's defaults, and what follows."""

from __future__ import annotations

from lrviz.configs.facts import Given
from lrviz.configs.settings import parse_data
from lrviz.loading import load_text
from lrviz.render.tables.explain import explained, page

CONFIG = """\
learning_rate: 2.0e-5
lr_scheduler_type: cosine
warmup_steps: 31
num_train_epochs: 2
per_device_train_batch_size: 4
"""


def test_the_page_shows_lines_defaults_facts_and_what_follows() -> None:
    given = Given(parse_data(["samples=1000,devices=2,transformers=5.23"]))
    (schedule,) = load_text(CONFIG, "sft.yaml", given=given)
    data = explained(schedule, schedule.name)
    values = {each["name"]: each for each in data["config"]["values"]}
    assert values["learning_rate"] == {
        "name": "learning_rate",
        "value": 2e-5,
        "origin": "config",
        "file": "sft.yaml",
        "line": 1,
        "column": 16,
    }
    assert values["gradient_accumulation_steps"]["origin"] == "default"
    assert values["samples"] == {"name": "samples", "value": 1000, "origin": "data"}
    lines = [line.split("  ") for line in page(data).splitlines()]
    shown = {line[1]: line[-1].strip() for line in lines if len(line) > 2 and " = " in line[1]}
    assert shown["learning_rate = 2e-05"] == "line 1"
    assert shown["gradient_accumulation_steps = 1"] == "the program's default"
    assert shown["samples = 1000"] == "--data"
    assert shown["batches per epoch = 125"] == "ceil(1000 / (4 x 2))"
    assert shown["steps = 250"] == "ceil(2 x 125)"
