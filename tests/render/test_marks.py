"""What a picture of one schedule tells by itself: phases, events, peak and last value, expectations, caption."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from curves import curve, xs, ys
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from test_figure import assert_nothing_collides, caption, drawn, lines

from lrviz.ansi import Terminal
from lrviz.cli.picture import Order, sources
from lrviz.cli.sources import Selection
from lrviz.cli.streams import Notes
from lrviz.errors import ScheduleError
from lrviz.render.drawing.plan import drawing_of
from lrviz.render.page.legend import legend_of
from lrviz.render.page.line_styles import line_styles
from lrviz.render.page.marks import chart_marks
from lrviz.render.picture.figure import draw
from lrviz.render.picture.room import folded, width_of
from lrviz.render.shown import Shown
from lrviz.render.style import PALETTES, Look, settings
from lrviz.render.tables import explain
from lrviz.render.terminal import overlay

GALLERY = Path(__file__).parents[2] / "schedules"
HEAD = "epochs: 40\noptimizer: {type: SGD, lr: 0.1, momentum: 0.9}\n"
WARMUP = """
scheduler:
  type: SequentialLR
  milestones: [10]
  schedulers:
    - {type: LinearLR, start_factor: 0.1, total_iters: 10}
    - {type: CosineAnnealingLR, T_max: 30}
"""


def shown(text: str, folder: Path, **look: object) -> list[Shown]:
    file = folder / "schedule.yaml"
    file.write_text(text)
    return shown_of_files(str(file), **look)


def shown_of_files(*files: str, **look: object) -> list[Shown]:
    order = Order(Selection(files), Look(**look), "png")  # type: ignore[arg-type]
    return sources(order, Notes(True, False)).shown


def figure_of(text: str, folder: Path, **look: object) -> Figure:
    chosen = Look(**look)  # type: ignore[arg-type]
    with settings(chosen):
        return draw(shown(text, folder), chosen)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def marks(figure: Figure, label: str) -> list[tuple[float, float]]:
    found = [line for line in figure.axes[0].lines if line.get_label() == label]
    return [(float(xs(line)[0]), float(ys(line)[0])) for line in found]


def shades(figure: Figure, panel: int = 0) -> list[tuple[float, float]]:
    patches = [patch for patch in figure.axes[panel].patches if isinstance(patch, Rectangle)]
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in patches]


# --- phases and events -------------------------------------------------------------------------------------


def test_phases_are_shaded_and_named(tmp_path: Path) -> None:
    figure = figure_of(HEAD + WARMUP, tmp_path)
    assert shades(figure) == [(0, 10), (10, 40)]
    assert [text for text in texts(figure) if text in ("warmup", "decay")] == ["decay", "warmup"]
    colors = [patch.get_facecolor()[:3] for patch in figure.axes[0].patches]
    assert colors[0] != colors[1]


def test_several_schedules_or_groups_that_part_have_no_phases(tmp_path: Path) -> None:
    two = HEAD + "schedules:\n  a: {scheduler: {type: LinearLR}}\n  b: {scheduler: {type: CosineAnnealingLR}}\n"
    assert shades(figure_of(two, tmp_path)) == []
    with settings():
        part = draw([curve([0.1] * 10, [0.1 - tick / 100 for tick in range(10)])], Look())
    assert shades(part) == []


def test_a_milestone_is_a_tick_with_its_epoch(tmp_path: Path) -> None:
    figure = figure_of(HEAD + "scheduler: {type: MultiStepLR, milestones: [20, 30]}\n", tmp_path)
    assert marks(figure, "_tick") == [(20, 0), (30, 0)]
    assert {"step decay", "milestone 20", "30"} <= set(texts(figure))


def test_a_restart_is_a_tick_too(tmp_path: Path) -> None:
    figure = figure_of(HEAD + "scheduler: {type: CosineAnnealingWarmRestarts, T_0: 20}\n", tmp_path)
    assert marks(figure, "_tick") == [(20, 0)]
    assert {"warm restarts", "restart 20"} <= set(texts(figure))


def test_what_finds_no_room_is_left_out_and_the_ticks_stay(tmp_path: Path) -> None:
    milestones = [3, 6, 8, 10, 15, 16, 20]
    figure = figure_of(HEAD + f"scheduler: {{type: MultiStepLR, milestones: {milestones}, gamma: 0.9}}\n", tmp_path)
    assert marks(figure, "_tick") == [(each, 0) for each in milestones]
    numbered = [text for text in texts(figure) if text.removeprefix("milestone ").isdigit()]
    assert 1 <= len(numbered) < len(milestones)
    assert_nothing_collides(figure)


NAMED = """
scheduler:
  - {type: LinearLR, start_factor: 0.1, for: 10, name: <b>ramp}
  - {type: MultiStepLR, milestones: [10], for: 20}
  - {type: CosineAnnealingLR, name: annealing}
