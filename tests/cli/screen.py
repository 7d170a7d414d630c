"""lrviz in a terminal of a given size: a pty of its own, and what is then on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from process import environment

SGR = re.compile(r"\x1b\[([0-9;]*)m")


def on_screen(*arguments: str | Path, columns: int, rows: int, cwd: Path | None = None, **more: str) -> str:
    """What `lrviz` with these arguments writes to a terminal of that size; line ends are those of a file."""
    inside, outside = pty.openpty()
    fcntl.ioctl(outside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "lrviz", *map(str, arguments)],
        cwd=cwd,
        env=environment(TERM="xterm-256color", **more),
        stdin=outside,
        stdout=outside,
        stderr=subprocess.PIPE,
    )
    os.close(outside)
    written = b""
    while True:
        try:
            chunk = os.read(inside, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        written += chunk
    os.close(inside)
    assert process.stderr is not None
    complaint = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(timeout=120) == 0, complaint
    return written.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    """A text without the codes of colours."""
    return SGR.sub("", text)
