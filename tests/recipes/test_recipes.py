"""The published schedules in `schedules/`: each curve is the one that its source's own code or formula gives.

The CSV files beside this test are the references, thinned: a row for a step or an epoch, a column for a param group,
and where the source goes on after the last call, a row `end`. They were made by running the source's own code, or
another public library's, or from the published formula. Twenty are plain arithmetic in `formulas.py`, which writes
them. lrviz made none.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from formulas import FORMULAS, table
from helpers.gallery import RECIPES, Gallery

from lrviz.checks.examine import examine
from lrviz.checks.finding import Held
from lrviz.curve import Curve
from lrviz.loading import load_file
from lrviz.schedule.expect import At
from lrviz.schedule.model import Schedule

REFERENCES = Path(__file__).parent
FILES = RECIPES

DOUBLE = 1e-9
SINGLE: dict[str, float] = {
    "bert_base_pretrain_google": 1e-6,  # TensorFlow
    "efficientnet_b0_google": 1e-6,  # TensorFlow
    "electra_base_finetune_mnli": 1e-6,  # TensorFlow
    "fastai_fit_one_cycle": 1e-6,
    "keras_plateau_p10": 1e-6,
    "sgdr_wrn28_T1_mult2": 1e-6,  # Theano
    "sgdr_wrn28_T50": 1e-6,  # Theano
    "t5_finetune_constant": 1e-6,  # TensorFlow
}
"""How far a curve may be from its reference, as a part of the group's peak, where the source computes in float32."""

COUNTED_IN_EPOCHS = {
    "cleanrl_ppo_atari",
    "cyclegan_linear",
    "deit_small_timm",
    "hifigan_v1",
    "inception_v3",
    "keras_plateau_p10",
    "sklearn_mlp_adaptive",
    "sklearn_mlp_constant",
    "sklearn_mlp_invscaling",
    "swa_vgg16_cifar100",
    "timm_mobilenetv3_large_step",
    "torchvision_convnext_tiny",
    "torchvision_efficientnet_v2_s",
    "torchvision_mobilenet_v2",
    "torchvision_regnet_small",
    "torchvision_resnet50_v1",
    "wide_resnet_28_10",
}
"""The references whose column `step` counts epochs; the others' counts optimizer steps."""


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_curve_is_the_published_one(file: Path, gallery: Gallery) -> None:
    groups, rows = read_reference(file.stem)
    curve = simulated(file, gallery)
    assert groups in (list(curve.groups), [""])
    assert len(curve.groups) == len(groups)

    in_epochs = file.stem in COUNTED_IN_EPOCHS
    peaks = [max(rates) for rates in zip(*rows.values(), strict=True)]
    wrong = []
    for at, expected in rows.items():
        for group, rate, want, peak in zip(groups, rates_at(curve, at, in_epochs), expected, peaks, strict=True):
            if not abs(rate - want) <= SINGLE.get(file.stem, DOUBLE) * peak:
                wrong.append(f"{group or 'lr'} at {at}: {rate!r}, published {want!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_run_is_as_long_as_the_published_one(file: Path, gallery: Gallery) -> None:
    _, rows = read_reference(file.stem)
    curve = simulated(file, gallery)
    last = max(int(at) for at in rows if at != "end")
    assert (curve.run.total_epochs if file.stem in COUNTED_IN_EPOCHS else curve.run.total_steps) == last + 1


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_what_it_expects_is_what_the_source_has(file: Path) -> None:
    _, rows = read_reference(file.stem)
    expect = schedule_of(file).expect
    peaks = [max(rates) for rates in zip(*rows.values(), strict=True)]
    wrong, compared = [], 0
    for at in expect.expected:
        row = rows.get("end" if at.place.end else str(at.place.tick)) if isinstance(at, At) else None
        if row is None or not isinstance(at, At):
            continue
        group, compared = at.group or 0, compared + 1
        if not abs(at.value - row[group]) <= max(expect.tolerance * at.value, DOUBLE * peaks[group]):
            wrong.append(f"{at.place.text}: {at.value!r}, published {row[group]!r}")
    assert not wrong, "\n".join(wrong)
    assert compared >= 2


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_its_expectations_hold_and_the_lint_has_only_notes(file: Path, gallery: Gallery) -> None:
    schedule = schedule_of(file)
    found = list(examine(schedule, simulated(file, gallery), schedule.name, ""))
    assert [each for each in found if not isinstance(each, Held) and each.severity != "note"] == []
    assert sum(isinstance(each, Held) for each in found) == len(schedule.expect) >= 3


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_title_source_and_a_comment_say_what_it_is(file: Path, gallery: Gallery) -> None:
    curve = simulated(file, gallery)
    assert curve.title
    assert curve.source
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_the_gallery_is_large_and_every_recipe_has_a_reference() -> None:
    assert len(FILES) >= 60
    assert {file.stem for file in FILES} == {file.stem for file in REFERENCES.glob("*.csv")}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_reference_is_what_its_formula_gives(name: str) -> None:
    _, rows = read_reference(name)
    _, *expected = table(FORMULAS[name])
    assert list(rows) == [row[0] for row in expected]
    for (at, rates), (_, *given) in zip(rows.items(), expected, strict=True):
        assert rates == pytest.approx(list(map(float, given)), rel=1e-12, abs=0), at


def schedule_of(file: Path) -> Schedule:
    (schedule,) = load_file(file)
    return schedule


def simulated(file: Path, gallery: Gallery) -> Curve:
    """The curve of a file with one schedule."""
    ((_, curve),) = gallery[file]
    return curve


def read_reference(name: str) -> tuple[list[str], dict[str, list[float]]]:
    """The names of the groups (one empty name where the source has no groups), and the rates at each place."""
    with (REFERENCES / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    groups = [column.removeprefix("lr").lstrip(":_") for column in head[1:]]
    return groups, {row[0]: [float(rate) for rate in row[1:]] for row in rows}


def rates_at(curve: Curve, at: str, in_epochs: bool) -> list[float]:
    if at == "end":
        return list(curve.end_lr)
    tick = curve.run.tick_of_epoch(int(at)) if in_epochs else curve.run.tick_of_step(int(at))
    return [column[tick] for column in curve.columns]
