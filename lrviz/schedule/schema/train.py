"""The JSON Schema of `train`: what `lrviz train` trains with the schedules of a file, and what that must show."""

from __future__ import annotations

from typing import Final

from lrviz.schedule.catalogue import OF_ONE_SCHEDULE, TRAIN, TRAIN_EXPECT
from lrviz.schedule.schema.values import DEFINITIONS, Schema, describe, of_argument, ref

OWN_TRAIN: Final = "own train"


def train_definitions() -> dict[str, Schema]:
    """The definitions `train`, and `OWN_TRAIN` for what a schedule may have of its own."""
    properties = {argument.name: of_argument(argument) for argument in TRAIN.arguments}
    properties["expect"] |= {"allOf": [ref("train expect")]}
    own = {name: properties[name] for name in OF_ONE_SCHEDULE}
    expected = {
        argument.name: {"description": describe(argument), **_FORMS[argument.name]}
        for argument in TRAIN_EXPECT.arguments
    }
    return {
        "train": {"description": TRAIN.summary, **_mapping(properties)},
        OWN_TRAIN: {"description": "What differs from the other schedules of the file.", **_mapping(own)},
        "train expect": {"description": TRAIN_EXPECT.summary, **_mapping(expected)},
    }


def _mapping(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


_NAMES: Schema = {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1, "examples": [["hot"]]}


def _by_schedule(one: Schema) -> Schema:
    return {"type": "object", "additionalProperties": one, "minProperties": 1}


def _bounds(number: Schema) -> Schema:
    """`[low, high]`, or a single number."""
    types = number["type"] if isinstance(number["type"], list) else [number["type"]]
    return {**number, "type": [*types, "array"], "items": number, "minItems": 2, "maxItems": 2}


_NUMBER = DEFINITIONS["number"]
_LOSS = _bounds(_NUMBER)
_FORMS: dict[str, Schema] = {
    "diverges": _NAMES,
    "converges": _NAMES,
    "better": _by_schedule(_NAMES),
    "final_loss": _by_schedule(_LOSS),
    "best_loss": _by_schedule(_LOSS),
    "accuracy": _by_schedule(_bounds({**_NUMBER, "minimum": 0, "maximum": 1})),
}
