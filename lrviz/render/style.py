"""The look of every picture: colours, line styles, fonts, and the options that users can set."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lrviz.errors import Position, ScheduleError
from lrviz.run import Clock

Values: TypeAlias = Literal["lr", "momentum", "both", "relative"]
Theme: TypeAlias = Literal["light", "dark", "paper"]

FORMATS = ("png", "svg", "pdf")
"""The kinds of picture that matplotlib saves, as the names of files end."""

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours for every kind of colour vision, without the yellow, which is invisible on paper."""

DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (6, 2, 1.2, 2)),
    (0, (1.2, 1.5)),
    (0, (8, 2, 1.2, 2, 1.2, 2)),
    (0, (2.6, 1.3)),
    (0, (10, 3)),
    (0, (5, 1.5, 2, 1.5)),
)
"""Line styles that tell curves apart in grey; as many as curves that are drawn in one picture."""


@dataclass(frozen=True, slots=True)
class Look:
    """The options of a picture; an option that is None is chosen to suit the curves. `size` is in inches.

    `log` makes the axis of learning rates logarithmic; `x` is the clock of the axis of time. `y` selects the values:
    learning rates, momentum, both, or learning rates as fractions of each curve's peak. `grid` gives every curve a
    panel of its own (True) or puts all in one (False); `plain` draws only lines, axes and names. `expect` marks
    expectations. `font_size` is that of the labels of axes, in points, by which all letters and lines of a picture
    grow or shrink. `window` is the part of each run that is drawn: `0..10 epochs`.
    """

    log: bool | None = None
    x: Clock | None = None
    title: str | None = None
    size: tuple[float, float] | None = None
    dpi: int = 160
    grid: bool | None = None
    y: Values | None = None
    theme: Theme = "light"
    plain: bool = False
    expect: bool | None = None
    font_size: float | None = None
    window: str | None = None

    @property
    def shows_expectations(self) -> bool:
        """True if expectations are marked: as `expect` says, by default in every theme but that of a paper."""
        return self.theme != "paper" if self.expect is None else self.expect


FONT_SIZES = (4, 40)
"""The smallest and the largest size of letters that one may choose, in points."""

MAX_PIXELS = 100_000_000


