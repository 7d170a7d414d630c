"""A broken file is still recognized, so that what is wrong is said in the words of its program's format."""

from __future__ import annotations

import pytest

from lrviz.configs.outline import Outline
from lrviz.configs.recognize import marks_of
from lrviz.schedule.text.document import MAX_BYTES


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("a.json", '{"zero_optimization": {},}', "deepspeed"),
        ("a.json", '{"zero_optimization": {}, // stage 2\n "fp16": {}}', "deepspeed"),
        ("a.json", '{"zero_optimization": {}, "zero_optimization": 1}', "deepspeed"),
        ("a.toml", 'network_module = "x"\nlr_scheduler = cosine\n', "kohya"),
        (
            "a.toml",
            "[optimizer]\nlr = 1e-4\n[lr_scheduler]\nwarmup_steps = 2\n[training]\nsteps = 1\nsteps = 2\n",
            "torchtitan",
        ),
        ("a.py", "optim_wrapper = dict(optimizer=dict(lr=0.1)\nparam_scheduler = []\n", "mmengine"),
    ],
)
def test_a_broken_file_is_recognized(file: str, text: str, name: str) -> None:
    assert list(marks_of(text, file)) == [name]


def test_what_is_too_large_is_not_looked_into() -> None:
    text = '{"zero_optimization": {}, "x": "' + "x" * MAX_BYTES + '"}'
    assert Outline(text, "a.json").tree == {}
