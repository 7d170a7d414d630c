"""A schedule as lrviz reads it: its run, every argument and its origin, phases and their boundaries.

`explained` returns it as plain data (also for JSON), `page` as text for people, at most 80 columns wide.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lrviz.errors import Problem
from lrviz.foreign import escaped
from lrviz.render.tables.origins import lines_of, origins
from lrviz.run import AMOUNTS, Data, Run
from lrviz.schedule.catalogue import BRING_THEIR_OWN, OPTIMIZERS, SCHEDULERS, Argument
from lrviz.schedule.model import Function, Phases, PhaseSpec, Schedule, Scheduler
from lrviz.words import clock_words

WIDTH = 80


def explained(schedule: Schedule, name: str, remarks: Iterable[Problem] = ()) -> dict[str, Any]:
    """A schedule as plain data. An argument's `origin` is "file", "run" (filled in) or "torch" (its default).

    `remarks` are the findings of the lint, and what torch refuses.
    """
    run, optimizer = schedule.run, schedule.optimizer
    return {
        "name": name,
        "file": schedule.file,
        "title": schedule.title,
        "source": schedule.source,
        **({"config": origins(schedule.imported)} if schedule.imported is not None else {}),
        "run": {
            "epochs": run.epochs,
            "steps": run.total_steps,
            "steps_per_epoch": run.steps_per_epoch,
            "interval": run.interval,
            "every": run.every,
            "calls": run.calls,
            "derivation": [*_stretched(schedule), *derivation(run)],
        },
        "optimizer": {
            "type": optimizer.type,
            "arguments": _arguments(optimizer.options, OPTIMIZERS[optimizer.type].arguments),
            "groups": [{"name": group.name, **dict(group.options)} for group in optimizer.groups],
        },
        "scheduler": _scheduler(schedule.scheduler, run),
        "metric": len(schedule.metric) if schedule.metric is not None else None,
        "remarks": [
            {"severity": each.severity, "code": each.code, "message": each.message, "hint": each.hint}
            for each in remarks
        ],
    }


def _stretched(schedule: Schedule) -> Iterator[str]:
    """How the length of the run follows from that of the file, if it was stretched."""
    run = schedule.run
    rounded = [each.message for each in schedule.remarks if each.code == "stretch-rounded"]
    for unit, length in (("epochs", run.epochs), ("steps", run.steps)):
        node = schedule.written.get(unit) if schedule.written is not None else None
        if node is None or not node.origin or length is None:
            continue
        said = next((each for each in rounded if each.startswith(f"{unit}: ")), "")
        in_data = "" if node.value == length else f" = {node.value}"
        yield said.partition(": ")[2] or f"{node.origin}{in_data} = {length:,} {unit}"


def derivation(run: Run) -> Iterator[str]:
    """The calculation of the run's steps from its data, line by line; empty if they are unknown."""
    if run.data is not None:
        yield from _of_data(run.data)
    if run.epochs is not None and run.steps_per_epoch:
        yield f"{run.epochs:,} epochs x {run.steps_per_epoch:,} steps = {run.total_steps:,} steps"
    elif run.steps is not None and run.steps_per_epoch:
        yield f"{run.steps:,} steps / {run.steps_per_epoch:,} = {run.steps / run.steps_per_epoch:.6g} epochs"
    for unit in AMOUNTS:
        per_step = run.per_step(unit)
        if per_step is not None and (unit == "tokens" or run.epochs is None):
            steps = run.total_steps or 0
            yield f"{steps:,} steps x {per_step:,} {unit} = {clock_words(steps * per_step, steps * per_step)} {unit}"


