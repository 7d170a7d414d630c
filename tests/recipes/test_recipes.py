"""The published schedules in `schedules/published/`: each curve is the one that its source's own code or formula gives.

The CSV files beside this test are the references, thinned: a row for a step or an epoch, a column for a param group,
and where the source goes on after the last call, a row `end`. They were made by the sources' code, never by lrviz.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

import lrviz
from lrviz.curve import Curve

REFERENCES = Path(__file__).parent
PUBLISHED = REFERENCES.parent.parent / "schedules" / "published"
FILES = sorted(PUBLISHED.glob("*.yaml"))

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
    "cyclegan_linear",
    "deit_small_timm",
    "keras_plateau_p10",
    "timm_mobilenetv3_large_step",
    "torchvision_convnext_tiny",
    "torchvision_efficientnet_v2_s",
    "torchvision_mobilenet_v2",
    "torchvision_regnet_small",
    "torchvision_resnet50_v1",
}
"""The references whose column `step` counts epochs; the others' counts optimizer steps."""


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_curve_is_the_published_one(file: Path) -> None:
    groups, rows = read_reference(file.stem)
    curve = simulated(file)
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
def test_the_run_is_as_long_as_the_published_one(file: Path) -> None:
    _, rows = read_reference(file.stem)
    curve = simulated(file)
    last = max(int(at) for at in rows if at != "end")
    assert (curve.epoch_count if file.stem in COUNTED_IN_EPOCHS else curve.step_count) == last + 1


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_title_source_and_a_comment_say_what_it_is(file: Path) -> None:
    curve = simulated(file)
    assert curve.title
    assert curve.source
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_most_of_what_is_published_is_here() -> None:
    assert len(FILES) >= 25
    assert {file.stem for file in FILES} == {file.stem for file in REFERENCES.glob("*.csv")}


@cache
def simulated(file: Path) -> Curve:
    """The curve of a file with one schedule; some runs are a million steps, so each is simulated once."""
    curve: Curve = lrviz.load(file).simulate()
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
    tick = curve.tick_of_epoch(int(at)) if in_epochs else curve.tick_of_step(int(at))
    return [column[tick] for column in curve.columns]
