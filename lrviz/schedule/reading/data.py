"""The key `data`: the data set and how it is batched -> `Data`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lrviz.errors import Problems
from lrviz.run import Data
from lrviz.schedule.catalogue import DATA
from lrviz.schedule.reading.fields import check
from lrviz.schedule.text.document import Node
from lrviz.words import show

EXAMPLE = "data: {samples: 50000, batch_size: 128}"


def read_data(node: Node | None, problems: Problems) -> Data | None:
    """The data of a run; None if there is none, or if something in it is wrong."""
    if node is None:
        return None
    if not node.is_mapping:
        problems.at(node, f"data must be a mapping (got {show(node.value)})", EXAMPLE)
        return None
    known = len(problems)
    given = check(node, DATA, problems)
    if given is None:
        return None
    for one, other, what in _TWICE:
        if one in given and other in given:
            where = max(node.value[one].key.where, node.value[other].key.where)
            problems.at(where, f"`{one}` and `{other}` both say {what}; keep one of them")
    for name, hint in () if len(problems) > known else _missing(given):
        problems.at(node, f"{name} is missing", hint)
    if len(problems) > known:
        return None
    data = Data(**given)
    if data.batches == 0:
        problems.at(node, f"drop_last leaves no batch: {_too_few(data)}")
        return None
    return data


def says_size(node: Node | None) -> bool:
    """True if `data` says how large the data set is, from which the steps of an epoch follow."""
    return node is not None and node.is_mapping and ("samples" in node.value or "tokens" in node.value)


_TWICE = (
    ("samples", "tokens", "how large the data set is"),
    ("tokens_per_step", "sequence_length", "how many tokens a step takes"),
)


def _missing(given: Collection[str]) -> Iterator[tuple[str, str]]:
    """What `data` lacks for what it says to have a meaning, with a hint."""
    batched = "batch_size" in given
    of_a_batch = [name for name in ("devices", "accumulate") if name in given]
    if not batched and "tokens_per_step" in given and "samples" not in given:
        if of_a_batch:
            name = of_a_batch[0]
            yield (
                "batch_size",
                f"tokens_per_step counts all devices and batches; without a batch_size, leave `{name}` out",
            )
    elif not batched and {"samples", "sequence_length", *of_a_batch} & {*given}:
        yield "batch_size", "batch_size: batch of one device"
    if "tokens" in given and not {"tokens_per_step", "sequence_length"} & {*given}:
        yield "tokens_per_step", "tokens_per_step: tokens of one optimizer step, or sequence_length and batch_size"
    if not {"samples", "tokens", "batch_size", "tokens_per_step", "sequence_length", *of_a_batch} & {*given}:
        yield "samples", EXAMPLE
    elif "drop_last" in given and not {"samples", "tokens"} & {*given}:
        yield "samples", "drop_last has a meaning only with `samples` or `tokens`, the size of the data set"


def _too_few(data: Data) -> str:
    if data.samples is not None:
        return f"{data.samples} samples are fewer than one batch of {data.batch_size} x {data.devices}"
    if data.tokens_per_step is not None:
        return f"{data.tokens} tokens are fewer than one step of {data.tokens_per_step}"
    return (
        f"{data.tokens} tokens are fewer than one batch of {data.batch_size} x {data.devices} samples of "
        f"{data.sequence_length}"
    )
