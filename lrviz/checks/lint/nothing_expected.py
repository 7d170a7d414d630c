"""A schedule without expectations.

The lint finds mistakes that any schedule may have. Only `expect` can say what *this* schedule is meant to do: without
it, a change of the learning rate goes unnoticed. `lrviz check --require-expect` fails for such a schedule.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 10}
    expect: {at: {10: 0.01}}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 10}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from lrviz.alike import EXPECTED, RESIDUE, peak_tick, slack
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.curve import Curve
from lrviz.schedule.model import Schedule
from lrviz.words import place

MAX_GROUPS_NAMED: Final = 3
"""The largest number of groups that a hint names one by one."""


def check(subject: Subject) -> Iterator[Oddity]:
    if subject.schedule.expect:
        return
    yield Oddity(
        subject.schedule.where,
        "this schedule has no expectations, so only the lint checked it",
        f"{_where(subject.schedule)}{_instead(subject.curve)}",
        "note",
    )


_RELEASE: Final = re.compile(r"(?:^|, )([\w-]+) (\d[\w.]*)")
"""A release that decided how a config is read, which a file of ours has to say."""


def _where(schedule: Schedule) -> str:
    """Where expectations of another program's config are written."""
    imported = schedule.imported
    if imported is None or imported.file != schedule.file:
        return ""
    told = {each.key: each.value for each in imported.values if each.origin == "data" and each.key != "metric"}
    facts = [f"{name}: {value}" for name, value in told.items()]
    facts += [f'{package}: "{release}"' for package, release in _RELEASE.findall(imported.decided)]
    data = f", data: {{{', '.join(facts)}}}" if facts else ""
    return f"write them in a schedule file beside `config: {{file: {imported.file}{data}}}`; "


def _instead(curve: Curve | None) -> str:
    """A line that pins the length of the run and the shape of the curve, if it is short enough; and a snapshot."""
    if curve is None:
        return "say under `expect` what it should do, once torch runs it"
    if not _can_be_written(curve):
        return "`expect: {snapshot: curve.csv}` stores the whole curve as it is now"
    return f"as it is now: `expect: {{{_line(curve)}}}`; `snapshot: curve.csv` stores the whole curve"


def _can_be_written(curve: Curve) -> bool:
    """True if a file can hold all its learning rates, in few enough groups."""
    fits = curve.uniform or len(curve.groups) <= MAX_GROUPS_NAMED
    return fits and all(_are_rates(np.frombuffer(column)) for column in curve.columns)


def _are_rates(values: ArrayLike) -> bool:
    """True if a file can hold these learning rates: finite, and not below 0."""
    return bool((np.isfinite(values) & (np.asarray(values) >= 0)).all())


# --- the line ------------------------------------------------------------------------------------------------


def _line(curve: Curve) -> str:
    """The length of the run; both ends, the place of the peak, and the area of the curve."""
    run, rates = curve.run, list(map(np.frombuffer, curve.columns))
    peaks = [float(each.max()) for each in rates]

    def short(values: Callable[[int], float]) -> str:
        return _by_group(curve, lambda group: shortest(float(values(group)), peaks[group]))

    parts = [f"epochs: {run.epochs}"] if run.epochs is not None else []
    if run.steps is not None or run.interval == "step":
        parts.append(f"steps: {run.total_steps}")
    at = [f"0: {short(lambda group: rates[group][0])}"]
    if _are_rates(curve.end_lr):
        at.append(f"end: {short(lambda group: curve.end_lr[group])}")
    parts.append(f"at: {{{', '.join(at)}}}")
    parts.append(f"peak: {_by_group(curve, lambda group: place(run, peak_tick(rates[group])))}")
    areas = [curve.area_of(group) for group in range(1 if curve.uniform else len(curve.groups))]
    if np.isfinite(areas).all():
        parts.append(f"area: {short(lambda group: areas[group])}")
    return ", ".join(parts)


def _by_group(curve: Curve, value: Callable[[int], str]) -> str:
    """A value as a file writes it: one for all groups, or a mapping where it is not the same for all."""
    values = [value(group) for group in range(1 if curve.uniform else len(curve.groups))]
    if len(values) == 1:
        return values[0]
    return "{" + ", ".join(f"{_key(name)}: {each}" for name, each in zip(curve.groups, values, strict=True)) + "}"


def shortest(value: float, peak: float) -> str:
    """The shortest decimal for which an expectation of the default tolerance holds; `peak` is that of the curve.

    >>> shortest(0.08100000000000002, 0.1), shortest(1e-18, 0.1), shortest(9.9e-05, 0.1), shortest(0.1 / 3, 0.1)
    ('0.081', '0', '9.9e-5', '0.03333333')
    """
    if abs(value) <= RESIDUE * peak:
        return "0"
    decimals = (float(f"{value:.{digits}g}") for digits in range(1, 18))
    found = next(each for each in decimals if abs(each - value) <= slack(each, EXPECTED, peak))
    return repr(found).removesuffix(".0").replace("e-0", "e-")


def _key(name: str) -> str:
    return name if re.fullmatch(r"\w[\w.-]*", name) else json.dumps(name, ensure_ascii=False)
