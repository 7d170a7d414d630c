"""A window shows a part of each run: the axes, lines and marks of every kind of picture follow it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from curves import curve
from test_marks import shown, shown_of_files
from typer.testing import CliRunner

import lrviz
from lrviz.ansi import Terminal
from lrviz.cli.main import app
from lrviz.curve import Curve
from lrviz.errors import ScheduleError
from lrviz.render.drawing.plan import Drawing, drawing_of
from lrviz.render.page.cells import cells_of
from lrviz.render.page.chart import chart_of
from lrviz.render.picture.figure import draw
from lrviz.render.shown import Shown
from lrviz.render.style import Look, settings
from lrviz.render.terminal import overlay
from lrviz.render.terminal.axes import Trace, columns_of

GALLERY = Path(__file__).parents[2] / "schedules"
TEXT = """
epochs: 90
steps_per_epoch: 100
data: {batch_size: 10}
optimizer: {type: SGD, lr: 0.1}
scheduler: {type: MultiStepLR, milestones: [30, 60, 80]}
expect: {at: {5: 0.1, 40: 0.01, 70: 0.5}}
"""


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    (only,) = shown(TEXT, tmp_path_factory.mktemp("window"))
    return only


def drawing(of: Shown, window: str, **look: object) -> Drawing:
    return drawing_of([of], Look(window=window, **look))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("window", "extent"),
    [
        ("0..10 epochs", (0, 10)),
        ("5 epochs..end", (5, 90)),
        ("50%..last", (45, 90)),
        ("500..2k steps", (5, 20)),
        ("1k steps..15 epochs", (10, 15)),
        ("0.5..1.25 epochs", (0.5, 1.25)),
        ("10..20%", (9, 18)),
        ("2..3", (2, 3)),
        ("last..end", (89, 90)),
        ("1..10k samples", (0.001, 10)),
    ],
)
def test_the_axis_of_time_is_the_window_between_two_places(
    steps: Shown, window: str, extent: tuple[float, float]
) -> None:
    assert drawing(steps, window).extent == pytest.approx(extent)


def test_lines_marks_phases_and_events_follow_the_part(steps: Shown) -> None:
    whole, part = drawing_of([steps], Look()), drawing(steps, "45..75 epochs")
    assert [event.x for event in whole.events] == [30, 60, 80]
    assert [event.x for event in part.events] == [60]
    assert [(phase.start, phase.stop) for phase in part.phases] == [(45, 75)]
    assert {mark.kind for mark in whole.marks} == {"peak", "last", "value"}
    assert [(mark.kind, mark.x, mark.holds) for mark in part.marks] == [("value", 70, False)]
    (values,) = part.values
    assert np.flatnonzero(np.isfinite(values)).tolist() == list(range(45, 75))
    assert values[45:75].tolist() == whole.values[0][45:75].tolist()
    assert part.line(0, values)[0].tolist()[:: len(part.line(0, values)[0]) - 1] == [45, 75]


def test_whether_the_axis_is_logarithmic_is_decided_on_the_part() -> None:
    fall = curve([10.0**-at for at in range(6) for _ in range(10)])
    assert drawing_of([fall], Look()).log
    assert not drawing_of([fall], Look(window="0..20 epochs")).log


def test_a_long_run_is_thinned_within_its_part() -> None:
    long = curve(np.linspace(1, 0, 1_000_000).tolist(), interval="step", steps=1_000_000)
    part = drawing_of([long], Look(window="500000..500100 steps"))
    assert len(part.line(0, part.values[0])[0]) > 100
    figure = draw([long], Look(window="500000..500100 steps"))
    labels = [figure.axes[0].xaxis.get_major_formatter()(at) for at in (500_020, 500_040)]
    assert labels == ["500.02k", "500.04k"]


def test_the_parts_of_several_runs_share_the_clock_of_their_part() -> None:
    short, long = curve([0.1] * 10, name="short"), curve([0.1] * 300, name="long")
    assert drawing_of([short, long], Look()).clock == "percent"
    both = drawing_of([short, long], Look(window="0..10 epochs"))
    assert (both.clock, both.extent) == ("epoch", (0, 10))
    assert drawing_of([short, long], Look(window="5..20 epochs")).extent == (5, 20)  # the short one ends before
    apart = drawing_of([short, long], Look(window="90%..end"))
    assert (apart.clock, apart.extent) == ("percent", (90, 100))
    assert "shortest part" in apart.why_percent


def test_the_panels_of_small_multiples_have_each_their_part() -> None:
    runs = [curve(np.linspace(0.1, 0, count).tolist(), name=str(count)) for count in (40, 60)]
    panels = drawing_of(runs, Look(grid=True, window="50%..end"))
    assert panels.extent == (20, 60)
    assert [int(np.isfinite(values).sum()) for values in panels.values] == [20, 30]
    axes = draw(runs, Look(grid=True, window="50%..end")).axes
    assert [ax.get_xlim() for ax in axes[:2]] == [pytest.approx((20 - 0.8, 60))] * 2


def test_a_metric_and_its_reductions_follow_the_part() -> None:
    (plateau,) = shown_of_files(str(next(GALLERY.glob("*/keras_plateau_p10.yaml"))))
    panels = drawing(plateau, "100..200 epochs").panels
    assert [panel.kind for panel in panels] == ["lr", "metric"]
    assert [reduction.x for reduction in panels[1].reductions] == [119, 129, 149]
    assert np.flatnonzero(np.isfinite(panels[1].values[0])).tolist() == list(range(100, 200))
    assert not drawing(plateau, "150..200 epochs").panels[1].reductions


def test_picture_page_and_terminal_show_the_part(steps: Shown) -> None:
    look = Look(window="45..75 epochs")
    with settings(look):
        figure = draw([steps], look)
    ax = figure.axes[0]
    assert ax.get_xlim() == (45, 75)
    assert ax.get_ylim()[1] < 0.7  # the failing 0.5 is within it
    assert not [line for line in ax.lines if line.get_label() in ("_peak", "_last", "_holds")]
    chart = chart_of(drawing_of([steps], look, multiples=False), cells_of([steps.curve]), "light").figure
    assert chart["layout"]["xaxis"]["range"] == chart["limits"]["xaxis"] == [45, 75]
    assert chart["data"][0]["x"][0] == 45
    assert max(chart["data"][0]["x"]) <= 75
    text = overlay.draw([steps], look, Terminal(), 20)
    assert re.search(r"└[┬─]+\n +4[56] .* 7[45]\n", text)
    assert "peak" not in text


def test_columns_of_a_terminal_hold_the_values_of_the_part() -> None:
    part = drawing_of([curve([float(at) for at in range(40)])], Look(window="10.5..20.5 epochs"))
    trace = Trace(part.values[0][10:21], 1, 20.5, 10.5)
    assert columns_of(trace, 20, part.extent)[2].tolist() == [10.0, *np.repeat(range(11, 20), 2), 20.0]
    assert np.isnan(columns_of(trace, 10, part.extent._replace(start=0.5))[2]).tolist() == [True] * 5 + [False] * 5


def test_python_takes_a_window_on_axes_of_its_own_and_on_those_of_others() -> None:
    one = curve([0.1] * 40)
    assert lrviz.plot(one, window="0..10 epochs").get_xlim() == (0, 10)
    assert lrviz.plot(one, lrviz.plot(one, window="5..10 epochs"), window="8..12 epochs").get_xlim() == (5, 12)
    with pytest.raises(ScheduleError, match=r"^window: error: window '50..60': 50 is outside the run"):
        lrviz.plot(one, window="50..60")


@pytest.mark.parametrize(
    ("window", "message", "hint"),
    [
        ("10..5 epochs", "10 epochs is after 5 epochs", 'write "5 epochs..10 epochs"'),
        ("5..5 epochs", "nothing is between 5 epochs and 5 epochs", "such as"),
        ("95 epochs..end", "95 epochs is outside the run: its last place is epoch 89", "begin the window"),
        ("80..91 epochs", "91 epochs is outside the run", "write `end`"),
        ("5 epochs", "takes two places with `..` between them", "such as"),
        ("0...5 epochs", "takes two places", "such as"),
        ("..5 epochs", "takes two places", "such as"),
        ("warm..10 epochs", "expected a place in the run (got 'warm')", "such as"),
        ("0..5 parsecs", "unknown unit 'parsecs'", "the units are"),
        ("end..last", "`end` is allowed only", "write `last`"),
        ("0..5B tokens", "tokens cannot be counted", "give `data`"),
    ],
)
def test_a_window_that_shows_nothing_is_an_error_with_a_hint(
    steps: Shown, window: str, message: str, hint: str
) -> None:
    with pytest.raises(ScheduleError) as raised:
        drawing(steps, window)
    (problem,) = raised.value.problems
    assert str(problem).startswith("lrviz: error: --window ")
    assert message in problem.message
    assert problem.hint.startswith(hint)


def test_every_run_that_a_window_does_not_reach_is_named() -> None:
    runs: list[Curve] = [curve([0.1] * count, name=str(count)) for count in (10, 20, 50)]
    with pytest.raises(ScheduleError) as raised:
        drawing_of(runs, Look(window="30..40 epochs"))
    assert [problem.message.split(":")[0] for problem in raised.value.problems] == [
        "--window '30..40 epochs' of '10'",
        "--window '30..40 epochs' of '20'",
    ]


def test_the_command_takes_a_window(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT)
    runner = CliRunner()
    arguments = ["plot", str(tmp_path / "a.yaml"), "--terminal", "--window"]
    assert runner.invoke(app, [*arguments, "45..75 epochs"]).exit_code == 0
    wrong = runner.invoke(app, [*arguments, "75..45 epochs"])
    assert wrong.exit_code == 2
    assert "lrviz: error: --window '75..45 epochs': 75 epochs is after 45 epochs" in wrong.stderr
