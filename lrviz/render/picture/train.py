"""What trainings saw as a picture: loss and accuracy above, learning rates below, one colour a schedule.

A problem in the plane has its paths in place of accuracy. Seeds are a mean with a band. Many schedules have a pair of
panels each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lrviz.lessons.results import TrainedSchedule
from lrviz.render.drawing.names import Key
from lrviz.render.drawing.plane import plane_of
from lrviz.render.drawing.trained import TrainedDrawing, drawing_of_training
from lrviz.render.picture.axes import TICKS, add_clock
from lrviz.render.picture.axis import clock_axis
from lrviz.render.picture.below import legend_of, settle, stand_below
from lrviz.render.picture.figure import INCHES_A_TICK, LOWEST_WITH_LEGEND, add_title, is_small, save, ticks_on
from lrviz.render.picture.labels import add_names, have_room, place_names
from lrviz.render.picture.plane import draw_plane, tell_marks
from lrviz.render.picture.train_grid import draw_train_grid
from lrviz.render.picture.trained_panel import draw_trained, trained_style
from lrviz.render.style import FULL_LETTERS_FROM, PALETTES, Look, Palette, letters, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

WIDTH = 7.2
INCHES = {"plane": 3.0, "loss": 2.5, "accuracy": 1.3, "lr": 1.3, "momentum": 0.95}
"""The width of a picture, and the height of each of its panels, in inches."""

INCHES_AROUND = 1.35
"""The height of all words above, between and below them."""


def render(trained: Sequence[TrainedSchedule], format: str, look: Look | None = None) -> bytes:
    """The picture as the bytes of a PNG, SVG or PDF file; the same trainings give the same bytes.

    Of the options in `look` it takes the title, theme, size, resolution, size of letters and scale of learning rates.
    """
    look = look or Look()
    with settings(look):
        return save(draw(trained, look), format, look.dpi)


def draw(trained: Sequence[TrainedSchedule], look: Look) -> Figure:
    """The figure: panels over the same epochs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing, plane, palette = drawing_of_training(trained, look), plane_of(trained), PALETTES[look.theme]
    if drawing.multiples:
        return draw_train_grid(drawing, look)
    kinds = [*(["plane"] if plane else []), *(panel.kind for panel in drawing.panels)]
    ratios = [INCHES[kind] for kind in kinds]
    figure = Figure(figsize=look.size or (WIDTH, sum(ratios) + INCHES_AROUND), layout="constrained")
    FigureCanvasAgg(figure)
    axes = dict(zip(kinds, figure.subplots(len(kinds), 1, squeeze=False, height_ratios=ratios)[:, 0], strict=True))
    scale = max(0.3, (figure.get_figheight() - letters(INCHES_AROUND)) / sum(ratios))
    heights = {kind: INCHES[kind] * scale for kind in kinds}
    styles = [trained_style(palette, index) for index in range(len(trained))]
    paths = draw_plane(axes["plane"], plane, palette, styles) if plane else []
    lines = {
        panel.kind: draw_trained(axes[panel.kind], drawing, panel, palette, heights[panel.kind])
        for panel in drawing.panels
    }
    _share_epochs([axes[panel.kind] for panel in drawing.panels], drawing)
    figure.align_ylabels(list(axes.values()))
    add_title(figure, axes[kinds[0]], drawing.title)
    schedules = _schedules(axes["loss"], drawing, lines["loss"])
    groups = _groups(axes["lr"], drawing, lines["lr"])
    _lay_out(figure, drawing, schedules, groups, palette, heights)
    if plane:
        tell_marks(axes["plane"], plane, paths, palette)
    return figure


def _share_epochs(axes: Sequence[Axes], drawing: TrainedDrawing) -> None:
    """The axis of time of all panels: labels below the last, and the steps on top of the first if there is room."""
    figure: Any = axes[0].figure
    ticks = ticks_on(figure.get_figwidth(), TICKS[0], INCHES_A_TICK[0])
    for ax in axes:
        ax.set_xlim(0, drawing.extent)
        clock_axis(ax.xaxis, drawing.extent, ticks)
        ax.tick_params(labelbottom=ax is axes[-1])
    axes[-1].set_xlabel("epoch")
    if drawing.steps_per_epoch is not None and not is_small(tuple(figure.get_size_inches())):
        add_clock(axes[0], "epoch", drawing.steps_per_epoch, ticks)


# --- names ---------------------------------------------------------------------------------------------------


class Named(NamedTuple):
    """The lines of a panel that have a name, and the names."""

    ax: Axes
    lines: Sequence[Line2D]
    names: Sequence[str]


def _schedules(ax: Axes, drawing: TrainedDrawing, lines: Sequence[Line2D]) -> Named:
    """The line of losses that stands for each schedule: the mean, or that of its first training."""
    firsts: dict[int, Line2D] = {}
    for line, drawn in zip(drawing.panels[0].lines, lines, strict=True):
        if line.role in ("mean", "seed"):
            firsts.setdefault(line.schedule, drawn)
    own = [firsts[index] for index in range(len(drawing.trained))]
    return Named(ax, own, drawing.names if len(own) > 1 else drawing.names[0].split("\n")[1:])


def _groups(ax: Axes, drawing: TrainedDrawing, lines: Sequence[Line2D]) -> Named:
    """The learning rates of the param groups, if they differ."""
    rates = drawing.panel("lr")
    assert rates is not None
    names = drawing.group_names if all(line.role == "mean" for line in rates.lines) else ()
    return Named(ax, lines[: len(names)], names)


def _lay_out(
    figure: Figure, drawing: TrainedDrawing, schedules: Named, groups: Named, palette: Palette, inches: dict[str, float]
) -> None:
    """Draws names and caption, and does the layout. Names stand beside the lines, or those of schedules in a legend
    below."""
    size = tuple(figure.get_size_inches())
    wide = size[0] >= FULL_LETTERS_FROM[0]
    beside = [
        (each, add_names(each.ax, each.names))
        for each, room in ((schedules, inches["loss"]), (groups, inches["lr"]))
        if wide and each.names and have_room(each.names, figure, room)
    ]
    for each, texts in beside:
        for trained, text in zip(drawing.trained, texts, strict=False):
            if each is schedules and trained.diverged:
                text.set_color(palette.fails)
    below = stand_below(figure, palette, caption=[] if is_small(size) else drawing.captions)
    if schedules.names and not any(each is schedules for each, _ in beside) and size[1] > LOWEST_WITH_LEGEND:
        keys = [Key(name.replace("\n", ": "), (index,)) for index, name in enumerate(drawing.names)]
        stand_below(figure, palette, legend=legend_of(keys, schedules.lines, figure), start=below)
    settle(figure)
    for each, texts in beside:
        place_names(each.ax, each.lines, texts, palette)
