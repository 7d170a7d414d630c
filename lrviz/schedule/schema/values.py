"""The JSON Schema of single values: numbers, durations, expressions, positions, and the values of an `Argument`.

Every schema here is flat: one list of types, and keywords that each look at one type only (`minimum` at numbers,
`pattern` at text, `items` at lists). An editor then says exactly what is wrong, while with an `anyOf` it would only say
that nothing matches. Patterns use only what regular expressions of both Python and JavaScript support.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from lrviz.number import MAX_NUMBER
from lrviz.schedule.catalogue import Argument
from lrviz.schedule.text.expression import FUNCTIONS

Schema: TypeAlias = dict[str, Any]

# --- patterns ------------------------------------------------------------------------------------------------

_DIGITS = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_POWER = r"[eE][-+]?[0-9]+"
_END = r"(?![0-9A-Za-z_])"
_NUMBER = rf"(?:0x[0-9a-fA-F]+|0o[0-7]+|{_DIGITS}(?:{_POWER})?)(?![0-9A-Za-z_.])"
_EPOCHS = r"[eE][pP](?:[oO][cC][hH][sS]?)?"
_IN_STEPS = r"(?:[sS][tT][eE][pP]|[tT][oO][kK][eE][nN]|[sS][aA][mM][pP][lL][eE])[sS]?"
_UP_TO_100 = r"0*(?:100(?:\.0*)?|[0-9]{1,2}(?:\.[0-9]*)?|\.[0-9]+)"
_BETWEEN = rf"(?:\*\*?|//?|%|\+|-|,|[<>]=?|[!=]=|(?:and|or|if|else){_END})"

_EXACT = rf"(?:[-+(]\s*)*{_DIGITS}(?:{_POWER})?\s*(?:\)\s*)*"
_FRACTION = rf"{_EXACT}(?:(?:\*\*?|//?|%|\+|-)\s*{_EXACT})*"
_NEGATIVE = rf"-\s*{_DIGITS}(?:{_POWER})?\s*[kKMBT]?\s*[a-zA-Z%]+\s*$"
_PERCENT = rf"(?:\+?\s*(?:{_UP_TO_100}|{_DIGITS}{_POWER})\s*|(?!\+?\s*{_DIGITS}\s*%\s*$){_FRACTION})%"


def _duration(units: str) -> str:
    """A pattern for a length in these units: a number or arithmetic, perhaps K, M, B or T, and a unit."""
    return rf"(?!{_NEGATIVE}){_FRACTION}[kKMBT]?\s*(?:{units})"


LENGTH_IN_STEPS = _duration(_IN_STEPS)
INTERVAL = _duration(f"{_EPOCHS}|{_IN_STEPS}")
DURATION = rf"(?:{_duration(f'{_EPOCHS}|{_IN_STEPS}')}|(?!{_NEGATIVE}){_PERCENT})"


def arithmetic(*names: str) -> str:
    """A pattern for expressions in these names: values and operators in turn. Brackets are not counted."""
    functions = "|".join(sorted(FUNCTIONS))
    several = "|".join(sorted(name for name, (_, _, most) in FUNCTIONS.items() if most != 1))
    before = rf"(?:(?:[-+(]|not{_END}|(?:{functions})\s*\()\s*)*"
    value = rf"(?:{_NUMBER}|(?:{'|'.join(('pi', *names))}){_END})\s*"
    one = rf"{before}{value}(?:\)\s*)*"
    comma_outside = rf"(?:(?!(?:{several})\s*\()[^,])*,"
    return rf"(?!{comma_outside}){one}(?:{_BETWEEN}\s*{one})*"


def whole_text(*alternatives: str) -> str:
    """A pattern for a whole text, with optional blanks around it."""
    return rf"^\s*(?:{'|'.join(alternatives)})\s*$"


def _text_of(expected: str, *alternatives: str) -> Schema:
    """`patternErrorMessage` is shown by VS Code's language servers in place of the pattern; others ignore it."""
    return {"pattern": whole_text(*alternatives), "patternErrorMessage": f"{expected} is expected here."}


# --- definitions ---------------------------------------------------------------------------------------------


def ref(name: str) -> Schema:
    """A reference to a definition of the schema."""
    return {"$ref": f"#/definitions/{name}"}


def when(condition: Schema, then: Schema) -> Schema:
    """A schema that holds only for what satisfies the condition."""
    return {"if": condition, "then": then}


def having(key: str, *values: Any) -> Schema:
    """The condition that a key is present and has one of these values."""
    return {"required": [key], "properties": {key: {"enum": list(values)}}}


