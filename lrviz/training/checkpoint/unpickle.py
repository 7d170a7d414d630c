"""Reads a pickle without running it: every class becomes a name, every object an inert value.

This is the only reader of checkpoints, also where `torch.load(weights_only=True)` would read the file. That one calls
the classes on its list, so that 60 bytes (`bytearray(10**10)`) take 10 GB of memory, ran code of the file before torch
2.6, and corrupted memory before 2.10; on the device `meta` it also loses learning rates that are tensors. Here nothing
is imported or called, and memory and time follow the number of instructions. (Python's own `pickle.Unpickler` reserves
memory for whatever index a pickle names.) Tests hold what is read against `torch.load(weights_only=True)`.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from lrviz.files import UnreadableError
from lrviz.training.checkpoint.inert import Made, Name, Storage, Tensor

MAX_INSTRUCTIONS: Final = 10_000_000
"""The most instructions of a pickle: that of an optimizer of 100,000 tensors has about 7 million."""

SMALLER: Final = "hand in a file that has only the state_dict of the optimizer and that of the scheduler"

MAX_INTEGER: Final = 2**60
"""No number of a checkpoint that we compare is larger; hashes of larger ones could be made to collide."""

MAX_COPIED: Final = 200
"""The most letters of a text that is copied: the name of a class, and the bytes of a number as protocol 2 writes them.

