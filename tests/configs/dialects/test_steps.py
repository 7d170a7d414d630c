"""Dialects whose files say everything: nanotron, torchtitan, OLMo and OLMo-core, and ESPnet."""

from __future__ import annotations

from math import sqrt

import pytest
from helpers.configs import course, errors, remarks

NANOTRON = "optimizer: {{learning_rate_scheduler: {{learning_rate: 0.1, lr_warmup_style: linear{more}}}}}\n" \
           "tokens: {{train_steps: 10}}\n"  # fmt: skip
TITAN = "[optimizer]\nlr = 0.1\n[lr_scheduler]\n{more}\n[training]\nsteps = 10\n"
OLMO = "optimizer: {{learning_rate: 0.1}}\nscheduler: {{name: {name}, t_warmup: 2{more}}}\nmax_duration: {length}\n" \
       "global_train_batch_size: 2\nmodel: {{max_sequence_length: 4}}\n"  # fmt: skip
CORE = '{{"train_module": {{"optim": {{"lr": 0.1}},' \
       ' "scheduler": {{"_CLASS_": "olmo_core.optim.scheduler.{name}"{more}}}}},' \
       ' "trainer": {{"max_duration": {{"value": 10, "unit": "{unit}"}}}}}}'  # fmt: skip
ESPNET = "optim_conf: {{lr: 0.1}}\nscheduler: {name}\nscheduler_conf: {{{more}}}\nmax_epoch: 3\naccum_grad: 3\n"


def nanotron(more: str = "") -> str:
    return NANOTRON.format(more=more)


def test_nanotron_without_a_floor_does_not_decay() -> None:
    assert course(nanotron()) == [0.0, *[0.1] * 9]  # a warmup of no steps still includes step 0


def test_nanotron_takes_the_warmup_from_the_decay_twice() -> None:
    text = nanotron(", lr_warmup_steps: 2, lr_decay_starting_step: 4, min_decay_lr: 0.01, lr_decay_style: 1-sqrt")
    found = course(text)
    assert found[:5] == pytest.approx([0.0, 0.05, 0.1, 0.1, 0.1], rel=1e-15)
    assert found[6] == pytest.approx(0.01 + (0.1 - 0.01) * (1 - sqrt((6 - 4) / 4)), rel=1e-15)
    assert found[8] == pytest.approx(0.01, rel=1e-15)
    (said,) = remarks(text)
    assert "the decay ends at step 8 of 10" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (nanotron().replace(", lr_warmup_style: linear", ", lr_decay_steps: 3"), "lr_warmup_style is missing"),
        (
            nanotron(", lr_warmup_step: 3"),
            "has no key 'lr_warmup_step', says nanotron\n  hint: did you mean lr_warmup_steps?",
        ),
        (TITAN.format(more="min_lr = 0.1"), "lr_scheduler has no key 'min_lr', says torchtitan"),
        (OLMO.format(name="constant", more=", alpha: 1", length=10), "scheduler has no key 'alpha', says OLMo"),
        (nanotron(", lr_decay_style: exp"), "must be a decay style of nanotron (got 'exp')"),
        (TITAN.format(more='decay_type = "exp"'), "must be a decay type of torchtitan (got 'exp')"),
        (TITAN.format(more="") + "warmup_steps = 3\n", "before torchtitan 0.1 the warmup stood in [training]"),
        (OLMO.format(name="cosine", more="", length=10), "must be a scheduler of OLMo (got 'cosine')"),
        (OLMO.format(name="constant", more="", length="10 days"), "max_duration must be steps"),
        (OLMO.format(name="constant", more=", warmup_min_lr: 0.2", length=10), "must be below the learning rate"),
        (CORE.format(name="WSD", more="", unit="steps"), "takes either warmup or warmup_fraction"),
        (CORE.format(name="Sequential", more="", unit="steps"), "does not read the scheduler 'Sequential'"),
        (CORE.format(name="WSD", more=', "warmup": 2, "units": "tokens"', unit="steps"), "global_batch_size"),
        (ESPNET.format(name="warmuplr", more="warmup_steps: 5").replace("lr: 0.1", ""), "optim_conf.lr is missing"),
        (ESPNET.format(name="cycliclr", more=""), "must be a scheduler of ESPnet or WeNet"),
    ],
)
def test_what_is_wrong_is_an_error(text: str, message: str) -> None:
    file = "a.toml" if text.startswith("[") else "a.json" if text.startswith("{") else "a.yaml"
    assert message in errors(text, file, batches_per_epoch=7)[0]


def test_torchtitan_cuts_what_does_not_fit() -> None:
    text = TITAN.format(more="warmup_steps = 20")
    assert course(text, file="a.toml")[3] == pytest.approx(0.1 * 4 / 10, rel=1e-15)
    (said,) = remarks(text, "a.toml")
    assert "the warmup of 20 steps is cut to the 10 steps of the run" in said
    found = course(TITAN.format(more="warmup_steps = 4\ndecay_ratio = 0.9"), file="a.toml")
    assert found[4] == pytest.approx(0.1, rel=1e-15)
    assert found[9] == pytest.approx(0.1 * (1 - 5 / 6), rel=1e-14)


@pytest.mark.parametrize(("length", "steps"), [("10", 10), ("'1e1'", 10), ("81T", 11), ("1e2T", 13), ("2ep", 14)])
def test_olmo_reads_a_length_in_steps_tokens_or_epochs(length: str, steps: int) -> None:
    text = OLMO.format(name="constant_with_warmup", more="", length=length)
    assert len(course(text, batches_per_epoch=7)) == steps


def test_olmo_begins_at_a_tenth_and_with_the_rate_of_the_second_step() -> None:
    found = course(OLMO.format(name="constant_with_warmup", more="", length=10))
    assert found[:2] == [0.1 * 0.1 + (0.1 - 0.1 * 0.1) * 1 / 2, 0.1]


def test_olmo_core_in_epochs_needs_their_batches() -> None:
    text = CORE.format(name="ConstantWithWarmup", more=', "warmup": 4', unit="epochs")
    assert len(course(text, file="a.json", batches_per_epoch=7)) == 70
    (asked,) = errors(text, "a.json")
    assert "`batches_per_epoch`" in asked


def test_espnet_drops_what_does_not_fill_an_accumulation() -> None:
    found = course(ESPNET.format(name="warmuplr", more="warmup_steps: 4"), batches_per_epoch=8)
    assert len(found) == 3 * (8 // 3)
    assert found[0] == pytest.approx(0.1 / 4, rel=1e-15)
    assert found[3] == pytest.approx(0.1, rel=1e-15)


def test_espnet_without_a_scheduler_holds_the_learning_rate() -> None:
    assert course(ESPNET.format(name="none", more="")) == [0.1, 0.1, 0.1]


def test_espnet_calls_torchs_schedulers_by_epoch() -> None:
    found = course(ESPNET.format(name="steplr", more="step_size: 2, gamma: 0.5"))
    assert found == [0.1, 0.1, 0.05]
