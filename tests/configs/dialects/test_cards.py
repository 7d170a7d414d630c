"""Model cards of transformers and sentence-transformers."""

from __future__ import annotations

import pytest
from helpers.configs import errors, rates, read, remarks, summary

CARD = """\
# name

### Training hyperparameters

The following hyperparameters were used during training:
- learning_rate: 3e-05
- train_batch_size: 16
{}

### Training results

| Training Loss | Epoch | Step | Validation Loss |
|:-------------:|:-----:|:----:|:---------------:|
{}

### Framework versions

- Transformers {}
- Pytorch 2.6.0
"""
EACH_EPOCH = "| 0.4 | 1.0 | 283 | 0.3 |\n| 0.2 | 2.0 | 566 | 0.3 |"


def card(bullets: str = "", rows: str = EACH_EPOCH, release: str = "4.57.1") -> str:
    return CARD.format(f"- lr_scheduler_type: linear\n{bullets}", rows, release)


@pytest.mark.parametrize(
    ("bullets", "rows", "steps"),
    [
        ("- num_epochs: 2", EACH_EPOCH, 566),
        ("- num_epochs: 2.5", EACH_EPOCH, 708),  # ceil(2.5 x 283) = ceil(707.5)
        ("- num_epochs: 3.0", "| 0.4 | 0.7067 | 200 | 0.3 |\n| 0.4 | 1.0 | 283 | 0.3 |", 849),
        ("- training_steps: 100", "", 100),
        ("- training_steps: 100\n- num_devices: 8", EACH_EPOCH, 100),
    ],
)
def test_the_results_say_how_many_steps_an_epoch_has(bullets: str, rows: str, steps: int) -> None:
    assert summary(card(bullets, rows), "README.md") == f"linear, warmup 0 of {steps} steps"


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "| 0.4 | 0.5 | 200 | 0.3 |\n| 0.4 | 0.99 | 400 | 0.3 |",
        "| 0.4 | 0.5 | 200 | 0.3 |\n| 0.4 | 1.0 | 400 | 0.3 |",  # 1.0 is rounded: 381 to 421 steps fit
        "| 0.4 | No log | 200 | 0.3 |",
        "| 0.4 | 1.0 | 200 | 0.3 |\n| 0.4 | 2.0 | 401 | 0.3 |",
    ],
)
def test_samples_are_asked_for_where_the_results_do_not_say_it(rows: str) -> None:
    (found,) = errors(card("- num_epochs: 2", rows), "README.md")
    assert "`samples`" in found
    # ceil(1000 / 16) x 2
    assert summary(card("- num_epochs: 2", rows), "README.md", samples=1000).endswith("of 126 steps")


def test_a_card_names_its_devices() -> None:
    text = card("- num_epochs: 1\n- num_devices: 4\n- gradient_accumulation_steps: 2")
    assert summary(text, "README.md", samples=1000).endswith("of 8 steps")  # ceil(ceil(1000 / 64) / 2)


@pytest.mark.parametrize(
    ("release", "steps"),
    [("4.51.0", 7), ("4.57.1", 8), ("5.20.0", 8)],
)
def test_a_card_is_read_as_the_release_that_it_names(release: str, steps: int) -> None:
    text = card("- num_epochs: 1\n- gradient_accumulation_steps: 2", release=release)
    assert summary(text, "README.md", samples=240).endswith(f"of {steps} steps")  # 15 batches


def test_a_release_that_the_user_says_wins() -> None:
    text = card("- num_epochs: 1\n- gradient_accumulation_steps: 2", release="4.51.0")
    assert summary(text, "README.md", samples=240, transformers="5.1").endswith("of 8 steps")


@pytest.mark.parametrize(
    ("bullets", "warmup"),
    [
        ("- lr_scheduler_warmup_ratio: 0.1", 10),
        ("- lr_scheduler_warmup_steps: 7", 7),
        ("- lr_scheduler_warmup_ratio: 0.1\n- lr_scheduler_warmup_steps: 7", 7),
    ],
)
def test_the_warmup_of_a_card(bullets: str, warmup: int) -> None:
    text = card(f"- training_steps: 100\n{bullets}")
    assert summary(text, "README.md") == f"linear, warmup {warmup} of 100 steps"


def test_a_card_does_not_list_arguments() -> None:
    text = card("- training_steps: 100").replace(": linear", ": cosine")
    assert [each for each in remarks(text, "README.md") if each.endswith("[not-in-card]")]
    (found,) = errors(text.replace(": cosine", ": warmup_stable_decay"), "README.md")
    assert "README.md:8:22: error: warmup_stable_decay needs lr_scheduler_kwargs, which a model card does not" in found


# --- sentence-transformers -------------------------------------------------------------------------------------------

SENTENCES = """\
---
tags:
- sentence-transformers
- dataset_size:1000
---

### Training Datasets
{}

#### All Hyperparameters
<details><summary>Click to expand</summary>

- `per_device_train_batch_size`: 16
- `learning_rate`: 2e-05
- `num_train_epochs`: 1
- `max_steps`: -1
- `lr_scheduler_type`: linear
- `warmup_ratio`: 0.0
- `warmup_steps`: 0
- `dataloader_drop_last`: False
- `deepspeed`: None
{}
</details>

### Framework Versions
- Transformers: 4.57.1
"""
TWO = "* Size: 1,000 training samples\n\n* Size: 100 training samples"


@pytest.mark.parametrize(
    ("sizes", "bullets", "steps"),
    [
        ("", "", 63),  # ceil(1000 / 16)
        ("* Size: 2,000 training samples", "", 125),
        (TWO, "- `multi_dataset_batch_sampler`: proportional", 63 + 7),
        (TWO, "- `multi_dataset_batch_sampler`: MultiDatasetBatchSamplers.ROUND_ROBIN", 2 * 7),
    ],
)
def test_a_card_of_sentence_transformers_says_its_samples(sizes: str, bullets: str, steps: int) -> None:
    text = SENTENCES.format(sizes, bullets)
    assert summary(text, "README.md", devices=1) == f"linear, warmup 0 of {steps} steps"
    assert "`devices`" in errors(text, "README.md")[0]


def test_the_rates_of_patterns_are_groups() -> None:
    text = SENTENCES.format("", "- `learning_rate_mapping`: {'SparseStatic\\\\.weight': 0.001}")
    found = read(text, "README.md", devices=1)
    assert rates(found, "0 steps") == {"others": 2e-05, "SparseStatic\\.weight": 0.001}


def test_a_warmup_that_is_zero_in_one_spelling_is_the_other() -> None:
    text = SENTENCES.format("", "").replace("`warmup_steps`: 0", "`warmup_steps`: 9")
    assert summary(text, "README.md", devices=1) == "linear, warmup 9 of 63 steps"
    text = SENTENCES.format("", "").replace("`warmup_ratio`: 0.0", "`warmup_ratio`: 0.1")
    assert summary(text, "README.md", devices=1) == "linear, warmup 7 of 63 steps"
