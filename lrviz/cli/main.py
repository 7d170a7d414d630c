"""The command line: the verbs, and one way to end them all."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup
from typer.models import CommandInfo

from lrviz.cli.at import at
from lrviz.cli.check import check
from lrviz.cli.code import code
from lrviz.cli.diff import diff
from lrviz.cli.explain import explain
from lrviz.cli.failures import Failures
from lrviz.cli.import_ import import_
from lrviz.cli.init import init
from lrviz.cli.output import safe_streams, standard_output
from lrviz.cli.plot import plot
from lrviz.cli.resume import resume
from lrviz.cli.review import review
from lrviz.cli.schedulers import schedulers
from lrviz.cli.schema import schema
from lrviz.cli.solve import solve
from lrviz.cli.stats import stats
from lrviz.cli.status import Status
from lrviz.cli.table import table
from lrviz.cli.train import train
from lrviz.cli.when import when
from lrviz.foreign import escaped

EPILOG = """\
Exit status: 0 all is well; 1 a check failed; 2 the command or an input is wrong; 3 a fault of
lrviz itself; 130 interrupted; 143 terminated.

Environment: NO_COLOR and FORCE_COLOR switch colour; LRVIZ_DEBUG=1 shows the traceback of a fault.
"""


class _Verbs(TyperGroup):
    """The verbs, whose usage errors quote the command line and are therefore escaped."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        with _escaped_usage_errors():
            return super().make_context(*given, **more)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes each verb with the whole first sentence of its help, which click would cut to one line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.get_short_help_str(limit=1000)) for name, verb in self.commands.items()])

    def invoke(self, ctx: Any) -> Any:
        with _escaped_usage_errors():
            return super().invoke(ctx)


@contextmanager
def _escaped_usage_errors() -> Iterator[None]:
    try:
        yield
    except _UsageError as error:
        if type(error).__name__ != "NoArgsIsHelpError":  # its message is our own help
            error.message = _spoken(error.message)  # type: ignore[attr-defined]
        raise


def _spoken(message: str) -> str:
    """What typer says of a value, without its own words before it, and what to do for a spreadsheet."""
    said = escaped(message.removeprefix("Value error, "))
    if said.startswith(("'xls", "'ods'", "'excel'")):
        said = f"{said.rstrip('.')}; a spreadsheet opens what lrviz table --format csv prints"
    return said


_UsageError = cast("type[Exception]", typer.BadParameter.__base__)
"""The class is click's, or that of typer's own copy of click, by the version of typer."""

app = typer.Typer(
    name="lrviz",
    cls=_Verbs,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)


def _version(wanted: bool) -> None:
    if not wanted:
        return
    from lrviz import __version__
    from lrviz.engine.torch_source import torch_folder, torch_version, why_imported

    typer.echo(f"lrviz {__version__}")
    torch: str | None
    if torch_folder() is None:
        torch, engine = "is not installed", "none: pip install torch"
    elif why := why_imported():
        torch, engine = torch_version(), f"all of torch, imported: {why}"
    else:
        torch, engine = torch_version(), "torch's scheduler source alone, without importing torch"
    typer.echo(escaped(f"torch {torch or 'of an unknown version'}"))
    typer.echo(f"python {sys.version.split()[0]}")
    typer.echo(escaped(f"engine {engine}"))
    raise typer.Exit


@app.callback()
def lrviz(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Show the versions of lrviz, torch and Python, and what of torch is used.",
        ),
    ] = False,
) -> None:
    """See, compute and check PyTorch learning-rate schedules, with torch's own schedulers.

    \b
    lrviz plot schedule.yaml            saves schedule.png
    lrviz table schedule.yaml           prints the learning rate of every epoch
    lrviz check schedule.yaml           checks whether it does what it should
    lrviz table --epochs 30             shows lrviz's own starter file
    """


app.command()(plot)
app.command()(table)
app.command()(check)
app.command()(at)
app.command()(when)
app.command()(solve)
app.command()(stats)
app.command()(diff)
app.command()(review)
app.command()(explain)
app.command()(code)
app.command()(resume)
app.command()(train)
app.command("import")(import_)
app.command()(schedulers)
app.command()(init)
app.command()(schema)


def main() -> None:
    """Runs the command line and exits with a `Status`."""
    gc.disable()  # one command makes too little garbage to be worth collecting
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # for typer's pydantic: it would scan all packages
    failures = Failures()
    with safe_streams():
        with failures.caught():
            try:
                _only_what_is_asked()(prog_name="lrviz")
            except SystemExit as left:
                failures.at_least(Status(int(left.code or 0)))
            with standard_output():
                pass  # of what typer wrote
        failures.say()
    gc.freeze()
    sys.exit(int(failures.status))


def _only_what_is_asked() -> typer.Typer:
    """The app with only the verb that is run: typer would read the options of all, which takes longer than a file.

    Without a verb, as for `--help` and for completing their names, none needs its options.
    """
    words = sys.argv[1:]
    if "_LRVIZ_COMPLETE" in os.environ:
        words = os.environ.get("_TYPER_COMPLETE_ARGS", os.environ.get("COMP_WORDS", "")).split()[1:]
    verbs = {info.name or info.callback.__name__: info for info in app.registered_commands if info.callback}
    asked = copy(app)
    if words[:1] and words[0] in verbs:
        asked.registered_commands = [verbs[words[0]]]
    elif not set(words) & set(verbs):
        asked.registered_commands = [_without_options(info) for info in verbs.values()]
    return asked


def _without_options(info: CommandInfo) -> CommandInfo:
    def verb() -> None:
        """A placeholder for a verb that is not run."""

    assert info.callback is not None
    verb.__name__, verb.__doc__ = info.callback.__name__, info.callback.__doc__
    bare = copy(info)
    bare.callback = verb
    return bare
