"""The rules of the house: imports go down only, and what is heavy is loaded only by the commands that need it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from textwrap import dedent

import pytest

import lrviz

HOUSE = Path(lrviz.__file__).parent
MODULES = {path.relative_to(HOUSE.parent).as_posix(): path for path in sorted(HOUSE.rglob("*.py"))}
ON_DEMAND = {"torch", "matplotlib", "plotly", "watchfiles", "tensorboard", "pandas", "sklearn", "scipy"}
ON_DEMAND |= {"lightning", "pytorch_lightning", "transformers", "accelerate"}
"""No module imports these at its top."""

HEAVY = ON_DEMAND | {"numpy"}

NUMPY_ON_DEMAND = {
    "lrviz/alike.py",
    "lrviz/curve.py",
    "lrviz/sketch.py",
    "lrviz/render/tables/catalogue.py",
    "lrviz/schedule/expect/extremes.py",
    "lrviz/schedule/expect/max_jump.py",
}
"""Modules that a table needs, or a list of schedulers, and that need numpy for more than that."""

DOORS: dict[str, set[str]] = {
    "--help": set(),
    "table FILE": set(),
    "table FILE --format json": set(),
    "at 50% FILE": set(),
    "when lr>0.01 FILE": set(),
    "schedulers": set(),
    "schedulers --format json": set(),
    "schema": set(),
    "init -o -": set(),
    "init --list": set(),
    "schedulers cosine": {"numpy"},
    "stats FILE": {"numpy"},
    "code FILE": set(),
    "explain FILE": {"numpy"},
    "check --rules": {"numpy"},
    "check FILE": {"numpy"},
    "solve optimizer.lr --target end=0 FILE": {"numpy"},
    "diff FILE FILE": {"numpy"},
    "plot FILE --terminal": {"numpy"},
    "plot FILE -o FOLDER/page.html": {"numpy", "plotly"},
    "plot FILE -o FOLDER/picture.svg": {"numpy", "matplotlib"},
    "resume --at 15 FILE": {"numpy", "torch"},
    "train FILE": {"numpy", "torch", "sklearn", "scipy"},
}
"""Which of `HEAVY` a command may load. They are run in this order, in one process."""

GROUND = {
    "address",
    "ansi",
    "foreign",
    "sketch",
    "errors",
    "files",
    "reach",
    "run",
    "number",
    "duration",
    "place",
    "words",
    "alike",
    "curve",
}
"""The ground floor: the clock, the arrays, tolerances and errors, which every room stands on."""

MAY_IMPORT = {
    "schedule": {"schedule", "arithmetic", *GROUND},
    "configs": {"configs", "schedule", *GROUND},
    "loading": {"loading", "configs", "schedule", *GROUND},
    "snapshot": GROUND,
    "shape": {"shape", "schedule", *GROUND},
    "gallery": {"gallery", "schedule", *GROUND},
    "engine": {"engine", "schedule", *GROUND},
    "checks": {"checks", "snapshot", "schedule", *GROUND},
    "log": {"log", "checks", "schedule", *GROUND},
    "calculator": {"calculator", "loading", "shape", "snapshot", "engine", "schedule", *GROUND},
    "training": {"training", "engine", "log", "checks", "snapshot", "schedule", *GROUND},
    "lessons": {"lessons", "training", "engine", "checks", "schedule", *GROUND},
    "checked": {"training", "log", "checks", "snapshot", "engine", "schedule", *GROUND},
    "review": {"review", "loading", "checked", "checks", "calculator", "engine", "schedule", *GROUND},
    "render": {
        "render",
        "lessons",
        "review",
        "training",
        "configs",
        "checks",
        "calculator",
        "shape",
        "gallery",
        "schedule",
        *GROUND,
    },
    "cli": {
        "cli",
        "review",
        "lessons",
        "training",
        "loading",
        "configs",
        "render",
        "checked",
        "config",
        "log",
        "checks",
        "calculator",
        "shape",
        "gallery",
        "snapshot",
        "engine",
        "schedule",
        *GROUND,
        "__version__",
    },
    "library": {
        "library",
        "training",
        "loading",
        "configs",
        "checked",
        "checks",
        "calculator",
        "engine",
        "schedule",
        *GROUND,
    },
    "trainers": {"trainers", "library", "schedule", *GROUND},
    "config": {"render", "schedule", *GROUND},
    "pytest_plugin": {"loading", "checked", "config", "checks", "engine", "schedule", *GROUND},
    "__main__": {"cli"},
    "__init__": {"library", "lessons", "training", "trainers", "checked", "calculator", "render", *GROUND},
    "address": set(),
    "ansi": set(),
    "foreign": set(),
    "errors": {"foreign"},
    "sketch": {"foreign"},
    "files": set(),
    "reach": {"errors", "files"},
    "run": set(),
    "arithmetic": {"number"},
    "alike": set(),
    "number": set(),
    "duration": {"run", "arithmetic", "number"},
    "words": {"run"},
    "place": {"run", "duration", "errors", "words"},
    "curve": {"sketch", "run", "alike", "place", "errors", "words"},
}
"""What each room, or module outside of one, may import of lrviz."""


@dataclass(frozen=True)
class Import:
    """One name that a module imports. `eager` is what runs when the module itself is imported."""

    name: str
    eager: bool
    typing_only: bool


def imports_of(text: str, package: str) -> Iterator[Import]:
    """Every import of a module, at its top, inside of functions, and for the type checker."""
    yield from _imports(ast.parse(text), package, eager=True, typing_only=False)


def _imports(node: ast.AST, package: str, eager: bool, typing_only: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, eager and not typing_only, typing_only)
    elif isinstance(node, ast.ImportFrom):
        base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        for alias in node.names:
            yield Import(f"{module}.{alias.name}", eager and not typing_only, typing_only)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for child in node.body:
            yield from _imports(child, package, eager, typing_only=True)
        for child in node.orelse:
            yield from _imports(child, package, eager, typing_only)
    else:
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for below in ast.iter_child_nodes(node):
            yield from _imports(below, package, eager and not inside, typing_only)


@cache
def imports(module: str) -> list[Import]:
    package = ".".join(Path(module).parent.parts)
    return list(imports_of(MODULES[module].read_text(encoding="utf-8"), package))


def room_of(module: str) -> str:
    return Path(module).parts[1].removesuffix(".py")


def module_of(name: str) -> str | None:
    """The module of lrviz that an imported name is, or stands in."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = "/".join(parts[:length])
        for module in (f"{path}.py", f"{path}/__init__.py"):
            if module in MODULES:
                return module
    return None


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """A way through a graph that ends where it begins; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def top(name: str) -> str:
    return name.partition(".")[0]


# --- the reading itself -------------------------------------------------------------------------------------


def test_imports_are_seen_wherever_they_stand() -> None:
    text = """
        import os, torch.nn
        from lrviz import engine
        from ..render.table import Table
        from . import run
        if TYPE_CHECKING:
            import numpy as np
        try:
            import rich
        except ImportError:
            pass
        class Made:
            import yaml
            def method(self):
                from matplotlib.figure import Figure
        """
    found = {(each.name, each.eager, each.typing_only) for each in imports_of(dedent(text), "lrviz.schedule")}
    assert found == {
        ("os", True, False),
        ("torch.nn", True, False),
        ("lrviz.engine", True, False),
        ("lrviz.render.table.Table", True, False),
        ("lrviz.schedule.run", True, False),
        ("numpy", False, True),
        ("rich", True, False),
        ("yaml", True, False),
        ("matplotlib.figure.Figure", False, False),
    }


def test_the_rooms_are_those_of_the_house() -> None:
    assert {room_of(module) for module in MODULES} - set(MAY_IMPORT) == set()
    assert {"schedule", "engine", "render", "cli", "curve"} <= {room_of(module) for module in MODULES}


def test_a_circle_is_found() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == {"b", "c"}


def test_a_name_is_of_the_module_it_stands_in() -> None:
    assert module_of("lrviz.curve.Curve") == "lrviz/curve.py"
    assert module_of("lrviz.schedule.catalogue.FILE") == "lrviz/schedule/catalogue/__init__.py"
    assert module_of("lrviz.schedule.catalogue.schedulers") == "lrviz/schedule/catalogue/schedulers.py"
    assert module_of("numpy") is None


# --- the rules ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_only(module: str) -> None:
    rooms = {each.name.split(".")[1] for each in imports(module) if top(each.name) == "lrviz"}
    assert rooms - MAY_IMPORT[room_of(module)] == set()


def test_no_module_imports_one_that_imports_it() -> None:
    """Not at their tops, not inside functions, and not for the type checker."""
    graph = {
        module: {name for each in imports(module) if (name := module_of(each.name)) is not None and name != module}
        for module in MODULES
    }
    assert circle_in(graph) == []


@pytest.mark.parametrize("module", [module for module in MODULES if Path(module).parent == Path("lrviz/checks/lint")])
def test_rules_of_the_lint_do_not_know_one_another(module: str) -> None:
    lint = "lrviz.checks.lint."
    siblings = {each.name.removeprefix(lint) for each in imports(module) if each.name.startswith(lint)}
    allowed = {"yields.unexplained"} if module == "lrviz/checks/lint/__init__.py" else set()
    assert {name for name in siblings if not name.startswith("helpers.")} == allowed


SHARED = {
    "schedule/expect": {"base", "reader"},
    "checks/expect": {"group"},
    "checks/report": {"options", "summary"},
}
"""Folders of a module a thing (a key of `expect`, a format of reports), with what these modules share."""


@pytest.mark.parametrize("folder", SHARED)
def test_keys_of_expect_and_formats_of_reports_do_not_know_one_another(folder: str) -> None:
    inside = [module for module in MODULES if Path(module).parent == Path("lrviz", folder)]
    things = {Path(module).stem for module in inside} - {"__init__", "contradictions", "expectations", *SHARED[folder]}
    assert len(things) > 5
    for thing in things:
        known = {module_of(each.name) for each in imports(f"lrviz/{folder}/{thing}.py")}
        assert {Path(module).stem for module in inside if module in known} - SHARED[folder] == set(), thing


MEDIA = {"picture", "page", "terminal"}
"""The kinds of pictures in `render/`, each of which translates a drawing."""


def medium_of(module: str) -> str:
    """The room of a module within `render/`, `drawing` and the media among them; nothing for any other module."""
    parts = module.removesuffix(".py").replace(".", "/").split("/")
    return parts[2] if parts[:2] == ["lrviz", "render"] and len(parts) > 2 else ""


@pytest.mark.parametrize("module", [module for module in MODULES if medium_of(module) in {*MEDIA, "drawing"}])
def test_pictures_pages_and_terminal_do_not_know_one_another(module: str) -> None:
    """What they share is decided in `render/drawing`, which knows none of them."""
    known = {medium_of(each.name) for each in imports(module)} & MEDIA
    assert known - {medium_of(module)} == set()


@pytest.mark.parametrize(
    "module", [module for module in MODULES if medium_of(module) in ("drawing", "picture", "terminal")]
)
def test_drawings_know_no_tables(module: str) -> None:
    assert "tables" not in {medium_of(each.name) for each in imports(module)}


@pytest.mark.parametrize("module", [module for module in MODULES if medium_of(module) in MEDIA])
def test_no_kind_of_picture_knows_expectations_or_chooses_what_is_drawn(module: str) -> None:
    names = {each.name.removeprefix("lrviz.") for each in imports(module)}
    assert not {name for name in names if name.startswith(("schedule.expect", "shape."))}
    choices = (
        "spans_decades",
        "peak_of",
        "common_clock",
        "shared_clock",
        "alike_rates",
        "rates_panel",
        "momentum_panel",
    )
    assert not names & {f"render.drawing.{room}.{choice}" for room in ("panels", "clock") for choice in choices}


TORCH = ("engine", "training", "lessons")


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module) not in TORCH])
def test_only_three_rooms_touch_torch(module: str) -> None:
    assert [each.name for each in imports(module) if top(each.name) == "torch"] == []


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module) in ("schedule", "engine")])
def test_schedule_and_engine_know_no_matplotlib_and_no_terminal(module: str) -> None:
    assert {top(each.name) for each in imports(module)} & {"matplotlib", "rich", "typer", "pydantic"} == set()


@pytest.mark.parametrize("module", MODULES)
def test_what_is_heavy_is_imported_where_it_is_needed(module: str) -> None:
    assert [each.name for each in imports(module) if each.eager and top(each.name) in ON_DEMAND] == []


@pytest.mark.parametrize("module", MODULES)
def test_numpy_is_imported_at_the_top_or_on_demand(module: str) -> None:
    eager = {each.eager for each in imports(module) if top(each.name) == "numpy" and not each.typing_only}
    typing_only = any(each.typing_only for each in imports(module) if top(each.name) == "numpy")
    if module in NUMPY_ON_DEMAND:
        assert eager == {False}
    else:
        assert eager <= {True}
        assert not typing_only


@pytest.mark.parametrize("module", [module for module in MODULES if module != "lrviz/ansi.py"])
def test_escape_codes_are_written_in_one_place(module: str) -> None:
    texts = (
        node.value
        for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    )
    assert [text for text in texts if isinstance(text, str) and "\x1b" in text] == []


@pytest.mark.parametrize("module", MODULES)
def test_pyplot_is_never_imported(module: str) -> None:
    assert [each.name for each in imports(module) if each.name.startswith("matplotlib.pyplot")] == []


# --- in a fresh Python --------------------------------------------------------------------------------------


def test_a_command_loads_only_what_it_needs(tmp_path: Path) -> None:
    file = tmp_path / "schedule.yaml"
    file.write_text("epochs: 30\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: StepLR, step_size: 10}\n")
    filled = [
        [{"FILE": str(file)}.get(word, word.replace("FOLDER", str(tmp_path))) for word in door.split()]
        for door in DOORS
    ]
    code = f"""
        import os, sys
        from lrviz.cli.main import main

        printed = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        for words in {filled!r}:
            sys.argv, before = ["lrviz", *words], set(sys.modules)
            try:
                main()
            except SystemExit as left:
                loaded = {HEAVY!r} & (set(sys.modules) - before)
                os.write(printed, (repr((left.code, loaded)) + "\\n").encode())
        """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False)
    loaded = dict(zip(DOORS, map(ast.literal_eval, done.stdout.splitlines()), strict=True))
    assert {door: code for door, (code, _) in loaded.items() if code} == {}, done.stderr
    assert {door: more for door, (_, found) in loaded.items() if (more := found - DOORS[door])} == {}


@pytest.mark.parametrize("name", ["lrviz", "lrviz.cli.main", "lrviz.library"])
def test_importing_loads_nothing_heavy(name: str) -> None:
    code = f"import sys, {name}; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_importing_a_room_for_the_first_time_works_from_its_door() -> None:
    """From any other module it works too, because no module imports one that imports it."""
    doors = [module for module in MODULES if module.endswith("/__init__.py") or module.count("/") == 1]
    names = [door.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for door in doors]
    code = f"""
        import importlib, sys
        for name in {[name for name in names if not name.endswith("__main__")]!r}:
            for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0] == "lrviz"]:
                del sys.modules[loaded]
            importlib.import_module(name)
        print(sorted({ON_DEMAND!r} & set(sys.modules)))
        """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_command_line_starts_without_the_rooms_behind_it() -> None:
    """Every command waits for what `cli.main` imports: of the rooms, names for the help and for what is misspelled."""
    code = "import sys, lrviz.cli.main; print(*sorted(name for name in sys.modules if name.startswith('lrviz.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rooms = {".".join(name.split(".")[1:3]) for name in done.stdout.split()}
    behind = set(MAY_IMPORT["cli"]) - GROUND - {"cli", "schedule"}
    assert {room for room in rooms if room.partition(".")[0] in behind} == set()
    assert {room for room in rooms if room.startswith("schedule.")} <= {"schedule.catalogue", "schedule.text"}
