"""Golden files: output of lrviz, stored beside the test that compares it with what lrviz writes now.

    pytest                     # fails with a diff where a golden differs or is missing
    pytest --renew tests/log   # rewrites the goldens that differ, creates those that are missing, and lists both
    git diff                   # review: every changed line is a change of behaviour

A test takes the fixture `golden`. It makes its other assertions first, so that `--renew` never stores a wrong result:

    def test_page(golden: Golden) -> None:
        golden.same_text(GOLDEN / "page.txt", page())

`--renew` deletes nothing: `golden.no_orphans` fails on a golden that no test compares any more. The references in
`tests/recipes/` are not goldens, because lrviz did not make them.
"""

from __future__ import annotations

import difflib
import fcntl
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest


@dataclass(frozen=True)
class Golden:
    """Compares what a test made with what is stored, or stores it.

    `root` is where the paths in messages start, `scratch` makes a folder for pictures that differ, and `renewed` is
    told the path of each file that was written.
    """

    renew: bool
    root: Path
    scratch: Callable[[], Path]
    renewed: Callable[[str], None]

    def same_text(self, path: Path, text: str) -> None:
        """Holds that a file is this text, to the byte, in UTF-8."""
        with self._alone(path):
            self._same(path, path.read_bytes().decode() if path.exists() else None, text, text)

    def same_part(self, path: Path, text: str, begin: str, end: str) -> None:
        """Holds that this text stands in a file between `begin`, which occurs once, and the next `end`."""
        with self._alone(path):
            before, *rest = path.read_bytes().decode().split(begin)
            if len(rest) != 1 or end not in rest[0]:
                pytest.fail(f"{self._name(path)}: not once between {begin!r} and {end!r}", pytrace=False)
            stored, _, after = rest[0].partition(end)
            self._same(path, stored, text, f"{before}{begin}{text}{end}{after}")

    def same_picture(self, path: Path, png: bytes, tolerance: float = 0.0) -> None:
        """Holds that a file is this PNG: to the byte, or with a root mean square of all differences up to `tolerance`.

        A picture within the tolerance is not renewed.
        """
        with self._alone(path):
            if not path.exists():
                difference = None
            elif path.read_bytes() == png or not (difference := self._difference(path, png, tolerance)):
                return
            if self.renew:
                self._write(path, png)
            elif difference is None:
                self._missing(path)
            else:
                self._differs(path, difference)

    def no_orphans(self, folder: Path, compared: Iterable[Path], pattern: str = "*") -> None:
        """Holds that a folder has no files of this pattern but those that tests compare."""
        orphans = sorted(map(self._name, set(folder.glob(pattern)) - set(compared)))
        if orphans:
            pytest.fail("\n".join(["no test compares these golden files, delete them:", *orphans]), pytrace=False)

    def _same(self, path: Path, stored: str | None, text: str, whole: str) -> None:
        if stored == text:
            return
        if self.renew:
            self._write(path, whole.encode())
        elif stored is None:
            self._missing(path, f" from:\n{_visible(text)}")
        else:
            self._differs(path, _diff(stored, text))

    def _difference(self, path: Path, png: bytes, tolerance: float) -> str:
        """How a picture differs from the stored one, and where to look at both; nothing within the tolerance."""
        from matplotlib.testing.compare import compare_images  # most tests need no matplotlib
        from matplotlib.testing.exceptions import ImageComparisonFailure

        drawn = self.scratch() / path.name
        drawn.write_bytes(png)
        try:
            found = compare_images(str(path), str(drawn), tolerance, in_decorator=True)
        except ImageComparisonFailure as failure:  # the sizes differ
            return f"{failure}\ndrawn now: {drawn}"
        if found is None:
            return "" if tolerance else f"all pixels are the same, other bytes are not\ndrawn now: {drawn}"
        return f"RMS {found['rms']:.3g}, tolerance {tolerance:g}\ndrawn now: {drawn}\ndifference: {found['diff']}"

    def _write(self, path: Path, data: bytes) -> None:
        path.write_bytes(data)
        self.renewed(self._name(path))

    def _missing(self, path: Path, content: str = "") -> NoReturn:
        pytest.fail(f"{self._name(path)} does not exist; `pytest --renew` creates it{content}", pytrace=False)

    def _differs(self, path: Path, difference: str) -> NoReturn:
        words = f"{self._name(path)} differs from what lrviz makes now; if that is intended, `pytest --renew`"
        pytest.fail(f"{words}\n{difference}", pytrace=False)

    def _name(self, path: Path) -> str:
        return os.path.relpath(path, self.root)

    @contextmanager
    def _alone(self, path: Path) -> Iterator[None]:
        """Workers of pytest-xdist that renew parts of one file take turns."""
        if not self.renew:
            yield
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _diff(stored: str, text: str) -> str:
    before, after = (_visible(each).split("\n") for each in (stored, text))
    return "\n".join(difflib.unified_diff(before, after, "stored", "now", lineterm=""))


def _visible(text: str) -> str:
    """A text with its control characters written out, but for line ends."""
    return re.sub(r"[^\n\x20-\x7e\x80-\U0010ffff]", lambda match: ascii(match[0])[1:-1], text)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="rewrite the golden files that tests compare")


@pytest.fixture
def golden(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Golden:
    """Compares with golden files, or rewrites them under `--renew`."""
    return Golden(
        renew=request.config.getoption("--renew"),
        root=request.config.rootpath,
        scratch=lambda: tmp_path_factory.mktemp("differs"),
        renewed=lambda name: request.node.user_properties.append(("renewed", name)),
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--renew"):
        return
    reports = [each for some in terminalreporter.stats.values() for each in some if isinstance(each, pytest.TestReport)]
    names = sorted({str(value) for each in reports for key, value in each.user_properties if key == "renewed"})
    terminalreporter.section("golden files")
    terminalreporter.line(f"{len(names)} renewed{': review them with `git diff`' if names else ''}")
    for name in names:
        terminalreporter.line(name)