def _of_data(data: Data) -> Iterator[str]:
    whole = "whole " if data.drop_last else ""
    if data.sequence_length is not None:
        factors = (data.sequence_length, data.batch_size, data.devices, data.accumulate)
        yield f"{' x '.join(f'{each:,}' for each in factors)} = {data.per_step('tokens'):,} tokens per step"
    if data.size is None:
        return
    count, unit = data.size
    if unit == "tokens" and data.tokens_per_step is not None:
        yield f"{count:,} tokens / {data.tokens_per_step:,} = {data.steps_per_epoch:,} {whole}steps per epoch"
        return
    per_batch = f"{data.batch_size} x {data.devices}" + (f" x {data.sequence_length}" if unit == "tokens" else "")
    yield (
        f"{count} {unit} / ({per_batch}) = {data.batches} {whole}batches, "
        f"/ {data.accumulate} = {data.steps_per_epoch} steps per epoch"
    )


def _arguments(given: Mapping[str, Any], arguments: tuple[Argument, ...], **more: Any) -> list[dict[str, Any]]:
    filled, durations = more.get("filled", ()), more.get("durations", {})
    shown = []
    for argument in arguments:
        if argument.kind == "schedulers" or (argument.required and argument.name not in given):
            continue
        name = argument.name
        entry = {
            "name": name,
            "value": _plain(given.get(name, argument.default)),
            "origin": "run" if name in filled else "file" if name in given else "torch",
        }
        if name in durations:
            entry["written"] = durations[name]
        shown.append(entry)
    return shown


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Function) else value


def _scheduler(spec: Scheduler | Phases | None, run: Run) -> dict[str, Any] | None:
    if spec is None:
        return None
    if isinstance(spec, Phases):
        return {"type": spec.type, "phases": [_phase(each, run) for each in spec.phases]}
    if spec.own:
        arguments = [{"name": name, "value": value, "origin": "file"} for name, value in spec.arguments.items()]
    else:
        known = SCHEDULERS[spec.type].arguments
        arguments = _arguments(spec.arguments, known, filled=spec.filled, durations=spec.durations)
    result: dict[str, Any] = {"type": spec.type, "arguments": arguments}
    if spec.children:
        result["schedulers"] = [_scheduler(child, run) for child in spec.children]
    return result


def _phase(phase: PhaseSpec, run: Run) -> dict[str, Any]:
    return {
        **({} if phase.name is None else {"name": phase.name}),
        "start": phase.start,
        "end": phase.start + phase.calls,
        "calls": (phase.start + phase.calls) // run.every - phase.start // run.every,
        "every": phase.every,
        "written": phase.written,
        "from": list(phase.base) if isinstance(phase.base, tuple) else phase.base,
        "scheduler": _scheduler(phase.scheduler, run),
    }


# --- for people --------------------------------------------------------------------------------------------

ORIGINS = {"run": "filled in: its own length", "torch": "torch's default", "file": ""}


def page(data: Mapping[str, Any]) -> str:
    """The page of one schedule, from the data of `explained`."""
    data = _printable(data)
    lines = [f"{data['name']}  ({data['file']})"]
    lines += [text for key in ("title", "source") if data[key] for text in _wrapped(data[key])]
    if "config" in data:
        lines += ["", *lines_of(data["config"], WIDTH)]
    lines += ["", *_run(data["run"]), "", *_optimizer(data["optimizer"]), ""]
    scheduler = data["scheduler"]
    lines.append("scheduler")
    if scheduler is None:
        lines.append("  none: the learning rate stays constant")
    elif "phases" in scheduler:
        lines += _phases(scheduler["phases"], data["run"])
    else:
        lines += _scheduler_lines(scheduler, "  ")
    if data["metric"] is not None:
        lines += ["", f"metric     {data['metric']:,} values, one per call"]
    for remark in data["remarks"]:
        code = f" [{remark['code']}]" if remark["code"] else ""
        lines += ["", *_wrapped(f"{remark['severity']}: {remark['message']}{code}")]
        lines += _wrapped(f"hint: {remark['hint']}", "  ") if remark["hint"] else []
    return "\n".join(lines) + "\n"


