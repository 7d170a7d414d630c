"""Runs `python -m MODULE` in a fork of a Python that has already loaded what lrviz needs.

Such a process starts in a tenth of the time, and is otherwise one of its own: arguments, folder, environment, streams,
exit status. The tests whose subject is the start of a process begin one from nothing instead.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, ClassVar, NoReturn

PATIENCE = 120
"""Seconds after which a process that does not end fails its test."""

READ_AT_THE_START = ("PYTHON", "MPL", "LC_", "LANG")
"""How the names of variables begin that a Python, or what it loads, reads only once (`PYTHONIOENCODING` apart)."""

LOADED_LATE = (
    "typer._adapters", "pydantic.type_adapter", "importlib.metadata", "importlib.readers", "rich.console", "rich.table",
    "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_pdf", "PIL.PngImagePlugin", "fontTools.subset", "plotly",
    "pytest", "hypothesis.core",  # for `pytest --lrviz`
)  # fmt: skip
"""What lrviz and its libraries import late. Not torch: its presence changes which engine is chosen."""

FOR_TRAINING = ("torch", "torch._dynamo", "torch.utils.data", "sklearn.datasets", "sklearn.model_selection")
"""What `lrviz train` imports besides, whatever engine others choose."""


def run(
    module: str,
    *arguments: str,
    cwd: str | os.PathLike[str] | None,
    env: dict[str, str],
    text: bytes = b"",
    trains: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """The outcome of `python -m module arguments` with `text` as its standard input; one that `trains` needs torch."""
    words = [sys.executable, "-m", module, *arguments]
    other = {name for name, value in env.items() if os.environ.get(name) != value} - {"PYTHONIOENCODING"}
    if any(name.startswith(READ_AT_THE_START) for name in other):
        return subprocess.run(words, cwd=cwd, env=env, input=text, capture_output=True, check=False, timeout=PATIENCE)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(text)
        given.seek(0)
        status = _Server.running(trains).ask(
            {"module": module, "arguments": arguments, "cwd": os.fspath(cwd or os.getcwd()), "env": env},
            [given.fileno(), out.fileno(), err.fileno()],
        )
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, status, out.read(), err.read())


class _Server:
    """The Python that forks. Each process of the test suite has one, and one with torch, until it ends itself."""

    _made: ClassVar[dict[bool, _Server]] = {}

    def __init__(self, trains: bool) -> None:
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.settimeout(PATIENCE)
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno()), *(FOR_TRAINING if trains else ())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    @classmethod
    def running(cls, trains: bool) -> _Server:
        if trains not in cls._made:
            cls._made[trains] = cls(trains)
            atexit.register(cls._made[trains].end)
        return cls._made[trains]

    def ask(self, request: object, streams: list[int]) -> int:
        socket.send_fds(self.line, [json.dumps(request).encode()], streams)
        answer = self.line.recv(100)
        assert answer, "the process that forks has ended"
        return int(answer)

    def end(self) -> None:
        self.line.close()
        self.process.wait(PATIENCE)


def _serve(line: socket.socket) -> None:
    """Answers requests until the other end is closed. In a fork, it returns by ending the process."""
    while True:
        request, streams, _, _ = socket.recv_fds(line, 1_000_000, 3)
        if not request:
            return
        fork = os.fork()
        if not fork:
            line.close()
            _become(json.loads(request), streams)
        for stream in streams:
            os.close(stream)
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])).encode())


def _become(wanted: dict[str, Any], streams: list[int]) -> NoReturn:
    """Makes this process what `python -m module arguments` is, and ends it as that ends."""
    for at, stream in enumerate(streams):
        os.dup2(stream, at)
        os.close(stream)
    os.environ.clear()
    os.environ.update(wanted["env"])
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    for at, (name, mode) in enumerate([("stdin", "rb"), ("stdout", "wb"), ("stderr", "wb")]):
        errors = "backslashreplace" if name == "stderr" else "strict"
        setattr(sys, name, io.TextIOWrapper(open(at, mode), encoding=encoding, errors=errors))  # noqa: SIM115
        setattr(sys, f"__{name}__", getattr(sys, name))
    os.chdir(wanted["cwd"])
    sys.path[0] = os.getcwd()
    sys.argv[1:] = wanted["arguments"]
    status: object = 0
    try:
        runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)
    except SystemExit as left:
        status = left.code
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 0 if status is None else 1)  # taking a Python apart takes long


if __name__ == "__main__":
    import lrviz

    for each in walk_packages(lrviz.__path__, "lrviz."):
        if not each.name.endswith(("__main__", "pytest_plugin")):
            import_module(each.name)
    for name in (*LOADED_LATE, *sys.argv[2:]):
        import_module(name)
    _serve(socket.socket(fileno=int(sys.argv[1])))
