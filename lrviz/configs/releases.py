"""Reads a config as every release of its program that accepts it, and decides which one counts where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Plan
from lrviz.configs.facts import Given
from lrviz.configs.session import RefusedError, Session, Version, version_of
from lrviz.configs.words import as_node
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.schedule.imported import Imported
from lrviz.schedule.text.document import Node
from lrviz.words import show

MAX_RELEASES = 200
"""Combinations of releases that are tried."""

OLDEST: Version = ()


@dataclass(frozen=True)
class Reading:
    """A config in our words: `root` is the document, `remarks` what was said on the way."""

    root: Node
    imported: Imported
    remarks: Sequence[Problem]


class _Tried(NamedTuple):
    """What one combination of releases made of a config: a plan, or the problem for which it refuses the file."""

    releases: Mapping[str, Version]
    session: Session
    plan: Plan | None
    refused: Problem | None


def read(dialect: Dialect, root: Node, session_of: Callable[[Mapping[str, Version]], Session], given: Given) -> Reading:
    """The reading that counts. `session_of` starts one as given releases.

    Raises `ScheduleError` with every problem of the config, and with a question for every fact that is missing, a
    release included where releases differ.
    """
    tried = _explore(dialect, root, session_of)
    accepted = [each for each in tried if each.refused is None]
    if not accepted:
        raise ScheduleError([each.refused for each in tried if each.refused is not None][-1:])
    chosen, decided, remarks = _choose(dialect, root, tried, accepted, given)
    session, plan = chosen.session, chosen.plan
    if session.problems:
        raise ScheduleError(session.problems)
    questions = {name: each for one in accepted for name, each in one.session.questions.items()}
    asked = [_question(name, each.fact.meaning, each.where) for name, each in questions.items()]
    if decided is None:
        asked += _which_release(root, accepted, summaries=not questions)
    if asked:
        raise ScheduleError(_with_line(asked, {name: each.fact.example for name, each in questions.items()}, given))
    assert plan is not None
    return Reading(
        as_node(plan.document, root.where),
        Imported(
            dialect=dialect.name,
            program=dialect.title_of(Config(root, session)) if dialect.title_of is not None else dialect.title,
            file=root.where.file,
            summary=plan.summary,
            decided=decided or "",
            values=tuple(session.used.values()),
            document=plan.document,
            lost=plan.lost,
            files=tuple(dict.fromkeys(session.reach.opened)),
        ),
        [*dict.fromkeys(session.remarks), *remarks],
    )


# --- reading as each release ---------------------------------------------------------------------------------------


def _explore(dialect: Dialect, root: Node, session_of: Callable[[Mapping[str, Version]], Session]) -> list[_Tried]:
    """One reading for each combination of releases between which the dialect found a difference; the newest last.

    A release stands for all from it up to the next difference.
    """
    boundaries: dict[str, set[Version]] = {}
    done: dict[tuple[tuple[str, Version], ...], _Tried] = {}
    while True:
        packages = sorted(boundaries)
        steps = product(*([OLDEST, *sorted(boundaries[name])] for name in packages))
        combinations = [tuple(zip(packages, each, strict=True)) for each in steps]
        new = [each for each in combinations if each not in done]
        if not new or len(combinations) > MAX_RELEASES:
            return [done[each] for each in combinations if each in done]
        for combination in new:
            done[combination] = _try(dialect, root, session_of(dict(combination)))
            for package, versions in done[combination].session.asked.items():
                boundaries.setdefault(package, set()).update(map(version_of, versions))


def _try(dialect: Dialect, root: Node, session: Session) -> _Tried:
    try:
        plan = dialect.read(Config(root, session))
    except RefusedError as refused:
        return _Tried(session.releases, session, None, refused.problem)
    except ScheduleError as error:
        session.problems += error.problems
        plan = None
    except (ArithmeticError, LookupError, ValueError):
        if not session.problems and not session.questions:  # else a stand-in does not fit, which nobody sees
            raise
        plan = None
    return _Tried(session.releases, session, plan, None)


# --- which one counts ----------------------------------------------------------------------------------------------


def _choose(
    dialect: Dialect, root: Node, tried: Sequence[_Tried], accepted: Sequence[_Tried], given: Given
) -> tuple[_Tried, str | None, list[Problem]]:
    """The reading that counts, what decided about it (None where the user has to), and a warning if the release that
    the user has refuses the file."""
    packages = sorted({name for each in tried for name in each.session.asked})
    said = {name: _release(name, given.data[name]) for name in packages if name in given.data}
    installed = _installed(packages) if given.installed else {}
    versions = {name: said.get(name) or installed.get(name) for name in packages}
    ours = _nearest(tried, {name: version_of(text) for name, text in versions.items() if text})
    named = {name: f"{name} {text}{'' if name in said else ' (installed)'}" for name, text in versions.items() if text}
    words = ", ".join(named.values())
    remarks: list[Problem] = []
    usable = accepted
    if ours and all(each.refused is not None for each in ours) and any(versions.values()):
        problem = ours[-1].refused
        assert problem is not None
        others = "releases that take it" if len(accepted) > 1 else "a release that takes it"
        if not _same(accepted, root):
            others = f"the newest that takes it, {_span(accepted[-1], tried)}"
        remarks.append(
            problem._replace(
                message=f"{_refusing(ours[-1], named, accepted)} refuses this file: {problem.message}; "
                f"the curve is that of {others}",
                severity="warning",
                code="refused",
            )
        )
    elif ours:
        usable = [each for each in ours if each.refused is None]
    if _same(accepted, root):
        return usable[-1], "", remarks
    if remarks:
        return accepted[-1], _span(accepted[-1], tried), remarks
    if _same(usable, root) and len(usable) < len(accepted):
        return usable[-1], words, remarks
    if given.installed and not words and tried[-1].refused is None:
        return tried[-1], _newest(tried, root), [*remarks, _differs(packages, accepted, root)]
    return accepted[-1], None, remarks


def _refusing(one: _Tried, named: Mapping[str, str], accepted: Sequence[_Tried]) -> str:
    """The package that refuses a file: the one of which another release would take it. All, if none does alone."""
    alone = [
        text
        for name, text in named.items()
        if any({**each.releases, name: ()} == {**one.releases, name: ()} for each in accepted)
    ]
    return ", ".join(alone or named.values())


def _release(package: str, node: Node) -> str:
    """The text of a release that the user gives. Raises `ScheduleError` for what is none: 5.10 is not 5.1."""
    where, value = node.where, node.value
    if isinstance(value, float):
        message = f"{package} must be text, because 5.1 and 5.10 are two releases (got the number {show(value)})"
        raise ScheduleError.at(where, message, "write it in quotes, with all of its digits")
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value)[:1].isdecimal():
        raise ScheduleError.at(where, f"{package} must be a release (got {show(node.plain())})", "such as 5.23")
    return str(value)


def _newest(tried: Sequence[_Tried], root: Node) -> str:
    """What a reading as the newest releases stands for: `transformers 4.52 or later`."""
    newest = tried[-1]
    names = []
    for package in newest.releases:
        others = [each for each in tried if {**each.releases, package: OLDEST} == {**newest.releases, package: OLDEST}]
        alike = newest
        for each in sorted(others, key=lambda one: one.releases[package], reverse=True):
            if each.refused is not None or not _same([each, newest], root):
                break
            alike = each
        if alike.releases[package] != OLDEST:
            names.append(f"{package} {_text(alike.releases[package])} or later")
    return ", ".join(names)


def _span(one: _Tried, tried: Sequence[_Tried]) -> str:
    """The releases that a reading stands for, up to the next difference: `transformers 5.0 to before 5.15`."""
    spans = []
    for name, since in one.releases.items():
        until = min((each.releases[name] for each in tried if each.releases[name] > since), default=None)
        begins = [_text(since)] if since else []
        ends = [f"before {_text(until)}"] if until is not None else []
        spans.append(f"{name} {' to '.join(begins + ends)}")
    return ", ".join(spans)


def _text(version: Version) -> str:
    return ".".join(map(str, version if len(version) > 1 else (*version, 0)))


def _differs(packages: Sequence[str], accepted: Sequence[_Tried], root: Node) -> Problem:
    """A note that older releases read the file differently, with what they make of it."""
    differ = "; ".join(difference for name in packages if (difference := _difference(name, accepted, root)))
    hint = " ".join(f"--data {name}=VERSION" for name in packages)
    message = f"releases differ on this file ({differ}), and none is installed here; the curve is that of the newest"
    return Problem(root.where, message, f"if yours is older, say {hint}", "note", "releases-differ")


def _installed(packages: Sequence[str]) -> dict[str, str]:
    from importlib import metadata  # takes longer than reading a config

    found = {}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _nearest(tried: Sequence[_Tried], versions: Mapping[str, Version]) -> list[_Tried]:
    """Those that stand for these releases: of each package the newest one that is not newer."""
    found = list(tried)
    for package, version in versions.items():
        older = [each.releases.get(package, OLDEST) for each in found if each.releases.get(package, OLDEST) <= version]
        newest = max(older, default=OLDEST)
        found = [each for each in found if each.releases.get(package, OLDEST) == newest]
    return found


def _same(tried: Sequence[_Tried], root: Node) -> bool:
    """True if all of these read the file alike."""
    documents = [as_node(each.plan.document, root.where).plain() for each in tried if each.plan is not None]
    return all(each == documents[0] for each in documents[1:])


# --- what is asked -------------------------------------------------------------------------------------------------


def _question(name: str, meaning: str, where: Position) -> Problem:
    return Problem(where, f"the curve depends on `{name}`, which this file does not say: {meaning}")


def _which_release(root: Node, accepted: Sequence[_Tried], *, summaries: bool) -> Iterator[Problem]:
    """A question for each package whose releases differ, with what each makes of the file.

    Without `summaries` only the releases are named: where facts are missing, the rest follows from stand-ins.
    """
    for package in sorted({name for each in accepted for name in each.session.asked}):
        difference = _difference(package, accepted, root, summaries=summaries)
        if difference:
            yield _question(package, f"the release of {package}, since they differ ({difference})", root.where)


def _difference(package: str, accepted: Sequence[_Tried], root: Node, *, summaries: bool = True) -> str:
    """What the releases of a package make of a file: `before 4.52: ...; from 4.52: ...`; empty if it is the same."""
    made: dict[Version, list[Any]] = {}
    told: dict[Version, str] = {}
    for each in sorted(accepted, key=lambda one: one.releases.get(package, OLDEST)):
        version = each.releases.get(package, OLDEST)
        plan = each.plan
        made.setdefault(version, []).append(as_node(plan.document, root.where).plain() if plan is not None else None)
        told[version] = plan.summary if plan is not None else ""
    kinds: list[Version] = []
    for version in made:
        if not kinds or made[kinds[-1]] != made[version]:
            kinds.append(version)
    if len(kinds) < 2:
        return ""
    parts = []
    for index, since in enumerate(kinds):
        same = index and told[since] == told[kinds[index - 1]]
        when = f"from {_text(since)}" if since else f"before {_text(kinds[1])}"
        parts.append(f"{when}: {'another curve' if same else told[since]}" if summaries else when)
    return "; ".join(parts)


def _with_line(asked: Sequence[Problem], examples: Mapping[str, str], given: Given) -> list[Problem]:
    """The questions, with what to add as their hint: a line to paste, or keys of a file of ours."""
    packages = [each.message.split("`")[1] for each in asked[len(examples) :]]
    plain = [f"{name}={example}" for name, example in examples.items() if name != "metric"]
    plain += [f"{package}=VERSION" for package in packages]
    if not given.installed:
        facts = ", ".join(each.replace("=", ": ").replace("VERSION", '"VERSION"') for each in plain)
        hints = [f"add data: {{{facts}}} under `config`"] if plain else []
        if "metric" in examples:
            file, _, column = examples["metric"].rpartition(":")
            hints.append(f"add metric: {{file: {file}, column: {column}}} beside `config`")
        return [each._replace(hint=f"{' and '.join(hints)}, with your values") for each in asked]
    options = [",".join(plain)] if plain else []
    options += [f"metric={examples['metric']}"] if "metric" in examples else []
    hint = f"add {' '.join(f'--data {each}' for each in options)}, with your values"
    return [each._replace(hint=hint) for each in asked]
