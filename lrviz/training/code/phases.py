"""Phases as a SequentialLR where torch says the same, else as a PhasedLR, which the code imports from lrviz."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lrviz.curve import Curve
from lrviz.foreign import escaped
from lrviz.run import Run
from lrviz.schedule.model import Phases, PhaseSpec, Scheduler
from lrviz.training.code.equal import COMPOSITE
from lrviz.training.code.layout import Doc, Item, bracketed, call, group, lines
from lrviz.training.code.module import function
from lrviz.training.code.schedulers import Writer, exact_calls
from lrviz.training.code.texts import identifier, literal
from lrviz.words import counted


def sequential(writer: Writer, phases: Phases, scheduler: Scheduler, parts: Sequence[str]) -> Doc:
    """The scheduler of torch's own that says the same as phases, with their lengths above its members."""
    if len(phases.phases) == 1:
        return writer.scheduler(scheduler, phases.phases[0].every, parts[0])
    members = []
    for index, (each, child, part) in enumerate(zip(phases.phases, scheduler.children, parts, strict=True)):
        members.append(Item(writer.scheduler(child, each.every, part), [length(each, index, writer.run)]))
    return call(
        writer.class_of(scheduler),
        [
            "optimizer",
            group("schedulers=", bracketed("[", members, "]")),
            group("milestones=", literal(scheduler.arguments["milestones"])),
        ],
    )


def phased(writer: Writer, phases: Phases, parts: Sequence[str], name: str) -> Doc:
    """The PhasedLR of phases; composites inside of it are made by functions of their own, named after `name`."""
    members = []
    for index, (each, part) in enumerate(zip(phases.phases, parts, strict=True)):
        items: list[Item | Doc] = [_make(writer, each, part, name)]
        if index < len(parts) - 1:
            items.append(f"calls={each.calls // writer.run.every}")
        if each.base == "base":
            items.append('start="base"')
        elif not isinstance(each.base, str):
            items.append(group("start=", _start(each.base)))
        if each.every != writer.run.every:
            items.append(f"every={each.every // writer.run.every}")
        doc = call(writer.module.use("lrviz", "Phase"), items)
        members.append(Item(doc, [length(each, index, writer.run)]))
    return call(writer.module.use("lrviz", "PhasedLR"), ["optimizer", bracketed("[", members, "]")])


def _start(base: Sequence[float]) -> Doc:
    return literal(base[0] if len(set(base)) == 1 else list(base))


def _make(writer: Writer, each: PhaseSpec, part: str, name: str) -> Doc:
    """What makes the scheduler of a phase: it can be pickled, as a lambda cannot."""
    inside = each.scheduler
    if inside is None:
        return "None"
    if inside.type not in COMPOSITE:
        arguments = list(writer.arguments(inside, each.every, part))
        kind = writer.class_of(inside)
        return call(writer.module.use("functools", "partial"), [kind, *arguments]) if arguments else kind
    optimizer = writer.module.use("torch.optim", "Optimizer")
    result = writer.module.use("torch.optim.lr_scheduler", "LRScheduler")
    doc = writer.scheduler(inside, each.every, part)
    made = writer.module.names.new(f"{name}_{identifier(part) or 'phase'}")
    writer.module.add(function(made, [f"optimizer: {optimizer}"], result, lines("return ", doc, indent=4)))
    return made


def parts_of(phases: Phases, curve: Curve) -> list[str]:
    """What the functions of each phase are named after: its own name, `warmup` if it is one, or its number."""
    found = []
    for index, each in enumerate(phases.phases):
        number = f"phase {index + 1}" if len(phases.phases) > 1 else ""
        warmup = "warmup" if number and index == 0 and _rises(curve, each) else ""
        found.append(each.name if each.name and identifier(each.name) else warmup or number)
    return found


def _rises(curve: Curve, each: PhaseSpec) -> bool:
    """True if the learning rate of the first group rises in a phase, and never falls."""
    column = curve.columns[0][each.start : each.start + each.calls]
    return column[0] < column[-1] and all(one <= other for one, other in pairwise(column))


def length(each: PhaseSpec, index: int, run: Run) -> str:
    """The length of a phase in a comment: as the file writes it, and in calls."""
    named = f" ({escaped(each.name)})" if each.name else ""
    number = each.calls // run.every
    ticks = counted(number, run.interval if run.every == 1 else "call")
    written = None if each.written is None else " ".join(each.written.split())
    if written is None:
        words = f"the rest of the run, {ticks}"
    else:
        exact = exact_calls(written, run, run.every)
        same = (f"{number}", f"{number} {run.interval}", f"{number} {run.interval}s")
        if exact is None or (exact == number and written in same):
            words = ticks
        else:
            words = f"{escaped(written)} = {ticks}" if exact == number else f"{escaped(written)}, rounded to {ticks}"
    held = ", in which lr is held" if each.scheduler is None else ""
    return f"phase {index + 1}{named}: {words}{held}"
