"""Hypothesis strategies: schedulers with arguments from the catalogue's ranges, and compositions of them.

A drawn scheduler is plain data, as a file would hold it; `make` turns it into torch's objects by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from torch.optim import lr_scheduler as torch_lr
from torch.optim.swa_utils import SWALR

from lrviz.schedule.catalogue import SCHEDULERS, Argument

Data = dict[str, Any]

COMPOSITE = ("SequentialLR", "ChainedScheduler")
LEAVES = [name for name in SCHEDULERS if name not in COMPOSITE]
ON_SOURCE = [name for name in LEAVES if name != "SWALR"]
REFUSED_INSIDE = ("ReduceLROnPlateau", "OneCycleLR")
LARGEST = {"learning rate": 10.0, "factor": 3.0, "calls": 30, "epochs": 6, "exponent": 4.0, "metric": 1.0}


def value(argument: Argument) -> st.SearchStrategy[Any]:
    """One value inside of the argument's range."""
    if argument.kind == "flag":
        return st.booleans()
    if argument.kind == "choice":
        return st.sampled_from(argument.choices)
    low = argument.low if argument.low is not None else argument.above
    high = argument.high if argument.high is not None else argument.below
    low = 0.0 if low is None else low
    high = LARGEST.get(argument.unit, 3.0) if high is None else high
    if argument.kind in ("calls", "whole"):
        return st.integers(int(low), int(high))
    numbers = st.floats(
        low, high, exclude_min=argument.above is not None, exclude_max=argument.below is not None, allow_subnormal=False
    )
    edges = [edge for edge in (argument.low, argument.high, 1.0) if edge is not None and low <= edge <= high]
    edges = [edge for edge in edges if edge not in (argument.above, argument.below)]
    if argument.kind == "float":
        edges = [float(edge) for edge in edges]
    round_numbers = st.integers(1, 999).map(lambda thousandths: low + (high - low) * thousandths / 1000)
    return st.one_of(st.sampled_from(edges), round_numbers, numbers) if edges else st.one_of(round_numbers, numbers)


def values(argument: Argument, groups: int) -> st.SearchStrategy[Any]:
    """What a file may give the argument, with lists where it takes them."""
    single = value(argument)
    if argument.many == "groups":
        return st.one_of(single, st.lists(single, min_size=groups, max_size=groups))
    if argument.many == "list":
        return st.lists(single, max_size=4)
    return st.none() | single if argument.nullable else single


@st.composite
def leaf(draw: st.DrawFn, name: str, groups: int) -> Data:
    """A scheduler that holds no others; an argument with a default may be left out."""
    data: Data = {"type": name}
    for argument in SCHEDULERS[name].arguments:
        if argument.required or (argument.name == "total_steps" or draw(st.booleans())):
            data[argument.name] = draw(values(argument, groups))
    if name == "OneCycleLR":
        if data["total_steps"] is None:
            data |= {"epochs": draw(st.integers(1, 6)), "steps_per_epoch": draw(st.integers(1, 8))}
        data["total_steps"] = data["total_steps"] and data["total_steps"] + draw(st.integers(0, 20))
    return data


@st.composite
def composition(draw: st.DrawFn, groups: int, leaves: list[str], willing: bool, depth: int = 3) -> Data:
    """A composite with any schedulers inside of it; `willing` leaves out what torch is known to refuse."""
    name = draw(st.sampled_from(COMPOSITE))
    inside = [leaf(each, groups) for each in leaves if not (willing and each in REFUSED_INSIDE)]
    leaf_inside = st.one_of(inside)
    any_inside = leaf_inside
    if depth > 1:
        any_inside = st.one_of(leaf_inside, leaf_inside, composition(groups, leaves, willing, depth - 1))
    later = leaf_inside if willing and name == "SequentialLR" else any_inside
    children = [draw(any_inside), *draw(st.lists(later, max_size=3))]
    if name == "ChainedScheduler":
        return {"type": name, "schedulers": children}
    milestones = [draw(st.integers(0, 35)) for _ in children[1:]]
    return {"type": name, "schedulers": children, "milestones": draw(st.sampled_from([milestones, sorted(milestones)]))}


def text(data: Any) -> str:
    """The data as YAML, of which JSON is a part."""
    return json.dumps(data)


def make(data: Data) -> Callable[[Any], Any]:
    """What a training script writes for the data, children first."""

    def torch_object(optimizer: Any) -> Any:
        arguments = {name: given for name, given in data.items() if name not in ("type", "schedulers")}
        for name in ("lr_lambda", "scale_fn"):
            if isinstance(arguments.get(name), list):
                arguments[name] = [constant(factor) for factor in arguments[name]]
            elif arguments.get(name) is not None:
                arguments[name] = constant(arguments[name])
        if "schedulers" in data:
            arguments["schedulers"] = [make(child)(optimizer) for child in data["schedulers"]]
        cls = SWALR if data["type"] == "SWALR" else getattr(torch_lr, data["type"])
        if data["type"] == "ChainedScheduler":
            return cls(**arguments)
        return cls(optimizer, **arguments)

    return torch_object


def constant(factor: float) -> Callable[[int], float]:
    return lambda call: factor
