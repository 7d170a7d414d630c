"""What a curve is said to do, held against the words and the arithmetic of those who made the schedule."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrviz.calculator.stats import stats_of
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.loading import load_file, load_text
from lrviz.run import Run
from lrviz.schedule.catalogue.schedulers import SCHEDULERS
from lrviz.schedule.model import Schedule
from lrviz.shape.phases import Course, CoursePhase, Event, course_of

GALLERY = Path(__file__).parents[2] / "schedules"


def made(values: Sequence[float]) -> Curve:
    """A curve in epochs with these values."""
    column = memoryview(array("d", values)).toreadonly()
    return Curve("made", ("0",), Run(len(values), None, None, "epoch"), (column,), (0.0,))


def of(values: Sequence[float]) -> tuple[str, str]:
    return words(course_of(made(values)))


def words(course: Course) -> tuple[str, str]:
    """The phases and the events as texts: `warmup 0-5, decay 5-90`."""
    phases = ", ".join(f"{name} {start}-{stop}" for name, start, stop in course.phases)
    return phases, " ".join(f"{kind} {tick}" for kind, tick in course.events)


def read(scheduler: str, epochs: int = 90) -> tuple[Schedule, Curve]:
    text = f"epochs: {epochs}\noptimizer: {{type: SGD, lr: 0.1, momentum: 0.9}}\nscheduler: {scheduler}\n"
    (schedule,) = load_text(text, "s.yaml")
    return schedule, simulate(schedule)


def told(scheduler: str, epochs: int = 90) -> tuple[str, str]:
    schedule, curve = read(scheduler, epochs)
    return words(course_of(curve, schedule))


# --- published schedules ---------------------------------------------------------------------------------------

STEPS_1_HOUR = 1281167 // 8192
CIFAR = 781

PUBLISHED = {
    "basics/cosine-annealing": ("decay 0-90", ""),
    "basics/exponential": ("decay 0-300", ""),
    "basics/one-cycle": (f"warmup 0-{0.3 * 30 * 391 - 1:.0f}, decay {0.3 * 30 * 391 - 1:.0f}-{30 * 391}", ""),
    "basics/step-decay": ("step decay 0-90", "milestone 30 milestone 60"),
    "basics/warm-restarts": ("warm restarts 0-150", "restart 10 restart 30 restart 70"),
    "basics/warmup-cosine": ("warmup 0-5, decay 5-90", ""),
    "generative/cyclegan_linear": ("hold 0-98, decay 98-200", ""),
    "generative/nerf_llff": ("decay 0-200000", ""),
    "generative/stable_diffusion_v1": ("warmup 0-10000, hold 10000-100000", ""),
    "language/bert_finetune_mrpc_hf": ("warmup 0-34, decay 34-345", ""),
    "language/deepseek_v2_lite": (
        "warmup 0-2000, step decay 2000-301997",
        f"milestone {math.ceil(0.8 * 301997)} milestone {math.floor(0.9 * 301997)}",
    ),
    "language/deepseek_v3": (
        "warmup 0-2000, hold 2000-158946, decay 158946-227293, step decay 227293-235240",
        "milestone 232586",
    ),
    "language/gpt3_175b": (
        f"warmup 0-{math.ceil(183105 / 1536)}, decay {math.ceil(183105 / 1536)}-{math.ceil(126953125 / 1536)}, "
        f"hold {math.ceil(126953125 / 1536)}-95367",
        "",
    ),
    "language/haegele_wsd_1sqrt": ("warmup 0-300, hold 300-12000, decay 12000-15000", ""),
    "language/llama1_7b": ("warmup 0-2000, decay 2000-250000", ""),
    "language/minicpm_2.4b_wsd": ("warmup 0-1000, hold 1000-263000, decay 263000-283000", ""),
    "language/pythia_160m": ("warmup 0-1430, decay 1430-115139, hold 115139-143000", ""),
    "language/t5_finetune_constant": (f"hold 0-{2**18}", ""),
    "language/transformer_noam_base": ("warmup 0-3999, decay 3999-100000", ""),
    "language/ulmfit_slanted_triangular": ("warmup 0-1955, decay 1955-19550", ""),
    "libraries/keras_plateau_p10": (
        "step decay 0-300",
        " ".join(f"reduction {epoch}" for epoch in (51, 80, 90, 100, 119, 129, 149)),
    ),
    "libraries/megatron_wsd_cosine": ("warmup 0-2000, hold 2000-80000, decay 80000-100000", ""),
    "libraries/megatron_wsd_exponential": ("warmup 0-2000, hold 2000-80000, decay 80000-100000", ""),
    "libraries/megatron_wsd_linear": ("warmup 0-2000, hold 2000-80000, decay 80000-100000", ""),
    "libraries/torchtitan_default": ("warmup 0-200, decay 200-1000", ""),
    "speech/wav2vec2_base_100h_tristage": ("warmup 0-8000, hold 8000-40000, decay 40000-80000", ""),
    "vision/cifar10_fast_dawnbench": (f"warmup 0-{5 * 97}, decay {5 * 97}-{24 * 97}", ""),
    "vision/clr_exp_range": ("cycles 0-20000", "cycle 4000 cycle 8000 cycle 12000 cycle 16000"),
    "vision/clr_triangular": ("cycles 0-20000", "cycle 4000 cycle 8000 cycle 12000 cycle 16000"),
    "vision/deit_small_timm": ("warmup 0-5, decay 5-300", ""),
    "vision/detectron2_1x": ("warmup 0-1000, step decay 1000-90000", "milestone 60000 milestone 80000"),
    # the decay has run since step 0: the learning rate falls by 6 % at the end of the warmup
    "vision/efficientnet_b0_google": ("warmup 0-1560, decay 1560-156000", "milestone 1560"),
    "vision/goyal_imagenet_1hour": (
        f"warmup 0-{5 * STEPS_1_HOUR}, step decay {5 * STEPS_1_HOUR}-{90 * STEPS_1_HOUR}",
        " ".join(f"milestone {epoch * STEPS_1_HOUR}" for epoch in (30, 60, 80)),
    ),
    "vision/inception_v3": ("decay 0-100", ""),
    "vision/mmdet_faster_rcnn_1x": (
        f"warmup 0-499, step decay 499-{12 * 7330}",
        f"milestone {8 * 7330} milestone {11 * 7330}",
    ),
    "vision/raft_chairs_one_cycle": ("warmup 0-5004, decay 5004-100001", ""),
    "vision/resnet110_cifar10_he2016": ("warmup 0-400, step decay 400-64000", "milestone 32000 milestone 48000"),
    "vision/sgdr_wrn28_T1_mult2": (
        f"warm restarts 0-{127 * CIFAR}",
        " ".join(f"restart {epochs * CIFAR + 1}" for epochs in accumulate(2**at for at in range(6))),
    ),
    "vision/sgdr_wrn28_T50": (
        f"warm restarts 0-{200 * CIFAR}",
        " ".join(f"restart {epochs * CIFAR + 1}" for epochs in (50, 100, 150)),
    ),
    "vision/swa_vgg16_cifar100": ("hold 0-80, decay 80-145, hold 145-161, hold 161-300", ""),
    "vision/timm_mobilenetv3_large_step": ("warmup 0-5, decay 5-600", ""),
    "vision/torchvision_mobilenet_v2": ("decay 0-300", ""),
    "vision/torchvision_regnet_small": ("warmup 0-5, decay 5-100", ""),
    "vision/torchvision_resnet50_v1": ("step decay 0-90", "milestone 30 milestone 60"),
    "vision/wide_resnet_28_10": ("step decay 0-200", "milestone 59 milestone 119 milestone 159"),
}


@pytest.mark.parametrize("recipe", PUBLISHED)
def test_a_published_schedule_in_the_words_of_its_authors(recipe: str) -> None:
    (schedule,) = load_file(GALLERY / f"{recipe}.yaml")
    curve = simulate(schedule)
    assert words(course_of(curve, schedule)) == PUBLISHED[recipe]
    (stats,) = stats_of([curve])[:1]
    first = course_of(curve).phases[0]
    if first.name == "warmup":  # by the shape alone it ends where the peak is first reached
        assert stats.warmup is not None
        before = first.stop if recipe != "vision/efficientnet_b0_google" else first.stop - 1
        assert curve.run.time(before) == pytest.approx(stats.warmup)


def test_groups_have_a_course_of_their_own() -> None:
    """YOLOv5: the biases fall while all else warms up, and the small kinks of its ramp are none of ours."""
    (schedule,) = load_file(GALLERY / "vision/yolov5_scratch_linear.yaml")
    curve = simulate(schedule)
    assert words(course_of(curve, schedule, 0)) == ("decay 0-554700", "")
    assert words(course_of(curve, schedule, 1)) == ("warmup 0-5547, decay 5547-554700", "")


# --- every scheduler -------------------------------------------------------------------------------------------

WARMUP = "{type: LinearLR, total_iters: 10}"
RESTARTS = "{type: CosineAnnealingWarmRestarts, T_0: 20}"
CLASSES = {
    "LambdaLR": ("{type: LambdaLR, lr_lambda: 0.95 ** t}", "decay 0-90", ""),
    "MultiplicativeLR": ("{type: MultiplicativeLR, lr_lambda: 0.95}", "decay 0-90", ""),
    "StepLR": ("{type: StepLR, step_size: 40}", "step decay 0-90", "milestone 40 milestone 80"),
    "MultiStepLR": ("{type: MultiStepLR, milestones: [20, 70]}", "step decay 0-90", "milestone 20 milestone 70"),
    "ConstantLR": ("{type: ConstantLR, factor: 0.5, total_iters: 7}", "warmup 0-7, hold 7-90", ""),
    "LinearLR": ("{type: LinearLR}", "warmup 0-5, hold 5-90", ""),
    "ExponentialLR": ("{type: ExponentialLR, gamma: 0.1}", "decay 0-90", ""),
    "SequentialLR": (
        f"{{type: SequentialLR, milestones: [10], schedulers: [{WARMUP}, {RESTARTS}]}}",
        "warmup 0-10, warm restarts 10-90",
        "restart 30 restart 50 restart 70",
    ),
    "PhasedLR": (
        f"[{WARMUP[:-1]}, for: 10}}, {{type: none}}, {{type: CosineAnnealingLR, for: 20}}]",
        "warmup 0-10, hold 10-70, decay 70-90",
        "",
    ),
    "CosineAnnealingLR": ("{type: CosineAnnealingLR, T_max: 80}", "decay 0-80, rise 80-90", ""),
    "ChainedScheduler": (
        f"{{type: ChainedScheduler, schedulers: [{WARMUP}, {{type: MultiStepLR, milestones: [50]}}]}}",
        "warmup 0-10, step decay 10-90",
        "milestone 50",
    ),
    "CyclicLR": (
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 10, step_size_down: 15}",
        "cycles 0-90",
        "cycle 25 cycle 50 cycle 75",
    ),
    "CosineAnnealingWarmRestarts": (
        "{type: CosineAnnealingWarmRestarts, T_0: 12, T_mult: 2}",
        "warm restarts 0-90",
        "restart 12 restart 36 restart 84",
    ),
    # torch's rise ends at pct_start x total - 1, its first fall as long after that
    "OneCycleLR": ("{type: OneCycleLR, max_lr: 0.1}", "warmup 0-26, decay 26-90", ""),
    "PolynomialLR": ("{type: PolynomialLR}", "decay 0-5, hold 5-90", ""),
    "SWALR": ("{type: SWALR, swa_lr: 0.01}", "decay 0-10, hold 10-90", ""),
    "ReduceLROnPlateau": (
        "{type: ReduceLROnPlateau, patience: 9}\nmetric: 1 + 0 * epoch",
        "step decay 0-90",
        # a first value, ten that are no better, and so on; of 1e-8 torch takes no more: that is its eps
        " ".join(f"reduction {10 * at + 1}" for at in range(1, 8)),
    ),
}


@pytest.mark.parametrize("name", CLASSES)
def test_every_scheduler_in_its_own_words(name: str) -> None:
    scheduler, phases, events = CLASSES[name]
    assert told(scheduler) == (phases, events)


def test_no_scheduler_is_forgotten() -> None:
    assert set(CLASSES) == {*SCHEDULERS, "PhasedLR"}


@pytest.mark.parametrize("anneal", ["cos", "linear"])
def test_three_phases_of_one_cycle(anneal: str) -> None:
    scheduler = f"{{type: OneCycleLR, max_lr: 0.1, three_phase: true, anneal_strategy: {anneal}}}"
    schedule, curve = read(scheduler)
    assert words(course_of(curve, schedule)) == ("warmup 0-26, decay 26-52, decay 52-90", "")
    assert curve.columns[0][52] == pytest.approx(curve.columns[0][0])


def test_one_cycle_again_is_a_restart() -> None:
    """It begins at a 25th of the peak, which is far above where the one before ended."""
    cycles = "[{type: OneCycleLR, max_lr: 0.1, for: 500}, {type: OneCycleLR, max_lr: 0.1}]"
    schedule, curve = read(cycles, epochs=900)
    assert words(course_of(curve, schedule)) == words(course_of(curve)) == ("warm restarts 0-900", "restart 500")


# --- the boundaries of a file ----------------------------------------------------------------------------------


def test_a_milestone_of_the_file_is_a_boundary_and_only_a_jump_is_an_event() -> None:
    children = "[{type: ConstantLR, factor: 0.1, total_iters: 10}, {type: CosineAnnealingLR, T_max: 80}]"
    scheduler = f"{{type: SequentialLR, milestones: [10], schedulers: {children}}}"
    schedule, curve = read(scheduler)
    assert words(course_of(curve, schedule)) == ("warmup 0-10, decay 10-90", "milestone 10")
    assert words(course_of(curve)) == ("warmup 0-10, decay 10-90", "")
    phases = "[{type: ExponentialLR, gamma: 0.9, for: 30}, {type: ExponentialLR, gamma: 0.8}]"
    assert told(phases) == ("decay 0-30, decay 30-90", "")


def test_a_boundary_one_tick_beside_the_shapes_is_that_of_the_file() -> None:
    warmup = "{type: LambdaLR, lr_lambda: (t + 1) / T, for: 20}"
    schedule, curve = read(f"[{warmup}, {{type: LinearLR, start_factor: 1.0, end_factor: 0, from: base}}]")
    assert words(course_of(curve, schedule))[0] == "warmup 0-20, decay 20-90"
    assert words(course_of(curve))[0] == "warmup 0-19, decay 19-90"


def test_what_is_outside_of_the_run_or_a_single_call_is_no_phase() -> None:
    assert told("[{type: none, for: 1}, {type: ExponentialLR, gamma: 0.9}]") == ("decay 0-90", "")
    children = "[{type: ExponentialLR, gamma: 0.9}, {type: ExponentialLR, gamma: 0.8}]"
    assert told(f"{{type: SequentialLR, milestones: [200], schedulers: {children}}}") == ("decay 0-90", "")


def test_a_stage_of_another_scheduler_is_no_restart() -> None:
    restarts = "{type: CosineAnnealingWarmRestarts, T_0: 20, for: 40}"
    last = "{type: LinearLR, start_factor: 0.5, end_factor: 0}"
    assert told(f"[{WARMUP[:-1]}, for: 10}}, {restarts}, {last}]") == (
        "warmup 0-10, warm restarts 10-50, decay 50-90",
        "restart 30 milestone 50",
    )


@pytest.mark.parametrize("hold", [500, 20_000])
def test_a_cosine_after_a_hold_begins_where_the_file_says(hold: int) -> None:
    """Its first changes are rounding in a long run: by the shape it would begin a few ticks later."""
    fall = 1_000_000
    text = (
        f"steps: {hold + fall}\noptimizer: {{type: SGD, lr: 0.1}}\n"
        f"scheduler: [{{type: none, for: {hold} steps}}, {{type: CosineAnnealingLR, eta_min: 0.099}}]\n"
    )
    (schedule,) = load_text(text, "s.yaml")
    values = [0.1] * hold + (0.0995 + 0.0005 * np.cos(np.pi * np.arange(fall) / fall)).tolist()
    assert values[hold + 5] == pytest.approx(values[hold + 4], rel=1e-12)
    expected = [CoursePhase("hold", 0, hold), CoursePhase("decay", hold, hold + fall)]
    assert list(course_of(made(values), schedule).phases) == expected


# --- shapes by hand --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "phases", "events"),
    [
        ([0.1], "hold 0-1", ""),
        ([0.1] * 50, "hold 0-50", ""),
        ([0.1, 0.1 * (1 + 1e-13)] * 20, "hold 0-40", ""),
        ([1.0] * 10 + [0.1] * 10, "step decay 0-20", "milestone 10"),
        ([0.1] * 10 + [1.0] * 10, "warmup 0-10, hold 10-20", ""),
        # gradual warmup: a stair each five ticks
        ([(t // 5 + 1) / 4 for t in range(20)] + [1.0] * 40, "warmup 0-15, hold 15-60", ""),
        # the peak twice
        ([0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 0.9, 0.8, 0.7, 0.6], "warmup 0-4, decay 4-10", ""),
        # the peak twice, and then a step
        ([0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.5, 0.5], "warmup 0-3, step decay 3-8", "milestone 5"),
        # a rise after the warmup is none
        (
            [*np.linspace(0.1, 1, 10), *[1.0] * 30, *np.linspace(1.1, 2, 10), *[2.0] * 10],
            "warmup 0-9, hold 9-39, rise 39-49, hold 49-60",
            "",
        ),
        # exponential and steps in one
        ([0.99**t * 0.1 ** (t // 30) for t in range(90)], "decay 0-90", "milestone 30 milestone 60"),
        # a step of 20 times the changes around it, and one of 1 % that is none to a person
        ([(0.99 if t < 40 else 0.8) * (1 - t / 100) for t in range(90)], "decay 0-90", "milestone 40"),
        ([(1 if t < 4000 else 0.99) * (1 - t / 1e5) for t in range(9000)], "decay 0-9000", ""),
        # twelve steps, and thirteen
        ([0.9 ** (t // 5) for t in range(65)], "step decay 0-65", " ".join(f"milestone {5 * t}" for t in range(1, 13))),
        ([0.9 ** (t // 5) for t in range(70)], "decay 0-70", ""),
        # a hold, a staircase of many short steps, a hold
        ([0.9 ** min(20, max(0, t - 40) // 2) for t in range(140)], "hold 0-42, decay 42-80, hold 80-140", ""),
        # a last stretch that jumps up to what was before, and to less
        ([1 - t / 40 for t in range(30)] * 2, "warm restarts 0-60", "restart 30"),
        (
            [1 - t / 31 for t in range(30)] + [0.2 - t / 200 for t in range(30)],
            "decay 0-60",
            "milestone 30",
        ),
        # falls of two steps, again and again
        ([1.0, 1.0, 0.5, 0.5, 0.25, 0.25] * 5, "warm restarts 0-30", "restart 6 restart 12 restart 18 restart 24"),
        ([math.nan] * 20, "", ""),
        ([1.0] * 10 + [math.inf] * 10, "hold 0-10", ""),
        ([1 - t / 20 for t in range(10)] + [math.nan] * 3 + [0.5] * 7, "decay 0-10, hold 13-20", ""),
        ([0.1 - t / 50 for t in range(20)], "decay 0-20", ""),
        ([0.0] * 8, "hold 0-8", ""),
    ],
)
def test_a_shape_by_hand(values: list[float], phases: str, events: str) -> None:
    assert of(values) == (phases, events)


def test_noise_has_no_phases() -> None:
    random = np.random.default_rng(7)
    assert of(random.random(5000).tolist()) == ("", "")


# --- random shapes whose phases are known ----------------------------------------------------------------------


@st.composite
def ramps(draw: st.DrawFn) -> tuple[list[float], list[CoursePhase]]:
    """Perhaps a warmup, then holds and falls in turn."""
    values, phases, rate = [], [], draw(st.floats(1e-6, 10))
    length = st.integers(4, 60)
    if draw(st.booleans()):
        ticks = draw(length)
        low = draw(st.floats(0, 0.9))
        values += [rate * (low + (1 - low) * t / ticks) for t in range(ticks)]
        phases.append(CoursePhase("warmup", 0, ticks))
    falling = draw(st.booleans())
    for _ in range(draw(st.integers(1, 6))):
        ticks = draw(length)
        factor = draw(st.floats(0.1, 0.9)) if falling else 1.0
        straight = draw(st.booleans())
        start = len(values)
        for t in range(ticks):
            values.append(rate * (1 - (1 - factor) * t / ticks) if straight else rate * factor ** (t / ticks))
        if not falling:
            values[start:] = [rate] * ticks
        rate *= factor
        phases.append(CoursePhase("decay" if falling else "hold", start, len(values)))
        falling = not falling
    return values, phases


@given(ramps())
@settings(max_examples=200, deadline=None)
def test_ramps_and_holds_are_found_to_the_tick(shape: tuple[list[float], list[CoursePhase]]) -> None:
    values, phases = shape
    course = course_of(made(values))
    assert (list(course.phases), course.events) == (phases, ())
    if phases[0].name == "warmup":
        assert stats_of([made(values)])[0].warmup == phases[0].stop


@given(st.lists(st.tuples(st.integers(2, 80), st.floats(0.05, 0.9)), min_size=2, max_size=12), st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_steps_are_found_to_the_tick(steps: list[tuple[int, float]], warmup: int) -> None:
    values = [(t + 1) / (warmup + 2) for t in range(warmup)]
    rate = 1.0
    for ticks, factor in steps:
        values += [rate] * ticks
        rate *= factor
    edges = [warmup + edge for edge in accumulate(ticks for ticks, _ in steps)]
    course = course_of(made(values))
    expected = [CoursePhase("step decay", warmup, len(values))]
    assert list(course.phases) == ([CoursePhase("warmup", 0, warmup)] if warmup else []) + expected
    assert list(course.events) == [Event("milestone", edge) for edge in edges[:-1]]


@given(st.lists(st.integers(4, 60), min_size=2, max_size=9), st.sampled_from(["linear", "cosine", "exponential"]))
@settings(max_examples=200, deadline=None)
def test_restarts_are_found_to_the_tick(cycles: list[int], anneal: str) -> None:
    falls: dict[str, Callable[[float], float]] = {
        "linear": lambda x: 1 - x,
        "cosine": lambda x: (1 + math.cos(math.pi * x)) / 2,
        "exponential": lambda x: math.pow(0.05, x),
    }
    values = [falls[anneal](t / ticks) for ticks in cycles for t in range(ticks)]
    course = course_of(made(values))
    assert course.phases == (CoursePhase("warm restarts", 0, len(values)),)
    assert [tick for kind, tick in course.events if kind == "restart"] == list(accumulate(cycles))[:-1]


@given(st.integers(2, 40), st.integers(2, 40), st.integers(3, 9))
@settings(max_examples=200, deadline=None)
def test_cycles_are_found_to_the_tick(up: int, down: int, count: int) -> None:
    cycle = [1 + t / up for t in range(up)] + [2 - t / down for t in range(down)]
    course = course_of(made(cycle * count))
    assert course.phases == (CoursePhase("cycles", 0, count * (up + down)),)
    assert list(course.events) == [Event("cycle", at * (up + down)) for at in range(1, count)]


# --- relations -------------------------------------------------------------------------------------------------

ANY = st.lists(
    st.one_of(st.sampled_from([0.0, 0.1, 0.5, 1.0, math.nan, math.inf]), st.floats(allow_nan=True)),
    min_size=1,
    max_size=80,
)


@given(ANY)
@settings(max_examples=400, deadline=None)
def test_phases_are_in_order_and_within_the_run(values: list[float]) -> None:
    course = course_of(made(values))
    assert all(0 <= phase.start < phase.stop <= len(values) for phase in course.phases)
    assert all(one.stop <= other.start for one, other in pairwise(course.phases))
    ticks = [event.tick for event in course.events]
    assert ticks == sorted(set(ticks))
    assert all(0 < tick < len(values) for tick in ticks)
    for name, start, stop in course.phases:
        assert np.isfinite(values[start:stop]).all()
        assert name in {"warmup", "hold", "decay", "rise", "step decay", "warm restarts", "cycles"}


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("factor", [1e-9, 0.3, 2.0, 1e12])
def test_a_positive_factor_changes_nothing(name: str, factor: float) -> None:
    schedule, curve = read(CLASSES[name][0])
    scaled = made([rate * factor for rate in curve.columns[0]])
    assert course_of(scaled, schedule) == course_of(curve, schedule)


@pytest.mark.parametrize(
    "name",
    ["StepLR", "MultiStepLR", "CosineAnnealingWarmRestarts", "CyclicLR", "ChainedScheduler", "ReduceLROnPlateau"],
)
def test_a_shorter_run_has_the_first_of_the_events(name: str) -> None:
    """From the fifth tick on: three changes make a ramp, and two may be steps."""
    _, curve = read(CLASSES[name][0])
    events = course_of(curve).events
    assert events
    for ticks in range(5, len(curve)):
        found = course_of(made(curve.columns[0][:ticks])).events
        assert found == events[: len(found)]
        if name not in ("CyclicLR", "CosineAnnealingWarmRestarts"):
            assert len(found) == sum(event.tick < ticks for event in events)


MILLION = np.arange(1_000_000)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (1 + np.cos(np.pi * MILLION / 1e6), "decay"),
        (0.9 ** (MILLION // 10_000), "decay"),
        (0.1 ** (MILLION // 300_000), "step decay"),
        (np.ones(1_000_000), "hold"),
        (1 + np.cos(np.pi * (MILLION % 1000) / 1000), "warm restarts"),
        (np.abs(MILLION % 4000 - 2000) + 1.0, "cycles"),
    ],
)
def test_a_million_ticks_are_named_like_a_hundred(values: np.ndarray, name: str) -> None:
    assert [phase.name for phase in course_of(made(values.tolist())).phases] == [name]
