"""The JSON Schema of the classes that a file names: optimizers and schedulers.

The arguments of a class depend on its `type`. Each class has a definition of its own behind an `if`, so that an editor
talks about that class only. A scheduler has three: by itself, as a phase (with `for`, `from`, `interval` and
`name`), and inside a SequentialLR, where its length is not known and cannot be filled in.
"""

from __future__ import annotations

from dataclasses import replace

from lrviz.schedule.catalogue import GROUP_KEYS, OPTIMIZERS, SCHEDULERS, Argument, Entry
from lrviz.schedule.schema.values import FROM, Schema, describe, having, of_argument, ref, when

ALONE, PHASE, PART = "scheduler", "phase", "part of a SequentialLR"
"""Where a scheduler may stand: the names of its three definitions."""

# --- optimizers ----------------------------------------------------------------------------------------------


def optimizers() -> dict[str, Schema]:
    """One definition per optimizer; `optimizer`, which chooses by `type`; `whole optimizer`, which inherits nothing."""
    found = {f"optimizer {name}": _optimizer(entry.summary, entry.arguments) for name, entry in OPTIMIZERS.items()}
    found["optimizer LBFGS"]["properties"]["groups"]["maxItems"] = 1
    without_type = when({"not": {"required": ["type"]}}, ref("optimizer without type"))
    found["optimizer without type"] = _optimizer("The optimizer that the file names.", _every_argument())
    found["optimizer"] = {
        "type": "object",
        "properties": {"type": _type("The class of torch.optim. Default: SGD.", OPTIMIZERS, "torch.optim")},
        "allOf": [*(when(_named(name, "torch.optim"), ref(f"optimizer {name}")) for name in OPTIMIZERS), without_type],
    }
    sgd = {"anyOf": [{"not": {"required": ["type"]}}, _named("SGD", "torch.optim")]}
    found["whole optimizer"] = {
        "allOf": [
            {"if": {"required": ["groups"]}, "else": {"required": ["lr"]}},
            when({"not": {"required": ["lr"]}}, {"properties": {"groups": {"items": {"required": ["lr"]}}}}),
            when(sgd, ref("optimizer SGD")),
            when({"allOf": [sgd, having("nesterov", True)]}, {
                "required": ["momentum"],
                "properties": {"momentum": {"exclusiveMinimum": 0}, "dampening": {"maximum": 0}},
            }),
        ],
    }  # fmt: skip
    return found


def _optimizer(summary: str, arguments: tuple[Argument, ...]) -> Schema:
    own = {argument.name: of_argument(argument) for argument in arguments}
    group = {each.name: of_argument(_optional(each), "number of a group") for each in arguments}
    group |= {each.name: of_argument(each) for each in (_REPEAT, *GROUP_KEYS)}
    groups = {
        "description": "Param groups, each with a name and its own options.",
        "type": "array",
        "minItems": 1,
        "items": {"type": "object", "properties": group, "additionalProperties": False},
    }
    return {
        "description": summary,
        "properties": {"type": {"type": "string"}, **own, "groups": groups},
        "additionalProperties": False,
    }


_REPEAT = Argument(
    name="repeat",
    kind="whole",
    low=1,
    default=None,
    meaning="the number of groups, called name0, name1, ...; i in their numbers is the index of the group",
)


def _optional(argument: Argument) -> Argument:
    """An argument as optional, for places where something else decides what happens if it is left out."""
    return replace(argument, default=None)


def _every_argument() -> tuple[Argument, ...]:
    """The arguments of all optimizers, each once; all are allowed if the type is inherited."""
    found: dict[str, Argument] = {}
    for entry in OPTIMIZERS.values():
        for argument in entry.arguments:
            known = found.setdefault(argument.name, argument)
            if (known.kind, known.many) != (argument.kind, argument.many):
                found[argument.name] = replace(known, kind="any")
            elif known.range_text != argument.range_text:
                found[argument.name] = replace(known, low=None, high=None, above=None, below=None)
    return tuple(map(_optional, found.values()))


# --- schedulers ----------------------------------------------------------------------------------------------

_OWN_CLASS = r"^(?!torch\.optim\.)[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$"