"""


def test_a_phase_is_called_what_the_file_calls_it(tmp_path: Path) -> None:
    made = shown(HEAD + NAMED, tmp_path)
    drawing = drawing_of(made, Look())
    assert [(each.name, each.words, each.ticks) for each in drawing.phases] == [
        ("warmup", "<b>ramp", (0, 10)),
        ("step decay", "step decay", (10, 30)),
        ("decay", "annealing", (30, 40)),
    ]
    assert {"<b>ramp", "annealing"} <= set(texts(figure_of(HEAD + NAMED, tmp_path)))
    marks = chart_marks(drawing, line_styles(drawing.columns, PALETTES["light"]), PALETTES["light"], legend_of(drawing))
    assert marks.phases[0]["words"] == "&lt;b&gt;ramp", "no markup on a page"
    assert "annealing" in overlay.draw(made, Look(), Terminal(), None)
    assert made[0].schedule is not None
    assert "phase 3 (annealing): " in explain.page(explain.explained(made[0].schedule, "named"))


@pytest.mark.parametrize("name", ["3", "[a]", '""', '"a\\nb"'])
def test_the_name_of_a_phase_is_text(name: str, tmp_path: Path) -> None:
    with pytest.raises(ScheduleError, match="the name of a phase must be text"):
        shown(HEAD + NAMED.replace("annealing", name), tmp_path)


def test_a_plateau_has_reductions_and_no_milestones(tmp_path: Path) -> None:
    plateau = "{type: ReduceLROnPlateau, patience: 3}"
    metric = 'metric: "1 + 0 * epoch"\n'
    alone = texts(figure_of(HEAD + f"scheduler: {plateau}\n{metric}", tmp_path))
    assert any(each.startswith("reduction ") for each in alone)
    assert not any(each.startswith("milestone") for each in alone)
    phases = f"scheduler:\n  - {{type: StepLR, step_size: 10, for: 20}}\n  - {plateau}\n{metric}"
    both = texts(figure_of(HEAD + phases, tmp_path))
    assert "milestone 10" in both
    assert any(each.startswith("reduction ") for each in both)


@pytest.mark.parametrize("grid", [False, True])
def test_letters_and_lines_grow_with_the_font_size(grid: bool, tmp_path: Path) -> None:
    sizes = []
    for points in (10, 20):
        figure = figure_of(HEAD + WARMUP, tmp_path, font_size=points, size=(7.2, 4.3), grid=grid)
        ax = figure.axes[0]
        sizes.append((ax.get_xticklabels()[0].get_fontsize(), *sorted(text.get_fontsize() for text in ax.texts)[-1:]))
    assert list(sizes[1]) == [2 * small for small in sizes[0]]


def test_the_word_for_events_stands_at_the_first_or_in_the_band(tmp_path: Path) -> None:
    figure = figure_of(HEAD + "scheduler: {type: MultiStepLR, milestones: [10, 20]}\n", tmp_path)
    assert {"milestone 10", "20"} <= set(texts(figure))
    crowded = "scheduler: {type: MultiStepLR, milestones: [18, 20, 22]}\n"
    narrow = figure_of(HEAD + crowded, tmp_path, size=(2.2, 2.2))
    assert {"milestone 18", "step decay, milestones"} & set(texts(narrow))
    assert not {"milestone 20", "milestone 22"} & set(texts(narrow))


def test_a_narrow_last_phase_has_its_name(tmp_path: Path) -> None:
    phases = "scheduler: [{type: none, for: 38}, {type: LinearLR, start_factor: 1, end_factor: 0}]\n"
    text = HEAD.replace("epochs: 40", "epochs: 400") + phases.replace("38", "390")
    assert {"hold", "decay"} <= set(texts(figure_of(text, tmp_path)))


def test_a_dot_without_room_for_its_label_is_not_drawn(tmp_path: Path) -> None:
    text = HEAD + "scheduler: {type: CyclicLR, base_lr: 0, max_lr: 0.1, step_size_up: 1}\n"
    for size in ((2, 1.5), (7.2, 4.3)):
        figure = figure_of(text, tmp_path, size=size)
        assert len(marks(figure, "_peak")) == sum(each.startswith("peak") for each in texts(figure))


# --- peak and last -----------------------------------------------------------------------------------------


def test_the_peak_and_the_last_value_are_marked_with_their_numbers(tmp_path: Path) -> None:
    figure = figure_of(HEAD + WARMUP, tmp_path)
    last = 0.05 * (1 + math.cos(math.pi * 29 / 30))
    (peak,), (end,) = marks(figure, "_peak"), marks(figure, "_last")
    assert peak == pytest.approx((10, 0.1))
    assert end == pytest.approx((40, last))
    assert {"peak 0.1 at epoch 10", f"last {last:.2e}\nend 0".replace("e-0", "e-")} <= set(texts(figure))


def test_a_constant_learning_rate_has_no_peak(tmp_path: Path) -> None:
    figure = figure_of(HEAD + "scheduler: none\n", tmp_path)
    assert marks(figure, "_peak") == []
    assert {"hold", "last 0.1"} <= set(texts(figure))


# --- expectations ------------------------------------------------------------------------------------------


def test_an_expectation_that_holds_is_a_ring_and_one_that_does_not_is_a_cross_at_what_was_expected(
    tmp_path: Path,
) -> None:
    expect = "expect:\n  at: {0: 0.01, 10: 0.1, 25: 0.03}\n  max: 0.1\n  peak: 12\n"
    figure = figure_of(HEAD + WARMUP + expect, tmp_path)
    assert sorted(marks(figure, "_holds")) == [(0, 0.01), (10, 0.1), (10, 0.1)]
    after_two = 0.05 * (1 + math.cos(math.pi * 2 / 30))
    assert sorted(marks(figure, "_fails")) == [(12, pytest.approx(after_two)), (25, 0.03)]
    assert "is 0.05, not 0.03" in texts(figure)
    assert "Not as expected (crosses): at 25: 0.03; peak: 12. As expected: 3 of 5. A ring is a value." in caption(
        figure
    )
    assert_nothing_collides(figure)


def test_a_range_is_two_lines_and_a_direction_a_band_or_where_it_fails_a_bar_below(tmp_path: Path) -> None:
    expect = "expect: {between: [0, 0.1], increasing: [0, 10], constant: [20, 30]}\n"
    figure = figure_of(HEAD + WARMUP + expect, tmp_path)
    assert [y for _, y in marks(figure, "_limit")] == [0, 0.1]
    bars = {line.get_label(): (xs(line)[0], xs(line)[-1], line.get_color()) for line in figure.axes[0].lines}
    assert bars["_range"] == (0, 10, PALETTES["light"].holds)
    assert bars["_span"] == (20, 30, PALETTES["light"].fails)
    (band,) = (line for line in figure.axes[0].lines if line.get_label() == "_range")
    assert (ys(band)[0], ys(band)[-1]) == pytest.approx((0.01, 0.1)), "it follows the line"
    assert [x for x, _ in marks(figure, "_fails")] == [25]
    assert (
        "Not as expected (crosses): constant: [20, 30]. As expected: 2 of 3. "
        "A pale band is a range, a dotted line a limit."
    ) in caption(figure)


def test_an_expected_value_outside_of_the_axes_is_marked_at_their_edge(tmp_path: Path) -> None:
    figure = figure_of(HEAD + WARMUP + "expect: {at: {20: 5}}\n", tmp_path)
    ((x, y),) = marks(figure, "_fails")
    assert (x, y) == (20, figure.axes[0].get_ylim()[1])
    assert "is 0.075, not 5" in texts(figure)


def test_an_expected_value_above_the_lines_is_within_the_axes_where_that_hides_nothing(tmp_path: Path) -> None:
    figure = figure_of(HEAD + WARMUP + "expect: {at: {20: 0.2}}\n", tmp_path)
    assert marks(figure, "_fails") == [(20, 0.2)]
    assert 0.2 < figure.axes[0].get_ylim()[1] < 0.25


def test_expectations_that_mean_nothing_for_this_length_are_not_drawn(tmp_path: Path) -> None:
    file = tmp_path / "schedule.yaml"
    file.write_text(HEAD + WARMUP + "expect: {at: {0: 0.01, 30: 1}}\n")
    order = Order(Selection([str(file)], epochs="20"), Look(), "png")
    made = sources(order, Notes(True, False))
    assert [each.holds for each in made.shown[0].expected] == [True]


def test_of_several_schedules_only_what_does_not_hold_is_marked(tmp_path: Path) -> None:
    text = HEAD + (
        "schedules:\n"
        "  fine: {scheduler: {type: LinearLR, start_factor: 0.5}, expect: {at: {0: 0.05}}}\n"
        "  wrong: {scheduler: {type: CosineAnnealingLR}, expect: {at: {0: 0.05}}}\n"
    )
    figure = figure_of(text, tmp_path)
    assert marks(figure, "_holds") == []
    assert marks(figure, "_fails") == [(0, 0.05)]
    assert "Not as expected: wrong." in caption(figure)
    with settings():
        panels = draw(shown(text, tmp_path), Look(grid=True)).axes
    assert [ax.texts[0].get_text() for ax in panels] == ["", "✗ not as expected"]


LINTED = (
    "epochs: 10\nsteps_per_epoch: 100\noptimizer: {lr: 0.1}\nschedules:\n"
    "  fine: {scheduler: {type: CosineAnnealingLR, T_max: 10}}\n"
    "  unit: {scheduler: {type: CosineAnnealingLR, T_max: 1000}}\n"
    "  late: {scheduler: {type: MultiStepLR, milestones: [5, 30]}}\n"
    "  both: {scheduler: {type: CosineAnnealingLR, T_max: 1000}, expect: {at: {0: 0.5}}}\n"
)


def test_a_panel_says_what_the_lint_finds_of_its_schedule(tmp_path: Path) -> None:
    made = shown(LINTED, tmp_path, grid=True)
    with settings():
        panels = draw(made, Look(grid=True)).axes
    said = ["", "✗ 1 error", "1 warning", "✗ not as expected, 1 error"]
    assert [ax.texts[0].get_text() for ax in panels] == said
    assert [ax.texts[0].get_color() == PALETTES["light"].fails for ax in panels] == [False, True, False, True]
    with settings():
        plain = draw(made, Look(grid=True, plain=True)).axes
    assert [ax.texts[0].get_text() for ax in plain] == [""] * 4
    text = overlay.draw(made, Look(grid=True), Terminal(False, 100, False), None)
    assert all(words in text for words in said)
    lines = text.splitlines()
    assert lines[1].split() == ["✗", "1", "error"]
    assert len({line.index("┤") for line in lines if line.count("0.1 ┤") == 2}) == 1, "axes are beside one another"
    assert "x 1 error" in overlay.draw(made, Look(grid=True), Terminal(False, 100, True), None)


def test_a_limit_is_never_drawn_across_the_words_above_the_lines(tmp_path: Path) -> None:
    for limit in (0.102, 0.11, 0.115, 0.12, 0.13):
        figure = figure_of(HEAD + WARMUP + f"expect: {{between: [0, {limit}]}}\n", tmp_path)
        (ax, *_) = figure.axes
        places = [ax.transData.transform((0, y)) for _, y in marks(figure, "_limit")]
        drawn_at = [ax.transAxes.inverted().transform(place)[1] for place in places]
        named = [text for text in ax.texts if text.get_text() in ("warmup", "decay")]
        assert len(named) == 2
        lowest = min(ax.transAxes.inverted().transform(text.get_window_extent().min)[1] for text in named)
        assert max(drawn_at) < lowest or max(drawn_at) > 1, limit


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{between: [0, 0.05]}", "Not as expected: between"),
        ("{at: {20: 50}}", "Not as expected: at 20: 50"),
        ("{at: {20: 0.04}}", "Not as expected (crosses): at 20: 0.04"),
        ("{decreasing: [0, 20]}", "Not as expected (crosses): decreasing"),
    ],
)
def test_the_caption_names_crosses_only_where_there_are_some(expect: str, said: str, tmp_path: Path) -> None:
    figure = figure_of(f"{HEAD}{WARMUP}expect: {expect}\n", tmp_path)
    assert said in caption(figure)
    assert ("(crosses)" in said) == any(line.get_marker() == "x" for line in figure.axes[0].lines)


def test_the_words_at_a_peak_take_two_lines_before_they_are_left_out() -> None:
    made = shown_of_files(str(GALLERY / "vision/goyal_imagenet_1hour.yaml"))
    look = Look(theme="paper", size=(3.3, 2.2))
    with settings(look):
        figure = draw(made, look)
    assert "peak 3.2\nat epoch 5" in texts(figure)
    assert_nothing_collides(figure)


def test_words_are_as_wide_in_the_file_as_where_room_for_them_was_looked_for() -> None:
    look = Look(theme="paper", size=(3.3, 2.2))
    with settings(look):
        widths = []
        for dpi in (72, 100, 160, 300):
            figure = Figure(figsize=(3.3, 2.2), dpi=dpi)
            FigureCanvasAgg(figure)
            widths.append(width_of("peak 3.2 at epoch 5", 5.5, figure))
    assert max(widths) == pytest.approx(min(widths), rel=0.01)


# --- momentum, caption, plain ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("optimizer", "name"), [("{type: SGD, lr: 0.1, momentum: 0.9}", "momentum"), ("{type: AdamW, lr: 0.1}", "beta1")]
)
def test_momentum_has_a_panel_below_where_it_moves(optimizer: str, name: str, tmp_path: Path) -> None:
    text = f"epochs: 40\noptimizer: {optimizer}\nscheduler: {{type: OneCycleLR, max_lr: 0.1, total_steps: 40}}\n"
    figure = figure_of(text, tmp_path)
    rates, momentum = figure.axes
    assert (rates.get_ylabel(), momentum.get_ylabel()) == ("learning rate", name)
    assert (rates.get_xlabel(), momentum.get_xlabel()) == ("", "epoch")
    (line,) = lines(figure, 1)
    assert (max(ys(line)), min(ys(line))) == pytest.approx((0.95, 0.85))
    assert line.get_color() == lines(figure)[0].get_color()
    assert shades(figure, 1) == shades(figure, 0) != []
    assert rates.get_xlim() == momentum.get_xlim()
    assert_nothing_collides(figure)
    assert len(figure_of(text, tmp_path, y="lr").axes) == 1
    (alone,) = figure_of(text, tmp_path, y="momentum").axes
    assert alone.get_ylabel() == name


def test_the_source_is_a_caption(tmp_path: Path) -> None:
    figure = figure_of(HEAD + WARMUP + "source: A paper, section 3\n", tmp_path)
    assert caption(figure) == "Source: A paper, section 3"


def test_plain_leaves_out_everything(tmp_path: Path) -> None:
    text = HEAD + WARMUP + "source: A paper\nexpect: {at: {0: 0.01, 25: 1}}\n"
    figure = figure_of(text, tmp_path, plain=True)
    (ax,) = figure.axes
    assert (texts(figure), caption(figure), shades(figure), len(ax.lines)) == ([], "", [], 1)
    assert ax.get_title(loc="left") == "schedule"
    one_cycle = HEAD + "scheduler: {type: OneCycleLR, max_lr: 0.1, total_steps: 40}\n"
    assert len(figure_of(one_cycle, tmp_path, plain=True).axes) == 1


# --- the gallery -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "paper"])
@pytest.mark.parametrize(
    "recipe",
    [
        "basics/warm-restarts", "basics/fine-tuning", "basics/one-cycle", "basics/step-decay", "vision/clr_triangular",
        "vision/goyal_imagenet_1hour", "vision/swa_vgg16_cifar100", "libraries/keras_plateau_p10",
        "language/deepseek_v3", "language/ulmfit_discriminative", "generative/gaussian_splatting",
        "vision/mmdet_faster_rcnn_1x",
    ],
)  # fmt: skip
def test_no_words_of_a_recipe_collide_or_leave_its_picture(recipe: str, theme: str) -> None:
    with settings(Look(theme=theme)):  # type: ignore[arg-type]
        assert_nothing_collides(draw(shown_of_files(str(GALLERY / f"{recipe}.yaml")), Look(theme=theme)))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(3.0, 2.2), (4.0, 3.0), (12.0, 3.0)])
def test_small_pictures_have_less_on_them_and_nothing_collides(size: tuple[float, float], tmp_path: Path) -> None:
    text = HEAD + WARMUP + "source: A paper\nexpect: {at: {0: 0.01, 25: 1}, peak: 10}\n"
    figure = figure_of(text, tmp_path, size=size)
    assert_nothing_collides(figure)
    assert lines(drawn([curve([0.1, 0.2])], Look(size=size)))


# --- what pictures once got wrong --------------------------------------------------------------------------


def test_a_milestone_has_all_its_digits(tmp_path: Path) -> None:
    text = "steps: 5000\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: MultiStepLR, milestones: [1234, 3456]}\n"
    assert {"milestone 1,234", "3,456"} <= set(texts(figure_of(text, tmp_path)))


def test_events_of_another_kind_are_named_again(tmp_path: Path) -> None:
    text = """
