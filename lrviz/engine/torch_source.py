"""The scheduler classes of the installed torch, without `import torch`.

All of them are defined in one source file that takes four names from the rest of torch. It is run here under stand-ins
for these names, which costs 15 ms instead of more than a second. The code that runs is torch's own, so every operation
and every bit is the same. It is used only where that is certain: `load` returns None if there is no such file or if the
file imports anything else, and the engine then imports torch; `why_imported` says why.

Neither torch nor a stand-in is ever put into `sys.modules`: the file gets an `__import__` of its own.
"""

from __future__ import annotations

import builtins
import dis
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

MODULE = "torch.optim.lr_scheduler"


class DiffersError(Exception):
    """A source of torch's schedulers that cannot be run without torch; its words say why."""


class StandInOptimizer:
    """All that a scheduler needs of an optimizer: param groups, defaults, and a `step` that does nothing.

    Torch's file gets this class under the name `Optimizer`.
    """

    def __init__(self, groups: list[dict[str, Any]], defaults: Mapping[str, Any]) -> None:
        self.defaults = dict(defaults)
        self.param_groups = [{"params": [], **self.defaults, **group} for group in groups]

    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Trains nothing."""


class _Tensor:
    """Torch's file gets this class as `Tensor`. None of our learning rates is a tensor."""


def _to_scalar(value: Any) -> Any:
    return value


_STAND_INS: dict[tuple[str, int], dict[str, Any]] = {
    ("torch", 0): {"inf": math.inf, "Tensor": _Tensor},
    ("optimizer", 1): {"_to_scalar": _to_scalar, "Optimizer": StandInOptimizer},
}
"""The names that the file may import from torch, by module name and level of the relative import."""


def torch_folder() -> Path | None:
    """The folder of the installed torch, found without importing it; None if torch is not installed."""
    try:
        spec = find_spec("torch")
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec and spec.origin else None


def torch_version() -> str | None:
    """The version of the installed torch, read from its own file; None if it cannot be found."""
    folder = torch_folder()
    return version_in(folder) if folder is not None else None


def version_in(folder: Path) -> str | None:
    """The version of the torch in its folder, read from its own file; None if that does not say it."""
    try:
        text = (folder / "version.py").read_text(encoding="utf-8")
    except OSError:
        return None
    line = next((line for line in text.splitlines() if line.startswith("__version__")), "")
    return line.partition("=")[2].strip().strip("'\"") or None


@lru_cache(maxsize=1)
def load() -> ModuleType | None:
    """The module of torch's schedulers, run under stand-ins; None if it is not certain to be the same as torch's."""
    try:
        return _run_installed()
    except DiffersError:
        return None


def why_imported() -> str:
    """Why all of the installed torch is imported, in words that follow a colon; "" if its scheduler source will do."""
    try:
        _run_installed()
    except DiffersError as error:
        return str(error)
    return ""


def load_file(path: Path, *, cached: bool = True) -> ModuleType | None:
    """Runs one `lr_scheduler.py` under stand-ins; None if it needs more of torch than they provide.

    It is compiled once and cached beside the file, as Python's own import does, unless not `cached`.
    """
    try:
        return _run(path, cached=cached)
    except DiffersError:
        return None


def _run_installed() -> ModuleType:
    folder = torch_folder()
    if folder is None:
        raise DiffersError("torch is not installed")
    path = folder / "optim" / "lr_scheduler.py"
    if not path.is_file():
        raise DiffersError(f"there is no {path}")
    return _run(path)


def _run(path: Path, *, cached: bool = True) -> ModuleType:
    module = ModuleType(MODULE)
    module.__package__ = MODULE.rpartition(".")[0]
    module.__file__ = str(path)
    module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _import}
    try:
        loader = SourceFileLoader(MODULE, str(path))
        code = loader.get_code(MODULE) if cached else loader.source_to_code(path.read_bytes(), str(path))
        if code is None:
            raise DiffersError(f"{path} has no code")
        unknown = next(_unknown_imports(code), None)
        if unknown is not None:
            raise DiffersError(f"{path} needs {unknown}")
        exec(code, module.__dict__)
    except DiffersError:
        raise
    except Exception as error:  # this torch differs in some way; the full import will work
        raise DiffersError(f"{path} does not run by itself: {type(error).__name__}: {error}") from error
    return module


def _import(
    name: str,
    globals: Mapping[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,
    fromlist: tuple[str, ...] = (),
    level: int = 0,
) -> Any:
    """Replaces `__import__` inside torch's file: stand-ins for torch, everything else as usual."""
    if (name, level) in _STAND_INS:
        stand_in = ModuleType(name)
        vars(stand_in).update(_STAND_INS[name, level])
        return stand_in
    if level or name.partition(".")[0] == "torch":
        raise ImportError(f"no stand-in for {name}")
    return builtins.__import__(name, globals, locals, fromlist, level)


def _unknown_imports(code: CodeType) -> Iterator[str]:
    """The imports of the file, in its functions too, that are neither of the standard library nor of a stand-in."""
    for module, level, names in _imports(code):
        if (module, level) in _STAND_INS:
            unknown = set(names) - set(_STAND_INS[module, level])
            if unknown or not names:
                yield " and ".join(f"{'.' * level}{module}.{name}" for name in sorted(unknown)) or module
        elif level or module.partition(".")[0] not in _USUAL:
            yield f"{'.' * level}{module}"


_USUAL = sys.stdlib_module_names | {"typing_extensions"}


def _imports(code: CodeType) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Module, level and names of each import statement in a code object and in those nested in it."""
    if dis.opmap["IMPORT_NAME"] in code.co_code[::2]:
        level = names = None
        for instruction in dis.get_instructions(code):
            if instruction.opname == "IMPORT_NAME":
                yield instruction.argval, level or 0, names or ()
            elif instruction.opname.startswith("LOAD_CONST") or instruction.opname == "LOAD_SMALL_INT":
                level, names = names, instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _imports(constant)