LIMITS: Schema = {"minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
EXPRESSION = "A number, or arithmetic on numbers such as 90 * 5005,"
LENGTH = "A number, arithmetic on numbers, or a duration such as 5 epochs, 500 steps, 10%, 50B tokens,"
STEPS = "A whole number of optimizer steps, or a length such as 3.2T tokens,"
POSITION = "A position, such as 5 epochs, 500 steps, 50% or last,"


def _function(expected: str, *names: str) -> Schema:
    """A number, or an expression in these names."""
    return {"type": ["number", "string"], **LIMITS, **_text_of(expected, arithmetic(*names))}


def _listed(one: str, *types: str) -> Schema:
    """The definition `one`, or several of them: a list, and a mapping too if `types` has "object"."""
    each = ref(one)
    flat = {key: value for key, value in DEFINITIONS[one].items() if key != "type"}
    more: Schema = {"additionalProperties": each} if "object" in types else {}
    return {"type": [*DEFINITIONS[one]["type"], *types], **flat, "items": each, "minItems": 1, **more}


_POSITION: Schema = {
    "type": ["number", "string"],
    "minimum": 0,
    **_text_of(POSITION, DURATION, "last", arithmetic()),
}
_POSITION_OR_END: Schema = {**_POSITION, **_text_of(f"{POSITION} or end,", DURATION, "last", "end", arithmetic())}

DEFINITIONS: dict[str, Schema] = {
    "number": _function(EXPRESSION),
    "number of a group": _function(EXPRESSION, "i"),
    "whole": {"type": ["integer", "string"], **_text_of(EXPRESSION, arithmetic())},
    "calls": {"type": ["integer", "string"], **_text_of(LENGTH, DURATION, arithmetic())},
    "steps": {"type": ["integer", "string"], **_text_of(STEPS, LENGTH_IN_STEPS, arithmetic())},
    "interval": {
        "type": "string",
        "examples": ["epoch", "step", "500 steps"],
        **_text_of("epoch, step, or a length such as 500 steps,", "epoch", "step", INTERVAL),
    },
    "lr_lambda": _function(
        "An expression of t, T, n, N, epoch and step, such as 0.95 ** t,", "t", "T", "n", "N", "epoch", "step"
    ),
    "scale_fn": _function("An expression of x, such as 0.5 ** (x - 1),", "x"),
    "position": _POSITION,
    "position or end": _POSITION_OR_END,
}
"""Shared definitions, by the name that `$ref` uses."""

METRIC = _function("An expression of epoch and step, such as 1 / (epoch + 1),", "epoch", "step")
FROM: Schema = {"type": ["number", "string"], "minimum": 0, **_text_of("base, or a number,", "base", arithmetic())}

DEFINITIONS["numbers"] = _listed("number", "array")
DEFINITIONS["lr_lambdas"] = _listed("lr_lambda", "array", "object")


# --- arguments -----------------------------------------------------------------------------------------------


def of_argument(argument: Argument, number: str = "number") -> Schema:
    """The schema and description of one argument of the catalogue; `number` names the definition of a number."""
    shape = _shape(argument, number)
    if argument.nullable:
        shape = _or_nothing(shape)
    default = argument.default
    told = {} if argument.required or default is None else {"default": _plain(default)}
    return {"description": describe(argument), **told, **shape}


def describe(argument: Argument) -> str:
    """The description of an argument in sentences: meaning, unit, range, default."""
    parts = [argument.meaning[:1].upper() + argument.meaning[1:]]
    if argument.kind == "calls":
        parts.append("Calls of scheduler.step(), or a duration such as 5 epochs, 500 steps, 10%")
    elif argument.unit:
        parts.append(f"Unit: {argument.unit}")
    if argument.many == "groups":
        parts.append("One for all param groups, or a list with one for each")
    if argument.range_text:
        parts.append(argument.range_text.capitalize())
    if argument.own_length:
        parts.append("Left out in a phase: as long as the phase")
        if argument.required or argument.default is None:
            parts.append("Left out elsewhere: the length of the run (not inside a SequentialLR)")
    if not argument.required and argument.default is not None:
        default = _plain(argument.default)
        parts.append(f"Default: {str(default).lower() if isinstance(default, bool) else default}")
    return ". ".join(parts) + "."


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def _range(argument: Argument) -> Schema:
    limits = {
        "minimum": argument.low,
        "maximum": argument.high,
        "exclusiveMinimum": argument.above,
        "exclusiveMaximum": argument.below,
    }
    return {keyword: limit for keyword, limit in limits.items() if limit is not None}


def _shape(argument: Argument, number: str) -> Schema:
    if argument.kind == "flag":
        return {"type": "boolean"}
    if argument.kind == "choice":
        return {"enum": list(argument.choices)}
    if argument.kind == "text":
        return {"type": "string"} if argument.many is None else {"type": "array", "items": {"type": "string"}}
    if argument.kind == "function":
        return {"allOf": [ref("lr_lambdas" if argument.many == "groups" else "scale_fn")]}
    if argument.kind in ("any", "schedulers"):
        return {}
    one = {each: each for each in ("whole", "calls", "steps", "interval")}.get(argument.kind, number)
    limits = _range(argument)
    if argument.many is None:
        return {**limits, "allOf": [ref(one)]}
    if argument.many == "groups":
        return {**limits, "items": limits, "allOf": [ref("numbers")]}
    member = {**limits, "allOf": [ref(one)]}
    if argument.many == "list":
        return {"type": "array", "items": member}
    count = {"minItems": argument.many, "maxItems": argument.many}
    return {"type": "array", "items": _or_nothing(member) if argument.nullable else member, **count}


def _or_nothing(shape: Schema) -> Schema:
    if "enum" in shape:
        return {"enum": [*shape["enum"], None]}
    if isinstance(shape.get("type"), str):
        return shape if shape["type"] == "array" else {**shape, "type": [shape["type"], "null"]}
    return {"anyOf": [shape, {"type": "null"}]}