epochs: 100
optimizer: {type: SGD, lr: 0.1}
scheduler:
  - {type: MultiStepLR, milestones: [10, 20], gamma: 0.5, for: 40}
  - {type: CosineAnnealingWarmRestarts, T_0: 15, for: 60, from: base}
"""
    named = [each for each in texts(figure_of(text, tmp_path)) if each.split()[-1].isdigit() and "last" not in each]
    assert named[:2] == ["milestone 10", "20"]
    assert "restart 55" in named
    assert named[-1] == "85"


def test_phases_are_those_of_all_param_groups(tmp_path: Path) -> None:
    flat, falling = [0.1] * 40, [0.1 - tick / 1000 for tick in range(40)]
    with settings():
        assert shades(draw([curve(*([flat] * 5), falling)], Look())) == []
        assert shades(draw([curve(*([falling] * 5))], Look())) != []


def test_a_first_jump_far_above_all_before_is_no_restart(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
scheduler:
  type: ChainedScheduler
  schedulers: [{type: ConstantLR, factor: 0.1, total_iters: 4}, {type: ExponentialLR, gamma: 0.9}]
"""
    )
    assert not {"warm restarts", "restart 4"} & set(texts(figure_of(text, tmp_path)))


def test_the_peak_is_where_it_is_first_reached() -> None:
    with settings():
        held = draw([curve([0.05, *[0.1] * 40, 0.05])], Look())
        many = draw([curve(*([0.1 * group, 0.05, *[0.01] * 20] for group in range(1, 6)))], Look())
    assert marks(held, "_peak") == [(1, 0.1)]
    assert marks(many, "_peak") == []


