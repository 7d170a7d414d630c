"""nanotron's YAML: `optimizer.learning_rate_scheduler` and `tokens.train_steps`."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import factor
from lrviz.configs.helpers.keys import only
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11

_AT: Final = "optimizer.learning_rate_scheduler"


_KEYS: Final = ("learning_rate", "lr_warmup_steps", "lr_warmup_style", "lr_decay_style", "lr_decay_steps",
                "lr_decay_starting_step", "min_decay_lr")  # fmt: skip


def recognize(outline: Outline) -> str:
    found = outline.at(_AT)
    inside = isinstance(found, dict) and next((key for key in found if key.startswith("lr_")), "")
    return f"`{_AT}.{inside}`" if inside else ""


def read(config: Config) -> Plan:
    given = config.section("optimizer").section("learning_rate_scheduler")
    only(given, _KEYS, "nanotron")
    steps = config.section("tokens").whole("train_steps", low=1)
    lr = given.number("learning_rate", above=0)
    warmup = given.whole("lr_warmup_steps", 0, low=0)
    style = given.choice("lr_warmup_style", ("linear", "constant"), what="warmup style of nanotron")
    decay = given.choice("lr_decay_style", ("linear", "cosine", "1-sqrt"), "linear", what="decay style of nanotron")
    floor = given.number("min_decay_lr", lr, low=0)
    begin = given.whole("lr_decay_starting_step", None, low=0)
    length = given.whole("lr_decay_steps", None, low=0)
    start = warmup.value if begin.value is None else begin.value
    if length.value is None:
        length = config.derived(
            "decay steps",
            steps.value - warmup.value - (begin.value or 0),
            f"{steps.value} - {warmup.value}" + (f" - {begin.value}" if begin.value else ""),
            length,
        )
        if begin.value and warmup.value:
            given.warn(
                begin.where,
                "decay-ends-early",
                f"nanotron takes both lr_decay_starting_step and lr_warmup_steps from the decay's length, so the decay "
                f"ends at step {start + length.value:,} of {steps.value:,}",
                "say lr_decay_steps",
            )
    formula = _formula(lr.value, floor.value, (warmup.value, style.value), (decay.value, start, length.value))
    document: dict[str, Any] = {"steps": steps, **factor(formula, lr, decay, "nanotron")}
    return Plan(
        document,
        f"{decay.value}, warmup {warmup.value:,} of {steps.value:,} steps",
        ("betas, weight decay and other hyper-parameters of the optimizer",),
    )


def _formula(lr: float, floor: float, warmup: tuple[int, str], decay: tuple[str, int, int]) -> str:
    """The learning rate divided by its peak, in nanotron's order: a warmup that includes its last step, a plateau,
    and a decay that ends at the floor."""
    (rise, style), (fall, start, length) = warmup, decay
    if not rise and not length:
        return f"{lr!r}"
    rising = f"{lr!r} * t / {max(rise, 1)}" if style == "linear" else f"{lr!r}"
    passed = f"(t - {start})" if start else "t"
    curve = {
        "cosine": f"{floor!r} + {lr - floor!r} * (1 + cos(pi * {passed} / {length})) / 2",
        "linear": f"{floor!r} + {lr - floor!r} * ({length} - {passed}) / {length}",
        "1-sqrt": f"{floor!r} + {lr - floor!r} * (1 - sqrt({passed} / {length}))",
    }[fall]
    ending = f"{curve} if t < {start + length} else {floor!r}" if length > 0 else f"{floor!r}"
    held = f"{lr!r} if t < {start} else {ending}" if start > rise + 1 else ending
    return f"({rising} if t <= {rise} else {held}) / {lr!r}"


DIALECT: Final = Dialect(
    name="nanotron",
    title="nanotron",
    marks="`optimizer.learning_rate_scheduler` with keys that begin with `lr_`",
    recognize=recognize,
    read=read,
    keys=(
        Key(f"{_AT}.learning_rate", "the peak"),
        Key(f"{_AT}.lr_warmup_steps", "steps of the warmup", "0"),
        Key(f"{_AT}.lr_warmup_style", "linear or constant; nanotron refuses null"),
        Key(f"{_AT}.lr_decay_style", "linear, cosine or 1-sqrt", "linear"),
        Key(f"{_AT}.lr_decay_starting_step", "step at which the decay begins", "after the warmup"),
        Key(f"{_AT}.lr_decay_steps", "length of the decay", "the rest of the run"),
        Key(f"{_AT}.min_decay_lr", "the floor", "learning_rate: no decay"),
        Key("tokens.train_steps", "length of the run"),
    ),
    surprises=(
        "Without min_decay_lr the learning rate does not fall.",
        "With lr_decay_starting_step and without lr_decay_steps the decay ends early, by the length of the warmup.",
        "The first step trains with a learning rate of 0.",
    ),
    source="nanotron: src/nanotron/config/config.py, helpers.py (lr_scheduler_builder)",
    example="optimizer:\n  learning_rate_scheduler:\n    learning_rate: 0.0003\n    lr_warmup_steps: 60\n"
    "    lr_warmup_style: linear\n    lr_decay_style: cosine\n    min_decay_lr: 1.0e-05\ntokens:\n  train_steps: 900\n",
    scalars=yaml11,
    text_numbers="PyYAML",
    steps=("tokens.train_steps", ()),
)
