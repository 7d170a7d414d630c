"""Suggestions: what somebody most likely meant, and silence where nobody can know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrviz.schedule.catalogue import DATA, OPTIMIZERS, SCHEDULE, SCHEDULERS, Entry
from lrviz.schedule.expect import EXPECT
from lrviz.schedule.reading.fields import ALIASES
from lrviz.schedule.text.suggest import did_you_mean, suggest

SCHEDULER_ALIASES = {alias: entry.name for entry in SCHEDULERS.values() for alias in entry.aliases}
ENTRIES = [*SCHEDULERS.values(), *OPTIMIZERS.values(), DATA, EXPECT, SCHEDULE]


def slips(name: str) -> Iterator[str]:
    """Every letter left out, every two neighbours swapped, every letter replaced, a letter too many anywhere."""
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]
        yield name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
        yield name[:at] + "x" + name[at + 1 :]
        yield name[:at] + "x" + name[at:]


def spellings(name: str) -> list[str]:
    return [name.lower(), name.upper(), "_".join(name), " ".join(name.lower()), f"-{name}-"]


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_scheduler_is_found_from_any_slip_of_one_key_and_in_any_case(name: str) -> None:
    assert {suggest(wrong, SCHEDULERS, SCHEDULER_ALIASES) for wrong in [*slips(name), *spellings(name)]} == {name}


@pytest.mark.parametrize(("alias", "name"), SCHEDULER_ALIASES.items())
def test_a_scheduler_is_found_from_what_people_call_it(alias: str, name: str) -> None:
    assert {suggest(wrong, SCHEDULERS, SCHEDULER_ALIASES) for wrong in [alias, *spellings(alias)]} == {name}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_argument_is_found_from_any_slip_of_one_key(entry: Entry) -> None:
    names = [argument.name for argument in entry.arguments]
    for name in names:
        assert suggest(name.upper(), names, ALIASES) == name
        if len(name) > 3:
            assert {suggest(wrong, names, ALIASES) for wrong in slips(name) if wrong not in names} == {name}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("cosin", "CosineAnnealingLR"),
        ("CosineLR", "CosineAnnealingLR"),
        ("cosine_annealing", "CosineAnnealingLR"),
        ("OneCycle", "OneCycleLR"),
        ("reduce_lr_on_plateau", "ReduceLROnPlateau"),
        ("Multi-Step", "MultiStepLR"),
        ("cyc", "CyclicLR"),
        ("CosineAnnealingWarmupRestarts", "CosineAnnealingWarmRestarts"),
    ],
)
def test_a_shorter_or_older_name_leads_to_torchs(wrong: str, right: str) -> None:
    assert suggest(wrong, SCHEDULERS, SCHEDULER_ALIASES) == right


@pytest.mark.parametrize("wrong", ["", "x", "foo", "xyzzy", "Adam", "AdamW", "optimizer", "none", "42", "日本"])
def test_nothing_is_suggested_for_what_is_like_nothing(wrong: str) -> None:
    assert suggest(wrong, SCHEDULERS, SCHEDULER_ALIASES) is None


@pytest.mark.parametrize(
    ("entry", "wrong", "right"),
    [
        ("CosineAnnealingLR", "min_lr", "eta_min"),
        ("CosineAnnealingLR", "T_Max", "T_max"),
        ("CosineAnnealingLR", "eta_mim", "eta_min"),
        ("LinearLR", "warmup_steps", "total_iters"),
        ("LinearLR", "start", "start_factor"),
        ("ExponentialLR", "decay_rate", "gamma"),
        ("MultiStepLR", "steps", "milestones"),
        ("StepLR", "steps", "step_size"),
    ],
)
def test_an_alias_counts_only_where_its_argument_exists(entry: str, wrong: str, right: str) -> None:
    assert suggest(wrong, (argument.name for argument in SCHEDULERS[entry].arguments), ALIASES) == right


def test_a_name_counts_before_an_alias_that_is_spelt_like_it() -> None:
    assert suggest("Min-LR", ["eta_min", "min_lr"], {"min_lr": "eta_min"}) == "min_lr"


def test_without_a_suggestion_the_hint_names_what_there_is() -> None:
    assert did_you_mean("gama", ["step_size", "gamma"]) == "did you mean gamma?"
    assert did_you_mean("xyzzy", ["step_size", "gamma"]) == "valid names are step_size, gamma"
    assert did_you_mean("xyzzy", ["gamma"]) == "the only valid name is gamma"
    assert did_you_mean("xyzzy", []) == ""
