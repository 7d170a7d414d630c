"""Every schedule under the scheduler source of each release of torch: the same bits as today, or a known change.

Off by default, because the sources have to be fetched (a gigabyte of wheels passes through):

    python tests/engine/fetch_torch.py FOLDER
    LRVIZ_TORCH_SOURCES=FOLDER pytest -n 0 -m torch_versions --renew

The last line of both writes what was found into `docs/versions.md`; without `--renew` it is compared.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
import torch
from fetch_torch import RELEASES
from helpers.gallery import Gallery
from helpers.golden import Golden
from many_schedules import drawn_texts, loop_texts, phase_texts
from torch_changes import CHANGES, VERBOSE_UNTIL, minor

from lrviz.curve import Curve
from lrviz.engine.backend import Backend, imported_backend, source_backend
from lrviz.engine.other_torch import other_torch
from lrviz.engine.simulate import simulate
from lrviz.engine.torch_source import load_file
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.catalogue import REQUIRED, SCHEDULERS
from lrviz.schedule.model import Schedule

PAGE = Path(__file__).parents[2] / "docs/versions.md"
SOURCES = os.environ.get("LRVIZ_TORCH_SOURCES", "")
DRAWN = 400

pytestmark = pytest.mark.torch_versions
if not SOURCES:
    pytest.skip("LRVIZ_TORCH_SOURCES names no folder of tests/engine/fetch_torch.py", allow_module_level=True)


# --- a release -------------------------------------------------------------------------------------------------


def place(release: str) -> Path:
    found = Path(SOURCES, release)
    assert found.is_dir(), f"not fetched: python tests/engine/fetch_torch.py {SOURCES}"
    return found


@cache
def schedulers(release: str) -> ModuleType:
    """The schedulers of a release under our stand-ins, SWALR too, which lives in another file of torch."""
    folder = other_torch(str(place(release))).folder
    module = load_file(folder / "optim/lr_scheduler.py", cached=False)
    assert module is not None, "the source needs more of torch than lrviz can stand in for"
    exec(compile(swalr(folder), "swa_utils.py", "exec"), vars(module))
    return module


def swalr(folder: Path) -> ast.Module:
    tree = ast.parse((folder / "optim/swa_utils.py").read_text(encoding="utf-8"))
    tree.body = [each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == "SWALR"]
    return tree


@cache
def code(release: str) -> str:
    """The source of a release without its comments."""
    folder = other_torch(str(place(release))).folder
    source = (folder / "optim/lr_scheduler.py").read_text(encoding="utf-8")
    return ast.dump(ast.parse(source)) + ast.dump(swalr(folder))


@pytest.mark.parametrize("release", RELEASES)
def test_the_source_is_that_of_the_release_and_has_the_classes_of_the_catalogue(release: str) -> None:
    assert other_torch(str(place(release))).version == release
    assert {*schedulers(release).__all__, "SWALR"} == {*SCHEDULERS, "LRScheduler"}


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("release", RELEASES)
def test_a_scheduler_takes_what_the_catalogue_says_with_the_same_defaults(release: str, name: str) -> None:
    taken = {
        each.name: REQUIRED if each.default is each.empty else each.default
        for each in inspect.signature(getattr(schedulers(release), name)).parameters.values()
        if each.name not in ("optimizer", "last_epoch")
    }
    verbose = taken.pop("verbose", None)
    assert verbose is None or minor(release) <= VERBOSE_UNTIL
    assert taken == {argument.name: argument.default for argument in SCHEDULERS[name].arguments}


# --- the schedules ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A schedule, and what it gives with the torch that is installed: a curve, or why it is refused."""

    kind: str
    schedule: Schedule
    outcome: Any


@pytest.fixture(scope="module")
def today(gallery: Gallery) -> list[Known]:
    found = [Known("the gallery", schedule, bits(curve)) for curves in gallery.values() for schedule, curve in curves]
    texts: list[tuple[str, str]] = [("loops", text) for _, text in loop_texts()]
    texts += [("drawn", text) for text in drawn_texts(Random(4), DRAWN)]
    texts += [("phases", text) for text in phase_texts(Random(4), DRAWN)]
    for kind, text in texts:
        try:
            (schedule,) = load_text(text, "case.yaml")
        except ScheduleError:
            continue  # lrviz itself refuses it
        found.append(Known(kind, schedule, outcome(schedule, imported_backend())))
    return found


