"""The options that verbs share, each defined once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

import typer

from lrviz.number import NumberError
from lrviz.words import show


def whole_number(text: str | int, least: int = 1) -> int:
    """A whole number of at least `least`, written as in a file: `100`, `1e6`. (Typer also passes the default through.)

    None is larger than `MAX_COUNT`, with which arrays can still count.
    """
    from lrviz.schedule.text.document import resolve

    try:
        value = resolve(str(text))
    except NumberError as error:
        raise typer.BadParameter(str(error)) from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= MAX_COUNT or value % 1:
        whole = f"a whole number of at least {least:,}"
        if least == -MAX_COUNT or (isinstance(value, int | float) and value > MAX_COUNT):
            whole = f"a whole number from {least:,} to {MAX_COUNT:,}"
        raise typer.BadParameter(f"{show(text)} is not {whole}")
    return int(value)


def any_whole_number(text: str | int) -> int:
    """The same for any sign."""
    return whole_number(text, -MAX_COUNT)


MAX_COUNT = 10**17
"""The largest whole number of an option."""

TextFormat: TypeAlias = Literal["text", "json"]
TableFormat: TypeAlias = Literal["table", "csv", "json", "markdown"]


class Color(StrEnum):
    """When output is coloured, the choices of `--color`."""

    auto = "auto"
    always = "always"
    never = "never"


Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILES",
        help="Schedule files, or configs of other programs; a folder means the *.yaml and *.yml in and below it, "
        "- is standard input, train.yaml#trainer.schedule a schedule inside of a larger file. "
        "Without any: schedule.yaml, schedule.yml or lrviz.yaml here, else lrviz's own starter.",
        show_default=False,
    ),
]
Epochs = Annotated[
    str | None,
    typer.Option(
        "--epochs", metavar="N", help="Length of every run in epochs, in place of the file's.", show_default=False
    ),
]
Steps = Annotated[
    str | None,
    typer.Option(
        "--steps",
        metavar="N",
        help="Length of every run in optimizer steps (or 3.2T tokens, as in a file), in place of the file's.",
        show_default=False,
    ),
]
Stretch = Annotated[
    str | None,
    typer.Option(
        "--stretch",
        metavar="FACTOR",
        help="The whole plan at another length, 2 or 1/3: the run, and each length, milestone and decay in it.",
        show_default=False,
    ),
]
KeepWarmup = Annotated[
    bool, typer.Option("--keep-warmup", help="With --stretch: the warmup keeps its length, the rest fills the run.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only", metavar="GLOB", help="Only schedules with a matching name (repeatable).", show_default=False
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value, by its path or bare name: optimizer.lr=0.3, gamma=0.5. "
        "Several values, gamma=0.1,0.5, make one schedule each (repeatable).",
        show_default=False,
    ),
]
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="NAME=VALUE",
        help="What another program's config does not say: samples=52002,devices=8 (repeatable). "
        "In a file of ours it sets data.NAME.",
        show_default=False,
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="NAME",
        help="Which program's config the files are, where that is not certain; lrviz import --list names them.",
        show_default=False,
    ),
]
Override = Annotated[
    list[str] | None,
    typer.Option(
        "--override",
        metavar="TEXT",
        help="What that program's own command line was given, such as trainer=gpu or --trainer.max_epochs 3 "
        "(repeatable).",
        show_default=False,
    ),
]
Engine = Annotated[
    Literal["auto", "torch"],
    typer.Option("--engine", help="auto: torch's scheduler source alone if sure to be exact; torch: all of torch."),
]
Trust = Annotated[bool, typer.Option("--trust", help="Let a file run schedulers that are not torch's own.")]
AllowPath = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-path",
        metavar="DIR",
        help="Let a file name files in this folder too, outside of its project (repeatable).",
        show_default=False,
    ),
]
StdinFilename = Annotated[
    str | None,
    typer.Option(
        "--stdin-filename",
        metavar="NAME",
        help="The name of standard input (-) in messages, and the place from which it names files.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No notes on standard error, only errors.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show what was read and how it was run.")]
ColorOption = Annotated[Color, typer.Option("--color", help="Colour: on a terminal, always or never.")]
