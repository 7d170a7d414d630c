"""`lrviz schema`: what may I type?"""

from __future__ import annotations

from typing import Annotated

import typer

from lrviz.cli.output import standard_output
from lrviz.cli.writing import write_file
from lrviz.foreign import escaped


def schema(
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where to write; - is standard output."),
    ] = "-",
) -> None:
    """Print the JSON Schema of the schedule file, for editors.

    \b
    lrviz schema -o lrviz.schema.json     beside a file whose first line is
        # yaml-language-server: $schema=./lrviz.schema.json
    """
    import json

    from lrviz.schedule.schema.build import json_schema

    text = json.dumps(json_schema(), indent=2) + "\n"
    if output != "-":
        write_file(output, text.encode())
        text = f"{escaped(output)}\n"
    with standard_output():
        print(text, end="")