_PHASE_KEYS: dict[str, Schema] = {
    "for": {
        "description": "How long the phase is: calls of scheduler.step(), or a duration such as 5 epochs, 500 steps, "
        "10%. One phase may leave it out and takes the rest of the run.",
        "exclusiveMinimum": 0,
        "allOf": [ref("calls")],
    },
    "from": {
        "description": "The learning rate that the phase begins from: base (the optimizer's own lr), a number, or a "
        "mapping of numbers by group name. Left out: the learning rate that the phase before it reached.",
        "examples": ["base"],
        **(FROM | {"type": ["number", "string", "object"]}),
        "additionalProperties": {"minimum": 0, "allOf": [ref("number")]},
    },
    "interval": {"description": "When this phase's scheduler is called.", "allOf": [ref("interval")]},
    "name": {"description": "What pictures and tables call the phase.", "type": "string", "minLength": 1},
}
_IN_PHASE = {key: ref(f"phase {key}") for key in _PHASE_KEYS}
_WITHOUT = {"OneCycleLR": ("from",), "CyclicLR": ("from",)}  # they set their own learning rates


def schedulers() -> dict[str, Schema]:
    """Three definitions a scheduler, one for each place; `for`, `from`, `interval` and `name` of a phase."""
    found = {f"phase {key}": schema for key, schema in _PHASE_KEYS.items()}
    for place in (ALONE, PHASE, PART):
        found |= _schedulers(place)
    return found


def _schedulers(place: str) -> dict[str, Schema]:
    """The definitions of one place: each scheduler, and the one that chooses by `type`."""
    found = {_name(entry.name, place): _scheduler(entry, place) for entry in SCHEDULERS.values()}
    described = _type("A class of torch.optim.lr_scheduler, SWALR, or package.module.Name of your own (--trust).",
                      SCHEDULERS, r"torch\.optim\.(lr_scheduler|swa_utils)")  # fmt: skip
    described["anyOf"].append({"pattern": _OWN_CLASS})
    choices = [when(_named(entry.name, entry.module), ref(_name(entry.name, place))) for entry in SCHEDULERS.values()]
    if place == PHASE:
        described["anyOf"].append({"const": "none", "description": "Holds the learning rate."})
        found["phase none"] = {
            "description": "Holds the learning rate.",
            "properties": {"type": {"const": "none"}, **_IN_PHASE},
            "additionalProperties": False,
        }
        choices.append(when(having("type", "none"), ref("phase none")))
        choices.append(when({"properties": {"type": {"pattern": _OWN_CLASS}}}, {"properties": _IN_PHASE}))
    found[place] = {"type": "object", "required": ["type"], "properties": {"type": described}, "allOf": choices}
    return found


def _name(scheduler: str, place: str) -> str:
    return f"{place} {scheduler}"


def _scheduler(entry: Entry, place: str) -> Schema:
    """One scheduler in one place; phases and parts share the arguments of the definition where it stands alone."""
    inside = PART if entry.name == "SequentialLR" or place == PART else ALONE
    alone = _name(entry.name, ALONE)
    properties: dict[str, Schema] = {"type": {"type": "string"}}
    for argument in entry.arguments:
        if argument.kind == "schedulers":
            children = {"type": "array", "minItems": 1, "items": ref(inside)}
            properties[argument.name] = {"description": describe(argument), **children}
        elif place == ALONE:
            properties[argument.name] = of_argument(argument)
        else:
            properties[argument.name] = ref(f"{alone}/properties/{argument.name}")
    if place == PHASE:
        properties |= {key: each for key, each in _IN_PHASE.items() if key not in _WITHOUT.get(entry.name, ())}
    required = [each.name for each in entry.arguments if each.required and (place == PART or not each.own_length)]
    return {
        "description": "\n\n".join(filter(None, (entry.summary, entry.formula, entry.source))),
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **(_one_cycle(place) if entry.name == "OneCycleLR" else {}),
    }


def _one_cycle(place: str) -> Schema:
    """Its length is `total_steps`, or `epochs` and `steps_per_epoch` together."""
    given = [{"required": [name], "properties": {name: {"not": {"type": "null"}}}}
             for name in ("epochs", "steps_per_epoch")]  # fmt: skip
    both: Schema = {"required": ["epochs", "steps_per_epoch"]}
    condition: Schema = {"not": {"required": ["total_steps"]}}
    if place == PART:
        return {"if": {"not": {"anyOf": given}}, "then": {"required": ["total_steps"]},
                "allOf": [when({"allOf": [condition, {"anyOf": given}]}, both)]}  # fmt: skip
    return when({"allOf": [condition, {"anyOf": given}]}, both)


# --- types ---------------------------------------------------------------------------------------------------


def _type(description: str, entries: dict[str, Entry], module: str) -> Schema:
    """The choice of a class: its name, which editors complete, or its name with the module before it."""
    names = {"enum": list(entries), "enumDescriptions": [entry.summary for entry in entries.values()]}
    dotted = {"pattern": rf"^{module}\.({'|'.join(entries)})$"}
    return {"description": description, "type": "string", "anyOf": [names, dotted]}


def _named(name: str, module: str) -> Schema:
    return having("type", name, f"{module}.{name}")