def check_pixels(size: tuple[float, float], dpi: float) -> None:
    """Raises `ScheduleError` if a picture of this size (in inches) has more than `MAX_PIXELS` pixels."""
    width, height = size[0] * dpi, size[1] * dpi
    if width * height > MAX_PIXELS:
        raise ScheduleError.at(
            Position("lrviz"),
            f"a picture of {width:,.0f} x {height:,.0f} pixels is too large",
            "choose a smaller --size or --dpi",
        )


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme.

    `lines` are used in this order. `ink` is for words, `quiet` for less important words, `faint` for the grid; `holds`
    and `fails` are for expectations. `phases` has a colour and an opacity for the shade of each kind of phase. `width`
    is the width of a line, in points.
    """

    lines: tuple[str, ...]
    background: str
    ink: str
    quiet: str
    faint: str
    holds: str
    fails: str
    phases: Mapping[str, tuple[str, float]]
    width: float = 1.9

    def shade(self, phase: str) -> tuple[str, float]:
        """The colour and opacity behind a phase; one without its own looks like a decay."""
        return self.phases.get(phase, self.phases["decay"])

    def family(self, index: int, count: int) -> list[str]:
        """A colour for each of `count` param groups of curve number `index`: shades of its colour, from strong to pale.

        The palest still stands out from the background; if the curve's own colour is pale, the others are stronger.
        """
        own = self.lines[index % len(self.lines)]
        if count == 1:
            return [own]
        steps = [step / 50 for step in range(-30, 28)]  # towards the ink, and towards the background
        shades = [_mixed(own, self.background if step > 0 else self.ink, abs(step)) for step in steps]
        seen = [shade for shade in shades if _contrast(shade, self.background) >= LEAST_CONTRAST]
        last = len(seen) - 1
        first = min(last, max(0, last - 28))
        return [seen[round(first + (last - first) * at / (count - 1))] for at in range(count)]

    def stripes(self, index: int, count: int) -> list[str]:
        """A colour for each of many lines of curve number `index`: from one hue to another, strong and pale in turn."""
        first, last = (self.lines[(2 * index + end) % len(self.lines)] for end in (0, 1))
        colors = []
        for at in range(count):
            part = at / (count - 1)
            highest, lowest = STRIPES[at % 2]
            colors.append(self._at_contrast(_mixed(first, last, part), highest + (lowest - highest) * part))
        return colors

    def _at_contrast(self, color: str, contrast: float) -> str:
        """A colour mixed with the ink or the background so that its contrast with the background is about this."""
        shades = [_mixed(color, end, step / 50) for end in (self.ink, self.background) for step in range(50)]
        return min(shades, key=lambda shade: abs(_contrast(shade, self.background) - contrast))


STRIPES = ((9.0, 5.5), (2.8, 2.2))
"""The contrasts of strong and of pale lines with the background, each at the highest line and at the lowest."""

LEAST_CONTRAST = 2.0
"""The minimum contrast of a line with the background."""


def _contrast(color: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG defines it, from 1 to 21."""
    light, dark = sorted((_luminance(color), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mixed(color: str, other: str, part: float) -> str:
    """The colour at fraction `part` of the way from one colour to another, both as `#RRGGBB`."""
    pairs = [(int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in pairs)


_WARM, _COOL, _PURPLE, _GREY = "#E69F00", "#0072B2", "#CC79A7", "#808080"

PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        COLORS,
        background="#FFFFFF",
        ink="#262626",
        quiet="#595959",
        faint="#E6E6E6",
        holds="#00694D",
        fails="#C03500",
        phases={
            "warmup": (_WARM, 0.14),
            "rise": (_WARM, 0.14),
            "hold": (_GREY, 0.09),
            "decay": (_COOL, 0.06),
            "step decay": (_COOL, 0.06),
            "warm restarts": (_PURPLE, 0.09),
            "cycles": (_PURPLE, 0.09),
        },
    ),
    "dark": Palette(
        ("#56B4E9", "#E69F00", "#3FCFA0", "#E79AC4", "#F0E442", "#FF7F50", "#FFFFFF"),
        background="#14171C",
        ink="#E8E8E8",
        quiet="#A8ADB5",
        faint="#2C313A",
        holds="#3FCFA0",
        fails="#FF8A5C",
        phases={
            "warmup": (_WARM, 0.16),
            "rise": (_WARM, 0.16),
            "hold": ("#A0A0A0", 0.12),
            "decay": ("#56B4E9", 0.09),
            "step decay": ("#56B4E9", 0.09),
            "warm restarts": (_PURPLE, 0.13),
            "cycles": (_PURPLE, 0.13),
        },
    ),
    "paper": Palette(
        ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"),
        background="#FFFFFF",
        ink="#000000",
        quiet="#404040",
        faint="#EBEBEB",
        holds="#000000",
        fails="#B03000",
        phases={
            "warmup": (_GREY, 0.20),
            "rise": (_GREY, 0.20),
            "hold": (_GREY, 0.10),
            "decay": (_GREY, 0.03),
            "step decay": (_GREY, 0.03),
            "warm restarts": (_GREY, 0.03),
            "cycles": (_GREY, 0.03),
        },
        width=1.4,
    ),
}


@contextmanager
def settings(look: Look | None = None) -> Iterator[None]:
    """Sets matplotlib's defaults with ours on top, ignoring the user's matplotlibrc."""
    import matplotlib

    defaults: dict[Any, Any] = {
        key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")
    }
    with warnings.catch_warnings(), matplotlib.rc_context(defaults), matplotlib.rc_context(_settings(look or Look())):
        warnings.simplefilter("ignore")  # about letters that the font lacks, and legends that leave little room
        yield


FULL_LETTERS_FROM = (5.0, 3.2)
"""Width and height in inches. Narrower or lower pictures have proportionally smaller letters: 7 points in a column of
a paper."""

SMALLEST_ZOOM = 0.66


def letters(points: float) -> float:
    """A size in `points`, scaled down as letters are in small pictures."""
    import matplotlib

    return points * float(matplotlib.rcParams["font.size"]) / LETTERS


def _settings(look: Look) -> dict[Any, Any]:
    colors = PALETTES[look.theme]
    width, height = look.size or FULL_LETTERS_FROM
    zoom = max(SMALLEST_ZOOM, min(1.0, width / FULL_LETTERS_FROM[0], height / FULL_LETTERS_FROM[1]))
    chosen = {**SETTINGS, **(PAPER if look.theme == "paper" else {})}
    if look.font_size is not None:
        zoom = look.font_size / chosen["font.size"]
    sizes = {key: value * zoom for key, value in chosen.items() if key.endswith(("size", "linewidth"))}
    themed = {
        "axes.edgecolor": colors.quiet,
        "axes.facecolor": colors.background,
        "axes.labelcolor": colors.ink,
        "figure.facecolor": colors.background,
        "grid.color": colors.faint,
        "savefig.facecolor": colors.background,
        "text.color": colors.ink,
        "xtick.color": colors.quiet,
        "xtick.labelcolor": colors.ink,
        "ytick.color": colors.quiet,
        "ytick.labelcolor": colors.ink,
    }
    return {**chosen, **themed, **sizes}


LETTERS = 10.0
"""The ordinary font size, in points."""

SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "font.family": "DejaVu Sans",
    "font.size": LETTERS,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "lrviz",
    "text.hinting": "none",  # words are as wide in the picture, at any dpi, as where room for them was looked for
}

PAPER: dict[Any, Any] = {
    "axes.linewidth": 0.6,
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "font.size": 10.5,
    "grid.linewidth": 0.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
}
