"""SpeechBrain: references, tags that are not looked at, and what cannot be drawn."""

from __future__ import annotations

import pytest
from helpers.configs import errors, read

from lrviz.engine.simulate import simulate

HEAD = "number_of_epochs: 6\nlr: 0.1\nopt: !name:torch.optim.SGD\n    lr: !ref <lr>\n"
S = "!new:speechbrain.nnet.schedulers"


def test_a_scheduler_of_epochs_sets_the_rate_from_the_second_epoch_on() -> None:
    text = f"{HEAD}s: {S}.LinearScheduler {{initial_value: !ref <lr> * 2, final_value: 0.0, epoch_count: 5}}\n"
    found = simulate(read(text))
    assert [found.lr_at(0, epoch) for epoch in range(6)] == pytest.approx([0.1, 0.15, 0.1, 0.05, 0.0, 0.0], rel=1e-12)


def test_references_follow_what_the_command_line_sets() -> None:
    text = f"{HEAD}s: {S}.StepScheduler {{initial_value: !ref <lr>}}\n"
    assert simulate(read(text, overrides=("--lr 0.5",))).lr_at(0, 0) == 0.5


def test_tags_matter_only_where_the_schedule_depends_on_them() -> None:
    other = "a: !apply:os.getcwd\nb: !ref <no.such>/x\nc: !ref <c>\n"
    assert simulate(read(HEAD + other)).lr_at(0, 0) == 0.1
    (found,) = errors(HEAD.replace("0.1", "!apply:random.random []"))
    assert "nothing in a config is run" in found
    assert found.splitlines()[1].strip() == "hint: write the value itself"
    (found,) = errors(HEAD.replace("<lr>", "<rate>"))
    assert "A reference to rate, which is not there," in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"s: {S}.NewBobScheduler {{initial_value: 0.1}}\n",
            "NewBobScheduler compares each metric with the one before",
        ),
        (f"s: {S}.NoamSchedular {{lr_initial: 0.1}}\n", "did you mean NoamScheduler?"),
        (
            f"s: {S}.StepScheduler {{initial_value: 0.1}}\nr: {S}.StepScheduler {{}}\n",
            "the file has 2 schedulers (s, r)",
        ),
        ("o: !name:torch.optim.Adam {lr: 1}\n", "the file has several optimizers (opt, o)"),
        (f"s: {S}.NoamScheduler {{lr_initial: 0.1, n_warmup_steps: 5}}\n", "`batches_per_epoch`"),
        (f"s: {S}.ReduceLROnPlateau {{}}\n", "dont_halve_until_epoch"),
    ],
)
def test_what_cannot_be_drawn(text: str, message: str) -> None:
    found = errors(HEAD + text)
    assert any(message in each for each in found), found
