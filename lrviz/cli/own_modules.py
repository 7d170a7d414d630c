"""Own schedulers (`--trust`) while their files are edited: finds their Python files, and imports them afresh.

The files are found from the text of import statements, without running anything, so modules that cannot be imported, or
that only another process imports, are found too. Installed packages are left out; they do not change meanwhile.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.machinery import ModuleSpec


class OwnModules:
    """The user's own modules in this process, from its creation on."""

    def __init__(self) -> None:
        self._before = frozenset(sys.modules)
        sys.dont_write_bytecode = True  # bytecode would hide a second save of the same length within a second

    def files(self, types: Iterable[str]) -> set[str]:
        """The files of the modules behind classes and functions (`package.module.Name`), existing or not."""
        if not types:
            return set()
        importlib.invalidate_caches()
        known: dict[str, ModuleSpec | None] = {}
        waiting = [type.rpartition(".")[0] for type in types]
        files, followed = set(), {""}
        while waiting:
            name = waiting.pop()
            if name in followed:
                continue
            followed.add(name)
            waiting.append(name.rpartition(".")[0])
            spec = _find(name, known)
            file = spec.origin if spec is not None else _expected(name, known)
            if file is not None and _is_own(file):
                files.add(file)
                waiting += _imports(file, name, spec)
        return files

    def forget(self) -> None:
        """Forgets all of them, so that the next import reads them again."""
        importlib.invalidate_caches()
        for name, module in list(sys.modules.items()):
            if name not in self._before and _is_own(getattr(module, "__file__", None) or ""):
                del sys.modules[name]


def _find(name: str, known: dict[str, ModuleSpec | None]) -> ModuleSpec | None:
    """The location of a module, found without importing it or its packages."""
    if name not in known:
        known[name] = None  # for requests made meanwhile
        folders = _folders(name.rpartition(".")[0], known)
        known[name] = _spec(name, folders) if folders is None or folders else None
    return known[name]


def _folders(package: str, known: dict[str, ModuleSpec | None]) -> Sequence[str] | None:
    """The folders of the modules of a package; None for modules outside packages."""
    if not package:
        return None
    spec = _find(package, known)
    return list(spec.submodule_search_locations or ()) if spec is not None else ()


def _spec(name: str, folders: Sequence[str] | None) -> ModuleSpec | None:
    path = sys.path
    sys.path = [*path, os.getcwd()]  # as in the engine
    try:
        found = (finder.find_spec(name, folders) for finder in sys.meta_path if hasattr(finder, "find_spec"))
        return next(filter(None, found), None)
    except Exception:  # a finder that fails finds nothing
        return None
    finally:
        sys.path = path


def _expected(name: str, known: dict[str, ModuleSpec | None]) -> str | None:
    """The file that a missing module would be if it were written beside the others."""
    package, _, last = name.rpartition(".")
    folders = _folders(package, known)
    folder = os.getcwd() if folders is None else next(iter(folders), None)
    return os.path.join(folder, f"{last}.py") if folder is not None else None


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    """The folders whose Python files are not the user's own: the standard library, what pip installed, and lrviz."""
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [sysconfig.get_path(kind) for kind in kinds] + [os.path.dirname(os.path.dirname(__file__))]
    return tuple(os.path.join(os.path.realpath(folder), "") for folder in folders)


def _is_own(file: str) -> bool:
    real = os.path.realpath(file)
    parts = real.split(os.sep)
    return (
        real.endswith(".py")
        and not real.startswith(_installed())
        and "site-packages" not in parts
        and "dist-packages" not in parts
    )


def _imports(file: str, module: str, spec: ModuleSpec | None) -> Iterator[str]:
    """The modules that a file may import, anywhere in it; none if its text is not Python."""
    try:
        with open(file, "rb") as text:
            tree = ast.parse(text.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    package = module if spec is not None and spec.submodule_search_locations else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)
