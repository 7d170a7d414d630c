"""Hints for what other libraries have: their schedules, their keys for a warmup, their optimizers."""

from __future__ import annotations

from lrviz.schedule.catalogue import OPTIMIZERS
from lrviz.schedule.catalogue.elsewhere import OPTIMIZERS_ELSEWHERE, SCHEDULES_ELSEWHERE, WARMUPS
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean, plain

_SCHEDULES = {plain(name): scheduler for name, scheduler in SCHEDULES_ELSEWHERE.items()}
_OPTIMIZERS = set(map(plain, OPTIMIZERS_ELSEWHERE))


def schedule_hint(name: str) -> str:
    """What to write for a schedule of another library; empty for a name that none is known to have."""
    scheduler = _SCHEDULES.get(plain(name.rpartition(".")[2])) if len(name) <= MAX_NAME else None
    return f"write it with torch's schedulers: scheduler: {scheduler}" if scheduler else ""


MAX_NAME = 200


def warmup_hint(key: str, value: Node | None, *, rest: str = "{type: CosineAnnealingLR}") -> str:
    """What to write for a key that gives a warmup elsewhere; empty for other keys. `rest` is what follows it."""
    unit = WARMUPS.get(key)
    if unit is None:
        return ""
    length = _length(value.value if value is not None else None, unit)
    warmup = f"{{type: LinearLR, start_factor: 0.01, for: {length}}}"
    return f"a warmup is a phase before the others: scheduler: [{warmup}, {rest}]"


def _length(value: object, unit: str) -> str:
    """The length of a warmup with its unit: `5 epochs`, `5%`; an example where the value is none."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(value, str) and len(value) <= MAX_NAME and not unit:
        return value
    if unit == "%":
        return f"{100 * number:g}%" if number is not None and 0 < number < 1 else "5%"
    return f"{5 if number is None else f'{number:.15g}'} {unit or 'epochs'}"


def optimizer_hint(name: str) -> str:
    """What to write for a class that torch.optim has not."""
    last = name.rpartition(".")[2]
    any_will_do = "for a schedule any with the same groups will do, such as AdamW"
    if plain(last[:MAX_NAME]) in _OPTIMIZERS or "." in name:
        return any_will_do
    hint = did_you_mean(name, OPTIMIZERS)
    return hint if hint.startswith("did you mean") else f"{any_will_do}; {hint}"
