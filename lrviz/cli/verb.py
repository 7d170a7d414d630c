"""Verbs that read schedules: each defines only its own options, and gets the shared ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import typer

from lrviz.cli import options

SHARED: dict[str, tuple[Any, Any]] = {
    "epochs": (options.Epochs, None),
    "steps": (options.Steps, None),
    "stretch": (options.Stretch, None),
    "keep_warmup": (options.KeepWarmup, False),
    "only": (options.Only, None),
    "set": (options.Set, None),
    "data": (options.Data, None),
    "from_": (options.From, None),
    "override": (options.Override, None),
    "engine": (options.Engine, "auto"),
    "allow_path": (options.AllowPath, None),
    "stdin_filename": (options.StdinFilename, None),
    "trust": (options.Trust, False),
    "quiet": (options.Quiet, False),
    "verbose": (options.Verbose, False),
}
"""The shared options with their defaults, in the order of `--help`."""


GIVEN = {"selection": "Selection", "notes": "Notes", "failures": "Failures", "config": "Config"}
"""The parameters of a verb that are no options, with their types."""


class OneOf(NamedTuple):
    """Beside a `typer.Option`: its value is one of these names, which are requested only when the option is made."""

    names: Callable[[], Iterable[str]]


def reads_schedules(*, without: str | Collection[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorates a verb that takes what it needs of `GIVEN` beside its own options.

    When it ends, its failures are said, and the status is the highest that it has earned.

    On the command line, the files stand where the verb has its selection. The shared options follow those of the verb;
    its keyword-only parameters come last, and may replace the help of a shared one. `without` is "files", or shared
    options, that the verb does not have.
    """
    return lambda verb: _Verb(verb, {without} if isinstance(without, str) else without)


class _Verb:
    """A verb as typer sees it. Its signature is made on demand: one command builds only one verb."""

    def __init__(self, verb: Callable[..., None], without: Collection[str]) -> None:
        self.__name__, self.__doc__, self.__module__ = verb.__name__, verb.__doc__, verb.__module__
        self.__annotations__: dict[str, Any] = {}
        self._verb = verb
        self._without = without

    @cached_property
    def __signature__(self) -> inspect.Signature:
        found = {name: (hint, default) for name, hint, default in self._parameters() if name not in self._without}
        keyword = inspect.Parameter.KEYWORD_ONLY  # typer takes them in this order, with or without a default
        return inspect.Signature(
            [
                inspect.Parameter(name, keyword, annotation=_typed(hint), default=default)
                for name, (hint, default) in found.items()
            ]
        )

    def _parameters(self) -> Iterator[tuple[str, Any, Any]]:
        """Options and arguments on the command line: name, type and default, in order; the last of a name counts."""
        own = inspect.signature(self._verb).parameters.values()
        hints = get_type_hints(self._verb, localns=dict.fromkeys(GIVEN.values(), Any), include_extras=True)
        last = [each for each in own if each.kind is each.KEYWORD_ONLY]
        for each in own:
            if each.name == "selection":
                yield "files", options.Files, None
            elif each.name not in GIVEN and each not in last:
                yield each.name, hints[each.name], each.default
        for name, (hint, default) in SHARED.items():
            yield name, hint, default
        for each in last:
            yield each.name, hints[each.name], each.default

    def __call__(self, **given: Any) -> None:
        from lrviz.cli.failures import Failures
        from lrviz.cli.sources import Selection
        from lrviz.cli.streams import Notes
        from lrviz.config import config_of

        selection = Selection(
            given.get("files") or (),
            given["epochs"],
            given["steps"],
            given["only"] or (),
            given.get("engine", "auto"),
            given["trust"],
            given["set"] or (),
            given["allow_path"] or (),
            given.get("stdin_filename") or "",
            data=given["data"] or (),
            program=given["from_"] or "",
            overrides=given["override"] or (),
            factor=given["stretch"],
            keep_warmup=given["keep_warmup"],
        )
        notes = Notes(given["quiet"], given["verbose"])
        failures = Failures()
        given |= {"selection": selection, "notes": notes, "failures": failures}
        wanted = inspect.signature(self._verb).parameters
        try:
            with failures.caught():
                config = config_of()
                if config.file:
                    notes.detail(f"lrviz: options from [tool.lrviz] in {config.file}")
                given |= {"config": config, "selection": selection._replace(ignore=config.ignore)}
                self._verb(**{name: given[name] for name in wanted if name in given})
        finally:
            failures.say()
        raise typer.Exit(int(failures.status))


def _typed(hint: Any) -> Any:
    """A type as typer reads it: a `OneOf` becomes a literal type."""
    if get_origin(hint) is not Annotated:
        return hint
    base, *rest = get_args(hint)
    choices = [each for each in rest if isinstance(each, OneOf)]
    if not choices:
        return hint
    literal = Literal[tuple(choices[0].names())]  # type: ignore[valid-type]
    (option,) = (each for each in rest if not isinstance(each, OneOf))
    return Annotated[literal | None if type(None) in get_args(base) else literal, option]
