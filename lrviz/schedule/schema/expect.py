"""The JSON Schema of `expect`: what must hold of the curve."""

from __future__ import annotations

from lrviz.alike import EXPECTED
from lrviz.schedule.expect import EXPECT, FORMS, Form
from lrviz.schedule.schema.values import DEFINITIONS, DURATION, LENGTH, POSITION, Schema, arithmetic, ref, whole_text


def expect_definitions() -> dict[str, Schema]:
    """The definition `expect`, and the definitions that its keys share.

    Each key that takes a learning rate or a position also takes a mapping of them by param group.
    """
    properties = {
        each.name: {"description": f"{each.meaning[:1].upper()}{each.meaning[1:]}.", **_KEYS[each.name]}
        for each in EXPECT.arguments
    }
    expect = {
        "description": "What must hold of the learning rate. In a run of several param groups whose learning rates "
        "differ, a value is a mapping by group name.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return {"expect": expect, "learning rate": _RATE, "stretch": _STRETCH}


def _by_group(one: Schema) -> Schema:
    """The same, or a mapping of group names to it."""
    types = one["type"] if isinstance(one["type"], list) else [one["type"]]
    return {**one, "type": [*types, "object"], "additionalProperties": one, "minProperties": 1}


_RATE = _by_group({**DEFINITIONS["number"], "minimum": 0})
_RATES: Schema = {"allOf": [ref("learning rate")]}
_PAIR: Schema = {"minItems": 2, "maxItems": 2}
_RANGE: Schema = {"items": [ref("position"), ref("position or end")], **_PAIR}
_STRETCH = _by_group({
    "type": ["boolean", "array"],
    "not": {"const": False},
    "if": {"type": "array", "items": {"type": "array"}},
    "then": {"items": {"type": "array", **_RANGE}},
    "else": _RANGE,
    "examples": [True],
})  # fmt: skip
_STRETCHES: Schema = {"allOf": [ref("stretch")]}
_LENGTH = _by_group({
    "type": ["number", "string"],
    "minimum": 0,
    "pattern": whole_text(DURATION, arithmetic()),
    "patternErrorMessage": f"{LENGTH} is expected here.",
})  # fmt: skip

_FORMS: dict[Form, Schema] = {
    "rates at places": {
        "type": "object",
        "propertyNames": {
            "pattern": whole_text(DURATION, "last", "end", arithmetic()),
            "patternErrorMessage": f"{POSITION} or end, is expected here.",
        },
        "additionalProperties": ref("learning rate"),
        "minProperties": 1,
    },
    "rate": _RATES,
    "area": _RATES,
    "pair of rates": _by_group({"type": "array", "items": ref("learning rate"), **_PAIR}),
    "place": _by_group(DEFINITIONS["position"]),
    "ranges": _STRETCHES,
    "factor": _by_group({**DEFINITIONS["number"], "minimum": 1}),
    "whole number": {"minimum": 1, "allOf": [ref("whole")]},
    "duration": _LENGTH,
}
_OTHERS: dict[str, Schema] = {
    "snapshot": {"type": "string", "pattern": r"\.csv$", "patternErrorMessage": "The path of a .csv file is expected."},
    "tolerance": {"minimum": 0, "exclusiveMaximum": 1, "default": EXPECTED, "allOf": [ref("number")]},
}
_KEYS = {**{key: _FORMS[form] for key, form in FORMS.items()}, **_OTHERS}
