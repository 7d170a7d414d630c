"""The lint: what is odd about a schedule though torch runs it. One rule a file, whose docstring explains it.

A rule takes a `Subject` and yields problems; here they get their code, those that the schedule accepts are taken out,
and nothing else is decided. A rule is a module with `check(subject)`; its docstring holds a PASS and a FAIL snippet,
which the tests run. To add one: the file, a line in `RULES`, and a line in `schedule/catalogue/codes.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Final

from lrviz.checks.finding import Finding
from lrviz.checks.lint import (
    absolute_in_chained,
    composite_in_sequential,
    cosine_climbs,
    cosine_in_chained,
    cut_short,
    cyclic_inverted,
    default_length,
    eta_min_above,
    gamma_above_one,
    lambda_is_lr,
    lr_ignored,
    lr_negative,
    lr_not_finite,
    lr_tiny,
    lr_zero,
    milestone_beyond,
    milestone_order,
    momentum_ignored,
    momentum_on,
    multiplicative_compounds,
    never_fires,
    nothing_expected,
    one_cycle_end,
    one_cycle_shape,
    plateau_mode,
    plateau_negative,
    restart_cut,
    rewrites_optimizer,
    sequential_continues,
    sequential_jump,
    unused_argument,
    unused_ignore,
    warmup_too_long,
    wrong_unit,
)
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import CODES, EXPECT, LINT, READING
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

RULES: Final[dict[str, ModuleType]] = {
    "absolute-in-chained": absolute_in_chained,
    "composite-in-sequential": composite_in_sequential,
    "cosine-climbs": cosine_climbs,
    "cosine-in-chained": cosine_in_chained,
    "cut-short": cut_short,
    "cyclic-inverted": cyclic_inverted,
    "default-length": default_length,
    "eta-min-above": eta_min_above,
    "gamma-above-one": gamma_above_one,
    "lambda-is-lr": lambda_is_lr,
    "lr-ignored": lr_ignored,
    "lr-negative": lr_negative,
    "lr-not-finite": lr_not_finite,
    "lr-tiny": lr_tiny,
    "lr-zero": lr_zero,
    "milestone-beyond": milestone_beyond,
    "milestone-order": milestone_order,
    "momentum-ignored": momentum_ignored,
    "momentum-on": momentum_on,
    "multiplicative-compounds": multiplicative_compounds,
    "never-fires": never_fires,
    "nothing-expected": nothing_expected,
    "one-cycle-end": one_cycle_end,
    "one-cycle-shape": one_cycle_shape,
    "plateau-mode": plateau_mode,
    "plateau-negative": plateau_negative,
    "restart-cut": restart_cut,
    "rewrites-optimizer": rewrites_optimizer,
    "sequential-continues": sequential_continues,
    "sequential-jump": sequential_jump,
    "unused-argument": unused_argument,
    "warmup-too-long": warmup_too_long,
    "wrong-unit": wrong_unit,
}
"""Every rule by its code, but for `unused-ignore`, which looks at what the others found."""


KINDS: Final = {
    "input": "an input that cannot be checked, or that torch refuses to run",
    "log": "what a real run logged, beside its plan",
}
"""What is no rule and no expectation, and that `ignore` cannot name."""


def explanation(code: str) -> str:
    """What a finding means, as its rule documents it. Raises `ScheduleError` for a code that does not exist."""
    if code in READING:
        return f"{code}: {READING[code]}. (Found while the file is read.)\n"
    if code in KINDS:
        return f"{code}: {KINDS[code]}.\n"
    key = EXPECT.argument(code.removeprefix("expect.")) if code.startswith("expect.") else None
    if key is not None:
        return f"{code}: an expectation that does not hold: {key.meaning}. The README says when each holds.\n"
    if code not in LINT:
        raise ScheduleError.at(
            Position("lrviz"),
            f"there is no finding {show(code)}",
            f"did you mean {nearest}?" if (nearest := suggest(code, CODES)) else "`lrviz check --rules` lists them",
        )
    rule = unused_ignore if code == "unused-ignore" else RULES[code]
    return f"{code}: {(rule.__doc__ or '').strip()}\n"


def lint(schedule: Schedule, curve: Curve | None, name: str) -> Iterator[Finding]:
    """What the rules find in a schedule, in the order of the file, but for what it accepts.

    `curve` is None where torch refused to run the schedule, `name` is what the schedule is called.
    """
    subject = Subject(schedule, curve)
    found = [
        Finding.of(problem, name, "lint", code)
        for code, rule in RULES.items()
        for problem in dict.fromkeys(rule.check(subject))
    ]
    found += [Finding.of(remark, name, "lint") for remark in schedule.remarks]
    if curve is not None:
        unused = unused_ignore.check(subject, {each.code for each in found})
        found += [Finding.of(problem, name, "lint", "unused-ignore") for problem in unused]
    yield from sorted((each for each in found if not schedule.accepts(each.code)), key=lambda each: each.where)