A pickle can name the same long text again and again.
"""


DAMAGED: Final = "is damaged: its pickle cannot be read"


@dataclass
class Unpickled:
    """The object of a pickle, the storages that it names, by their keys, and the classes and functions."""

    root: Any = None
    storages: dict[str, Storage] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


def unpickled(file: BinaryIO) -> Unpickled:
    """What the pickle at the position of a file holds; the file is then behind it. Raises `UnreadableError`.

    `file` is in memory: a pickle may ask for any number of bytes.
    """
    read = Unpickled()
    machine = _Machine(read)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(file)):
            if count >= MAX_INSTRUCTIONS:
                raise UnreadableError(f"has a pickle of more than {MAX_INSTRUCTIONS:,} instructions", SMALLER)
            if opcode.name == "STOP":
                read.root = machine.pop()
                return read
            machine.run(opcode.name, argument)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableError(DAMAGED) from error
    raise UnreadableError(DAMAGED)


class _Machine:
    """The stack machine that a pickle is written for. A MARK begins a new stack above the old ones."""

    def __init__(self, read: Unpickled) -> None:
        self.read = read
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def run(self, name: str, argument: Any) -> None:
        if name in _PUSHES:
            self.stack.append(argument if not isinstance(argument, int) or abs(argument) < MAX_INTEGER else _LARGE)
        else:
            _ACTIONS[name](self, argument)

    def pop(self) -> Any:
        return self.stack.pop()

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def push_name(self, name: str) -> None:
        self.read.names.add(name)
        self.stack.append(Name(name))

    def marked(self) -> list[Any]:
        """What was pushed since the last MARK, taken off."""
        values, self.stack = self.stack, self.below.pop()
        return values

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []


_LARGE: Final = Made("int")
"""Stands for every number that is too large."""

_PUSHES: Final = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    }
)
"""The instructions that push their argument."""


# --- what the instructions do --------------------------------------------------------------------------------


def _pair(machine: _Machine, many: bool) -> list[Any]:
    if many:
        return machine.marked()
    value = machine.pop()
    return [machine.pop(), value]


def _set_items(machine: _Machine, many: bool) -> None:
    values = _pair(machine, many)
    target = machine.stack[-1]
    items = target.items if isinstance(target, Made) else target
    if isinstance(items, dict):  # items of anything else are left out, as attributes are
        items.update(zip(map(_key, values[::2]), values[1::2], strict=True))


def _append(machine: _Machine, many: bool) -> None:
    values = machine.marked() if many else [machine.pop()]
    if isinstance(machine.stack[-1], list):
        machine.stack[-1].extend(values)


def _dict(machine: _Machine) -> dict[Any, Any]:
    values = machine.marked()
    return dict(zip(map(_key, values[::2]), values[1::2], strict=True))


def _key(value: Any) -> Any:
    """A key of a dict, or what stands for one: the hash of a tuple may take any time, and more stack than there is."""
    return value if isinstance(value, str | bytes | int | float | None) else Made("key")


def _tuple(machine: _Machine, size: int) -> None:
    values = tuple(machine.stack[-size:])
    if len(values) != size:
        raise IndexError
    machine.stack[-size:] = [values]


def _build(machine: _Machine) -> None:
    state = machine.pop()
    target = machine.stack[-1]
    if isinstance(target, Made):
        target.state = state


def _called(machine: _Machine, count: int) -> None:
    """Calls nothing: pushes what stands for the result. The class is followed by arguments and, if 2, keywords."""
    arguments = [machine.pop() for _ in range(count)][-1]
    machine.push(_result(machine.pop(), arguments))


def _instance(machine: _Machine, name: str | None) -> None:
    values = machine.marked()
    named = values[0] if name is None and isinstance(values[0], Name) else name or "unknown"
    machine.push(Made(named.replace(" ", ".")))


def _global(machine: _Machine) -> None:
    name, module = machine.pop(), machine.pop()
    machine.push_name(f"{module}.{name}" if _is_short(name) and _is_short(module) else "unknown")


def _storage(machine: _Machine) -> None:
    told = machine.pop()
    if isinstance(told, tuple) and len(told) >= 5 and told[0] == "storage":
        kind, key, count = told[1], told[2], told[4]
        if isinstance(kind, Name) and isinstance(key, str) and isinstance(count, int):
            storage = Storage(kind.rpartition(".")[2], key, count)
            machine.read.storages[key] = storage
            machine.push(storage)
            return
    machine.push(Made("persistent id"))


_ACTIONS: Final[dict[str, Callable[[_Machine, Any], object]]] = {
    "PROTO": lambda machine, argument: None,
    "FRAME": lambda machine, argument: None,
    "MARK": lambda machine, argument: machine.mark(),
    "POP": lambda machine, argument: machine.pop() if machine.stack else machine.marked(),
    "POP_MARK": lambda machine, argument: machine.marked(),
    "DUP": lambda machine, argument: machine.push(machine.stack[-1]),
    "NONE": lambda machine, argument: machine.push(None),
    "NEWTRUE": lambda machine, argument: machine.push(True),
    "NEWFALSE": lambda machine, argument: machine.push(False),
    "EMPTY_LIST": lambda machine, argument: machine.push([]),
    "EMPTY_DICT": lambda machine, argument: machine.push({}),
    "EMPTY_TUPLE": lambda machine, argument: machine.push(()),
    "EMPTY_SET": lambda machine, argument: machine.push(Made("set")),
    "LIST": lambda machine, argument: machine.push(machine.marked()),
    "DICT": lambda machine, argument: machine.push(_dict(machine)),
    "TUPLE": lambda machine, argument: machine.push(tuple(machine.marked())),
    "TUPLE1": lambda machine, argument: _tuple(machine, 1),
    "TUPLE2": lambda machine, argument: _tuple(machine, 2),
    "TUPLE3": lambda machine, argument: _tuple(machine, 3),
    "FROZENSET": lambda machine, argument: machine.push(Made("frozenset", machine.marked())),
    "ADDITEMS": lambda machine, argument: machine.marked(),
    "APPEND": lambda machine, argument: _append(machine, False),
    "APPENDS": lambda machine, argument: _append(machine, True),
    "SETITEM": lambda machine, argument: _set_items(machine, False),
    "SETITEMS": lambda machine, argument: _set_items(machine, True),
    "PUT": lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    "BINPUT": lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    "LONG_BINPUT": lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    "MEMOIZE": lambda machine, argument: machine.memo.__setitem__(len(machine.memo), machine.stack[-1]),
    "GET": lambda machine, argument: machine.push(machine.memo[argument]),
    "BINGET": lambda machine, argument: machine.push(machine.memo[argument]),
    "LONG_BINGET": lambda machine, argument: machine.push(machine.memo[argument]),
    "GLOBAL": lambda machine, argument: machine.push_name(argument.replace(" ", ".")),
    "STACK_GLOBAL": lambda machine, argument: _global(machine),
    "REDUCE": lambda machine, argument: _called(machine, 1),
    "NEWOBJ": lambda machine, argument: _called(machine, 1),
    "NEWOBJ_EX": lambda machine, argument: _called(machine, 2),
    "OBJ": lambda machine, argument: _instance(machine, None),
    "INST": lambda machine, argument: _instance(machine, argument),
    "BUILD": lambda machine, argument: _build(machine),
    "PERSID": lambda machine, argument: machine.push(Made("persistent id")),
    "BINPERSID": lambda machine, argument: _storage(machine),
    "EXT1": lambda machine, argument: machine.push(Name("extension")),
    "EXT2": lambda machine, argument: machine.push(Name("extension")),
    "EXT4": lambda machine, argument: machine.push(Name("extension")),
    "NEXT_BUFFER": lambda machine, argument: machine.push(Made("buffer")),
    "READONLY_BUFFER": lambda machine, argument: None,
}
"""Every other instruction but STOP."""


# --- what stands for the result of a call ---------------------------------------------------------------------


def _result(called: Any, arguments: Any) -> Any:
    """The few objects that we read: tensors without their numbers, dicts, numbers of numpy. None is copied."""
    name = called if isinstance(called, Name) else "unknown"
    given = arguments if isinstance(arguments, tuple) else ()
    if name in _DICTS and (not given or isinstance(given[0], Name)):
        return {}
    if name == "collections.Counter" and len(given) == 1 and isinstance(given[0], dict):
        return given[0]
    if name in _TENSORS and len(given) > 2:
        return _tensor(*given[:3]) or Made(name)
    if name in _WRAPPED and given and isinstance(given[0], Tensor):
        return given[0]
    if name == "torch._tensor._rebuild_from_type_v2" and len(given) > 2:
        return _result(given[0], given[2]) if given[0] in _TENSORS else Made(name)
    if name == "_codecs.encode" and len(given) == 2 and _is_short(given[0]) and given[1] == "latin1":
        return given[0].encode("latin1")
    if name in _NUMBERS and len(given) == 2:
        return _number(*given)
    return Made(name, given)


_DICTS: Final = ("collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict")
_TENSORS: Final = ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor")
_WRAPPED: Final = ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state")
_NUMBERS: Final = ("numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar")


def _is_short(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= MAX_COPIED


def _tensor(storage: Any, first: Any, shape: Any) -> Tensor | None:
    whole = isinstance(first, int) and isinstance(shape, tuple) and all(type(size) is int for size in shape)
    return Tensor(storage, first, shape) if whole and isinstance(storage, Storage) else None


def _number(kind: Any, data: Any) -> Any:
    """A number of numpy, from its type and its bytes."""
    stands = Made("numpy number")
    if not isinstance(kind, Made) or kind.name != "numpy.dtype" or not kind.arguments or not isinstance(data, bytes):
        return stands
    order = ">" if isinstance(kind.state, tuple) and len(kind.state) > 1 and kind.state[1] == ">" else "<"
    form = _FORMS.get(kind.arguments[0]) if isinstance(kind.arguments[0], str) else None
    if form is None or struct.calcsize(order + form) != len(data):
        return stands
    return struct.unpack(order + form, data)[0]


_FORMS: Final = {"f8": "d", "f4": "f", "f2": "e", "i8": "q", "i4": "i", "i2": "h", "i1": "b", "u1": "B", "b1": "?"}