def outcome(schedule: Schedule, backend: Backend) -> Any:
    """All the bits that a schedule gives, or that it is refused (in words that may change)."""
    try:
        return bits(simulate(schedule, backend=backend))
    except ScheduleError:
        return "refused"


def bits(curve: Curve) -> tuple[bytes, ...]:
    ends = [repr((curve.end_lr, curve.end_momentum)).encode()]
    return (*map(bytes, curve.columns), *map(bytes, curve.momentum_columns or ()), *ends)


Differs = Callable[[str], list[Known]]


@pytest.fixture(scope="module")
def differing(today: list[Known]) -> Differs:
    """Those that differ under a release."""

    @cache
    def find(release: str) -> list[Known]:
        first = next(each for each in RELEASES if code(each) == code(release))
        if first != release:
            return find(first)
        backend = source_backend(schedulers(release), f"torch {release}")
        return [each for each in today if outcome(each.schedule, backend) != each.outcome]

    return find


@pytest.mark.parametrize("release", RELEASES)
def test_a_schedule_is_the_same_to_the_last_bit_or_a_known_change_explains_it(release: str, differing: Differs) -> None:
    unexplained = [
        str(each.schedule.scheduler)
        for each in differing(release)
        if not any(change.explains(each.schedule, release) for change in CHANGES)
    ]
    assert unexplained == []


def test_each_known_change_explains_what_no_other_does(differing: Differs) -> None:
    for change in CHANGES:
        before = max((each for each in RELEASES if minor(each) < change.since), key=minor)
        alone = [
            each
            for each in differing(before)
            if [other for other in CHANGES if other.explains(each.schedule, before)] == [change]
        ]
        assert alone, change.what


def test_the_installed_release_gives_what_its_import_gives(differing: Differs) -> None:
    own = torch.__version__.partition("+")[0]
    assert [each for release in RELEASES if minor(release) == minor(own) for each in differing(release)] == []


# --- the page --------------------------------------------------------------------------------------------------

BEGIN, END = "<!-- begin: releases of torch -->\n", "<!-- end: releases of torch -->\n"


def test_the_page_says_what_was_found(today: list[Known], differing: Differs, golden: Golden) -> None:
    stored = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    when = str(date.today()) if golden.renew else stored.partition("On ")[2].partition(",")[0]
    lines = "".join(f"{line}\n" for line in page(today, differing, when))
    golden.same_part(PAGE, f"\n{lines}\n", BEGIN, END)


KINDS = {
    "the gallery": "recipes and examples of the gallery",
    "loops": "cases that tests compare with plain loops",
    "drawn": "random schedulers and compositions",
    "phases": "random schedules in phases",
}


def page(today: list[Known], differing: Differs, when: str) -> Iterator[str]:
    of_kind = Counter(each.kind for each in today)
    own = torch.__version__.partition("+")[0]
    yield f"On {when}, compared with the import of torch {own}; the same means every bit of every learning rate and"
    yield "momentum, or refused by both."
    yield ""
    yield f"| torch | loads | {' | '.join(KINDS.values())} | differs by |"
    yield f"| --- | --- |{' --- |' * len(KINDS)} --- |"
    for release in RELEASES:
        others = differing(release)
        cells = []
        for kind in KINDS:
            count = of_kind[kind] - sum(each.kind == kind for each in others)
            cells.append(f"all {count}" if count == of_kind[kind] else f"{count} of {of_kind[kind]}")
        why = [str(number) for number, change in enumerate(CHANGES, 1) if minor(release) < change.since]
        changes = f"change{'s' * (len(why) > 1)} {', '.join(why)}" if why else "nothing"
        yield f"| {release} | yes | {' | '.join(cells)} | {changes} |"
    yield ""
    yield "What torch changed:"
    yield ""
    for number, change in enumerate(CHANGES, 1):
        since = ".".join(map(str, change.since))
        yield f"{number}. Since {since}: {change.what}. It shows in {change.who}."