def test_what_is_expected_of_a_group_is_marked_on_its_line_alone(tmp_path: Path) -> None:
    text = """
epochs: 20
optimizer: {type: SGD, groups: [{name: body, lr: 0.1}, {name: head, lr: 0.4}]}
scheduler: {type: StepLR, step_size: 5}
expect: {at: {0: {body: 0.1}, 10: {head: 0.2}}, min: {body: 0.0001}}
"""
    figure = figure_of(text, tmp_path)
    assert sorted(marks(figure, "_holds")) == [(0, 0.1), (15, pytest.approx(0.0001))]
    assert marks(figure, "_fails") == [(10, 0.2)]
    assert "head: is 0.004, not 0.2" in texts(figure)
    assert "at 10: 0.2 (head)" in caption(figure)


def test_what_is_expected_far_beyond_the_axes_is_an_arrow(tmp_path: Path) -> None:
    figure = figure_of(HEAD + WARMUP + "expect: {at: {20: 5}}\n", tmp_path)
    assert [line.get_marker() for line in figure.axes[0].lines if line.get_label() == "_fails"] == ["^"]


def test_a_jump_and_a_direction_that_fail_say_so(tmp_path: Path) -> None:
    text = HEAD + "scheduler: {type: StepLR, step_size: 20}\nexpect: {max_jump: 2, constant: true}\n"
    figure = figure_of(text, tmp_path)
    assert {"jumps by 10", "not constant"} <= set(texts(figure))
    assert any(mark == pytest.approx((20, 0.01)) for mark in marks(figure, "_fails"))


