"""The JSON Schema of the schedule file, in terms of draft 7, made from the catalogue: for editors.

This module holds the keys of the file; classes are in `classes.py`, values in `values.py`. The schema accepts every
file that lrviz accepts, unless all schedules in it override an invalid value of the file. Rules that no schema can
express (sums of lengths, numbers of groups, ...) are left to lrviz.
"""

from __future__ import annotations

from lrviz.run import MAX_CALLS
from lrviz.schedule.catalogue import CODES, CONFIG, DATA, FILE, SCHEDULE, Entry
from lrviz.schedule.reading.config import REPLACED
from lrviz.schedule.schema.classes import ALONE, PHASE, optimizers, schedulers
from lrviz.schedule.schema.expect import expect_definitions
from lrviz.schedule.schema.train import OWN_TRAIN, train_definitions
from lrviz.schedule.schema.values import DEFINITIONS, METRIC, Schema, having, of_argument, ref, when

DRAFT = "http://json-schema.org/draft-07/schema#"


def json_schema() -> Schema:
    """The JSON Schema of a schedule file, always the same; each call returns a new dict."""
    definitions: dict[str, Schema] = {
        **DEFINITIONS,
        "data": _DATA,
        "config": _CONFIG,
        "own schedule": _OWN_SCHEDULE,
        **expect_definitions(),
        **train_definitions(),
    }
    definitions |= optimizers() | schedulers()
    keys = _keys(SCHEDULE)
    keys["properties"]["train"] |= {"allOf": [ref(OWN_TRAIN)]}
    definitions["schedule"] = {
        "description": "A schedule; it inherits every key of the file and overrides what it names.",
        **keys,
        "anyOf": [{"required": ["scheduler"]}, {"required": ["config"]}],
        "allOf": _NOT_BOTH,
    }
    return {
        "$schema": DRAFT,
        "title": "lrviz schedule file, version 1",
        "description": "The length of a run, its optimizer and its learning-rate schedule, in PyTorch's own terms.",
        **_keys(FILE),
        "allOf": [*_NOT_BOTH, _ONE_OR_SEVERAL],
        "definitions": dict(sorted(definitions.items())),
    }


_HAS_SIZE: Schema = {"anyOf": [{"required": ["samples"]}, {"required": ["tokens"]}]}
_DATA: Schema = {
    "description": DATA.summary,
    "type": "object",
    "minProperties": 1,
    "properties": {argument.name: of_argument(argument) for argument in DATA.arguments},
    "additionalProperties": False,
    "dependencies": {"samples": ["batch_size"], "sequence_length": ["batch_size"], "devices": ["batch_size"],
                     "accumulate": ["batch_size"]},
    "allOf": [
        when({"required": ["samples"]}, {"properties": {"tokens": False}}),
        when({"required": ["tokens_per_step"]}, {"properties": {"sequence_length": False}}),
        when(
            {"required": ["tokens"]},
            {"anyOf": [{"required": ["tokens_per_step"]}, {"required": ["sequence_length"]}]},
        ),
        when({"required": ["drop_last"]}, _HAS_SIZE),
    ],
}  # fmt: skip
"""The data set: its size and how it is batched are given together."""


# --- the file ------------------------------------------------------------------------------------------------


def _keys(entry: Entry) -> Schema:
    """A mapping of the keys of a file or schedule."""
    properties = {argument.name: {**of_argument(argument), **_BY_HAND.get(argument.name, {})}
                  for argument in entry.arguments}  # fmt: skip
    return {"type": "object", "properties": properties, "additionalProperties": False}