def _printable(value: Any) -> Any:
    """Plain data with every text escaped."""
    if isinstance(value, Mapping):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return escaped(value) if isinstance(value, str) else value


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _run(run: Mapping[str, Any]) -> list[str]:
    length = f"{run['epochs']:,} epochs" if run["epochs"] is not None else f"{run['steps']:,} steps"
    often = run["interval"] if run["every"] == 1 else f"{run['every']:,} {run['interval']}s"
    lines = [f"run        {length}, scheduler.step() after every {often}: {run['calls']:,} calls"]
    return lines + [f"  {line}" for line in run["derivation"]]


def _optimizer(optimizer: Mapping[str, Any]) -> list[str]:
    lines = [f"optimizer  {optimizer['type']}"]
    given = [each for each in optimizer["arguments"] if each["origin"] == "file"]
    defaults = [each for each in optimizer["arguments"] if each["origin"] == "torch"]
    lines += [f"  {each['name']} = {_written(each['value'])}" for each in given]
    if defaults:
        text = ", ".join(f"{each['name']}={_written(each['value'])}" for each in defaults)
        lines += _wrapped(f"torch's defaults: {text}", "  ")
    groups = optimizer["groups"]
    if len(groups) > 1 or set(groups[0]) > {"name"}:
        lines.append(f"  {len(groups)} param group{'s' if len(groups) > 1 else ''}")
        for group in groups:
            options = ", ".join(f"{name} = {_written(value)}" for name, value in group.items() if name != "name")
            lines.append(f"    {group['name']}: {options or 'same as the optimizer'}")
    return lines


def _phases(phases: list[Mapping[str, Any]], run: Mapping[str, Any]) -> list[str]:
    lines = []
    for index, phase in enumerate(phases, 1):
        called = f" ({phase['name']})" if "name" in phase else ""
        lines.append(f"  phase {index}{called}: {_places(phase, run)}, {phase['calls']:,} calls")
        if phase["written"] is not None:
            lines.append(f"    for {phase['written']}")
        base = phase["from"]
        if phase["scheduler"] and phase["scheduler"]["type"] in BRING_THEIR_OWN:
            lines.append("    sets its own learning rates")
        elif index > 1 or base != "reached":
            words = {"reached": "where the phase before ended", "base": "the optimizer's own lr"}
            numbers = [] if isinstance(base, str) else base[:1] if len(set(base)) == 1 else base
            lines.append(f"    begins from {words[str(base)] if not numbers else ', '.join(map(_written, numbers))}")
        if phase["every"] != run["every"]:
            often = f"every {phase['every']:,} {run['interval']}s"
            per_epoch = run["interval"] == "step" and phase["every"] == run["steps_per_epoch"]
            lines.append(f"    stepped once per epoch, {often}" if per_epoch else f"    stepped {often}")
        inside = phase["scheduler"]
        lines += _scheduler_lines(inside, "    ") if inside else ["    holds the learning rate"]
    return lines


def _places(phase: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    unit = run["interval"]
    text = f"{unit}s {phase['start']:,} to {phase['end']:,}"
    if unit == "step" and run["steps_per_epoch"]:
        begin, end = (phase[at] / run["steps_per_epoch"] for at in ("start", "end"))
        text += f" (epochs {begin:.4g} to {end:.4g})"
    return text


def _scheduler_lines(scheduler: Mapping[str, Any], indent: str) -> list[str]:
    lines = [f"{indent}{scheduler['type']}"]
    assignments = [f"{indent}  {each['name']} = {_written(each['value'])}" for each in scheduler["arguments"]]
    width = min(max(map(len, assignments), default=0), 44)
    for assignment, each in zip(assignments, scheduler["arguments"], strict=True):
        remark = each.get("written") or ORIGINS[each["origin"]]
        lines.append(f"{assignment.ljust(width)}  {remark}".rstrip())
    for child in scheduler.get("schedulers", ()):
        lines += _scheduler_lines(child, indent + "    ")
    return lines


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)