@pytest.mark.parametrize("recipe", ["basics/cyclic", "vision/clr_triangular", "libraries/keras_plateau_p10"])
def test_no_hairline_runs_through_words(recipe: str) -> None:
    (one, *_) = shown_of_files(str(GALLERY / f"{recipe}.yaml"))
    with settings():
        figure = draw([one], Look())
    ax, *_ = figure.axes
    hairlines = [line for line in ax.lines if line.get_label() == "_event"]
    assert hairlines
    for text in ax.texts:
        if text.get_text().startswith("peak"):
            box = text.get_window_extent()
            for line in hairlines:
                assert not line.get_transform().transform_path(line.get_path()).intersects_bbox(box, filled=False)


@pytest.mark.parametrize("size", [(2.0, 1.5), (3.3, 2.2), (4.0, 3.0), (5.5, 3.0), (20.0, 3.0)])
@pytest.mark.parametrize("theme", ["light", "paper"])
@pytest.mark.parametrize(
    "kind", ["scheduler: {type: OneCycleLR, max_lr: 0.1, total_steps: 1200}", "scheduler: {type: LinearLR}"]
)
def test_every_size_has_what_fits(size: tuple[float, float], theme: str, kind: str, tmp_path: Path) -> None:
    """With both clocks, momentum, a long title, and groups."""
    groups = ", ".join(f"{{name: group-{at}, lr: 0.{at}}}" for at in range(1, 8))
    optimizer = "lr: 0.1, momentum: 0.9" if "OneCycle" in kind else f"groups: [{groups}]"
    text = (
        f"title: {'A Title That Is Longer Than A Column ' * 2}\nepochs: 12\nsteps_per_epoch: 100\ninterval: step\n"
        f"optimizer: {{type: SGD, {optimizer}}}\n{kind}\nexpect: {{increasing: true}}\nsource: A paper, section 3\n"
    )
    figure = figure_of(text, tmp_path, size=size, theme=theme)
    assert_nothing_collides(figure)
    assert figure.axes[0].get_window_extent().height > 0.2 * figure.bbox.height


@pytest.mark.parametrize("count", [9, 30])
def test_a_caption_stands_below_a_legend(count: int, tmp_path: Path) -> None:
    names = "\n".join(f"  s{at}: {{scheduler: {{type: ExponentialLR, gamma: 0.{at + 10}}}}}" for at in range(count))
    figure = figure_of(f"{HEAD}source: A paper\nschedules:\n{names}\n", tmp_path, grid=False)
    assert caption(figure).endswith("Source: A paper")
    assert_nothing_collides(figure)
    (legend,) = figure.legends
    figure.draw_without_rendering()
    lowest = legend.get_window_extent().y0
    assert all(text.get_window_extent().y1 <= lowest + 1 for text in figure.texts)


def test_a_number_is_not_broken_at_its_point() -> None:
    assert folded("last 0.025, end 0.0125", 7).split() == ["last", "0.025,", "end", "0.0125"]
    assert folded("a.yaml:step", 7) == "a.yaml:\nstep"
