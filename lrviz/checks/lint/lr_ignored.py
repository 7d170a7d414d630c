"""An optimizer's lr that the scheduler replaces.

OneCycleLR runs from `max_lr / div_factor` to `max_lr` and CyclicLR from `base_lr` to `max_lr`, whatever lr the
optimizer has. If every part of the schedule is of that kind, the optimizer's lr has no effect; one that equals either
end misleads nobody and is not reported. With a single `max_lr`, param groups with different lr all get the same
learning rate.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: OneCycleLR, max_lr: 0.1}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 5.0, momentum: 0.9}
    scheduler: {type: OneCycleLR, max_lr: 0.1}
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.schedule.model import Phases
from lrviz.words import rate


def check(subject: Subject) -> Iterator[Oddity]:
    placed = next((each for each in subject.of_type(*BRING_THEIR_OWN) if not each.parents), None)
    if placed is None or _is_used(subject):
        return
    own = subject.base_lrs()
    lows, tops = _range(subject, placed)
    names = ("max_lr", "base_lr") if placed.type == "CyclicLR" else ("max_lr",)
    if len(set(own)) > 1 and not any(isinstance(placed.argument(name), list) for name in names):
        yield Oddity(
            placed.scheduler.where_of("max_lr"),
            f"{placed.type}: every param group runs from {rate(lows[0])} to {rate(tops[0])}, and their own lr "
            f"({_words(own)}) is not used",
            f"give each group its own value: max_lr: [{', '.join(map(rate, own))}]",
            "warning",
        )
        return
    for group, lr in enumerate(own):
        if not isclose(lr, tops[group]) and not isclose(lr, lows[group]):
            of = f" of group {subject.schedule.optimizer.groups[group].name!r}" if len(set(own)) > 1 else ""
            yield Oddity(
                subject.where_of_option("lr"),
                f"the optimizer's lr of {rate(lr)}{of} is not used: {placed.type} runs from {rate(lows[group])} to "
                f"{rate(tops[group])}",
                f"lr: {rate(tops[group])} in the optimizer, or max_lr: {rate(lr)}",
                "note",
            )
            return


def _range(subject: Subject, placed: Placed) -> tuple[tuple[float, ...], tuple[float, ...]]:
    tops = subject.by_group(placed.argument("max_lr"))
    if placed.type == "CyclicLR":
        return subject.by_group(placed.argument("base_lr")), tops
    return tuple(each / placed.argument("div_factor") for each in tops), tops


def _is_used(subject: Subject) -> bool:
    """True if a phase begins from the optimizer's lr."""
    spec = subject.schedule.scheduler
    if not isinstance(spec, Phases):
        return False
    brings = [each.scheduler is not None and each.scheduler.type in BRING_THEIR_OWN for each in spec.phases]
    bases = [each.base for each in spec.phases]
    return (not brings[0] and bases[0] == "reached") or any(
        base == "base" and not own for base, own in zip(bases, brings, strict=True)
    )


def _words(values: tuple[float, ...]) -> str:
    """The values, cut to the first two and the last if there are more than four."""
    texts = list(map(rate, values))
    return ", ".join(texts if len(texts) <= 4 else [*texts[:2], "...", texts[-1]])