_BY_HAND: dict[str, Schema] = {
    "epochs": {"maximum": MAX_CALLS},
    "data": {"allOf": [ref("data")]},
    "config": {"allOf": [ref("config")]},
    "optimizer": {"allOf": [ref("optimizer")]},
    "expect": {"allOf": [ref("expect")]},
    "train": {"allOf": [ref("train")]},
    "scheduler": {
        "description": "The scheduler; a list of them, one after the other, is a schedule in phases; none is a "
        "constant learning rate.",
        "type": ["object", "array", "string"],
        "examples": ["none"],
        "minItems": 1,
        "items": ref(PHASE),
        "allOf": [
            when({"type": "string"}, {"const": "none"}),
            when(
                {"type": "object", **having("type", "none")},
                {
                    "maxProperties": 1,
                    "properties": {"type": {"anyOf": [{"const": "none"}, ref(f"{ALONE}/properties/type")]}},
                },
            ),  # editors treat an empty `type` as missing, so the names to complete are listed here as well
            when({"type": "object", "not": having("type", "none")}, ref(ALONE)),
        ],
    },
    "ignore": {
        "items": {"enum": sorted(CODES), "type": "string"},
        "description": "Codes of findings that are accepted; `lrviz check --rules` lists them.",
    },
    "metric": {
        "description": "The metric that a ReduceLROnPlateau is stepped with: a list with one value per call, an "
        "expression of epoch and step, or a column of a file.",
        **(METRIC | {"type": ["array", "object", "number", "string"]}),
        "items": {"type": ["number", "string"], "allOf": [when({"type": "string"}, ref("number"))]},
        "properties": {
            "file": {
                "type": "string",
                "description": "CSV, JSON lines, or a trainer_state.json; the path is relative to the schedule file.",
            },
            "column": {"type": "string", "description": "The column, or key, that holds the metric."},
        },
        "required": ["file", "column"],
        "additionalProperties": False,
    },
    "schedules": {
        "description": "Several schedules by name. Each inherits every key of the file and overrides what it names.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "\\S", "patternErrorMessage": "A schedule needs a readable name."},
        "additionalProperties": ref("schedule"),
    },
}
"""Keys that the catalogue describes only as `any`."""

_NOT_BOTH = [
    when({"required": ["epochs"]}, {"properties": {"steps": False}}),
    when(
        {"required": ["steps_per_epoch"]}, {"properties": {"data": {"properties": {"samples": False, "tokens": False}}}}
    ),
]

_KNOWS_STEPS: Schema = {
    "anyOf": [{"required": ["steps_per_epoch"]}, {"required": ["data"], "properties": {"data": _HAS_SIZE}}]
}
_PLATEAU = having("type", "ReduceLROnPlateau")

_CONFIG: Schema = {
    "description": CONFIG.summary,
    "type": "object",
    "properties": {
        argument.name: of_argument(argument) | ({"type": "object"} if argument.name == "data" else {})
        for argument in CONFIG.arguments
    },
    "required": ["file"],
    "additionalProperties": False,
}

_ONE_SCHEDULE: Schema = {
    "if": {"required": ["config"]},
    "then": {"properties": dict.fromkeys(REPLACED, False)},
    "else": ref("own schedule"),
}
"""The requirements of a file with one schedule, which inherits nothing."""

_OWN_SCHEDULE: Schema = {
    "required": ["optimizer", "scheduler"],
    "properties": {"optimizer": ref("whole optimizer")},
    "allOf": [
        when({"allOf": [{"required": ["epochs"]}, having("interval", "step")]}, _KNOWS_STEPS),
        when({"allOf": [{"required": ["steps"]}, having("interval", "epoch")]}, _KNOWS_STEPS),
        when({"not": {"required": ["interval"]}}, {"properties": {"steps": {"maximum": MAX_CALLS}}}),
        when(having("interval", "step"), {"properties": {"steps": {"maximum": MAX_CALLS}}}),
        when(
            {
                "required": ["scheduler"],
                "properties": {
                    "scheduler": {
                        "anyOf": [{"type": "object", **_PLATEAU},
                                  {"type": "array", "contains": {"type": "object", **_PLATEAU}}]
                    }
                },
            },
            {"required": ["metric"]},
        ),
    ],
}  # fmt: skip
"""The same of one that says everything itself. Its length may come from the command line."""

_SEVERAL_SCHEDULES: Schema = {
    "properties": {"scheduler": False},
    "if": {"not": {"required": ["optimizer"]}},
    "then": {
        "properties": {
            "schedules": {"additionalProperties": {"anyOf": [{"required": ["optimizer"]}, {"required": ["config"]}]}}
        }
    },
}
_ONE_OR_SEVERAL: Schema = {"if": {"required": ["schedules"]}, "then": _SEVERAL_SCHEDULES, "else": _ONE_SCHEDULE}
