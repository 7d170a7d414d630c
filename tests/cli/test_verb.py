"""What verbs share is the same in all of them, and the names of choices are those of the registries."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args

import pytest
import typer

from lrviz.checks.report import FORMATS as REPORT_FORMATS
from lrviz.cli import options
from lrviz.cli.main import app
from lrviz.cli.sources import Selection
from lrviz.cli.streams import Notes
from lrviz.cli.verb import SHARED, OneOf, reads_schedules
from lrviz.render.style import FORMATS, PALETTES, Values
from lrviz.run import By, Clock

VERBS: dict[str, Callable[..., None]] = {
    info.callback.__name__: info.callback for info in app.registered_commands if info.callback
}
WITHOUT = {
    "at": {"files"},
    "diff": {"files"},
    "review": {"files", "stdin_filename"},
    "explain": {"engine"},
    "import_": {"engine"},
    "resume": {"engine"},
    "train": {"engine"},
}
"""What a verb that reads schedules does not have: `at`, `diff` and `review` name their files themselves."""

READING = [name for name in VERBS if name not in ("schedulers", "init", "schema")]


@pytest.mark.parametrize("name", READING)
def test_every_verb_that_reads_schedules_has_what_they_share_in_one_order(name: str) -> None:
    order = [
        "files", "epochs", "steps", "stretch", "keep_warmup", "only", "set", "data", "from_", "override", "engine",
        "allow_path", "stdin_filename", "trust", "quiet", "verbose",
    ]  # fmt: skip
    wanted = [each for each in order if each not in WITHOUT.get(name, ())]
    parameters = inspect.signature(VERBS[name]).parameters
    assert [each for each in parameters if each in ("files", *SHARED)] == wanted
    defaults = {each: parameters[each].default for each in SHARED if each in wanted}
    assert defaults == {each: default for each, (_, default) in SHARED.items() if each in wanted}


@pytest.mark.parametrize(
    ("verb", "option", "names"),
    [
        ("check", "format", REPORT_FORMATS),
        ("plot", "format", [*FORMATS, "html"]),
        ("plot", "theme", PALETTES),
        ("plot", "y", get_args(Values)),
        ("plot", "x", get_args(Clock)),
        ("table", "by", get_args(By)),
    ],
)
def test_the_names_of_a_choice_are_those_of_its_registry(verb: str, option: str, names: Any) -> None:
    kind, _ = get_args(inspect.signature(VERBS[verb]).parameters[option].annotation)
    literal = next((each for each in get_args(kind) if get_args(each)), kind)
    assert list(get_args(literal)) == list(names)


# --- the decorator itself ------------------------------------------------------------------------------------


CALLS: list[tuple[Any, ...]] = []


@reads_schedules(without="engine")
def made(
    before: Annotated[str, typer.Argument()],
    selection: Selection,
    notes: Notes,
    kind: Annotated[str | None, typer.Option("--kind"), OneOf(lambda: ("a", "b"))] = None,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", help="Another help.")] = False,
    color: options.ColorOption = options.Color.auto,
) -> None:
    """A verb."""
    CALLS.append((before, selection, notes.quiet, notes.verbose, kind, verbose, color))


def test_files_stand_where_the_selection_does_and_keyword_only_parameters_come_last() -> None:
    assert list(inspect.signature(made).parameters) == [
        "before", "files", "kind", "epochs", "steps", "stretch", "keep_warmup", "only", "set", "data", "from_",
        "override", "allow_path", "stdin_filename", "trust", "quiet", "verbose",
        "color",
    ]  # fmt: skip
    assert (made.__name__, made.__doc__) == ("made", "A verb.")


def test_a_verb_is_called_with_what_its_options_select() -> None:
    CALLS.clear()
    runner = typer.Typer()
    runner.command()(made)
    words = ["x", "s.yaml", "t.yaml", "--epochs", "3", "--only", "a*", "--set", "g=1", "--trust", "--verbose"]
    words += ["--allow-path", "runs"]
    runner([*words, "--kind", "b", "-q"], standalone_mode=False)
    selection = Selection(["s.yaml", "t.yaml"], "3", None, ["a*"], "auto", True, ["g=1"], ["runs"])
    assert [("x", selection, True, False, "b", True, options.Color.auto)] == CALLS
    with pytest.raises(Exception, match="'c' is not one of 'a', 'b'"):
        runner(["x", "--kind", "c"], standalone_mode=False)
