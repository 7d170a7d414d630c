"""The size of a terminal is used up to a limit, whatever says it."""

from __future__ import annotations

import io

import pytest

from lrviz.cli.streams import LARGEST_WINDOW, height, width


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("columns", "lines", "size"),
    [
        ("10000", "100000", LARGEST_WINDOW),
        ("9" * 4000, "9" * 4000, LARGEST_WINDOW),
        ("9" * 5000, "²", (80, 24)),
        ("-1", "0", (80, 24)),
        ("100", "30", (100, 30)),
    ],
)
def test_a_window_has_a_largest_size(
    columns: str, lines: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", lines)
    monkeypatch.setattr("os.get_terminal_size", lambda *_: (_ for _ in ()).throw(OSError()))
    assert (width(Screen()), height(Screen())) == size
    assert width(io.StringIO()) is None
