"""Text logs: what is text and what a table, lines and their numbers, bad input, ranks, names, what is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lrviz.checks.finding import Finding
from lrviz.engine.called import called_at
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.log import Log, read_log
from lrviz.log.logged import LoggedRun
from lrviz.log.text import Reader, Wanted, log_of
from lrviz.log.text.formats import FORMATS
from lrviz.log.text.kept import MAX_RECORDS
from lrviz.log.text.lines import MAX_LINE
from lrviz.log.text.names import format_of, names_rate, tokens


def read(path: Path, text: str | bytes, **options: str) -> Log:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_log(str(path), **options)


def refusal(path: Path, text: str | bytes, **options: str) -> str:
    with pytest.raises(ScheduleError) as caught:
        read(path, text, **options)
    return str(caught.value).replace(f"{path.parent}/", "")


def records(log: Log) -> list[tuple[float, float]]:
    return list(zip(log.clocks[0].at, log.lr, strict=True))


def nano(steps: range) -> str:
    return "".join(f"step {step} | loss 3.9 | lr {lr_of(step):.6e}\n" for step in steps)


def lr_of(step: int) -> float:
    return float(f"{0.1 / (step + 1):.6e}")


# --- text or table -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.csv", "step,lr\n1,0.1\n2,0.2\n"),
        ("run.log", "step,lr\n1,0.1\n2,0.2\n"),
        ("run.txt", "step\tlr\n1\t0.1\n2\t0.2\n"),
        ("run.out", '{"step": 1, "lr": 0.1}\n{"step": 2, "lr": 0.2}\n'),
        ("run.log", '[{"step": 1, "lr": 0.1}, {"step": 2, "lr": 0.2}]'),
        ("run.log", '{"log_history": [{"step": 1, "lr": 0.1},\n{"step": 2, "lr": 0.2}]}'),
        ("run.log", '{\n  "log_history": [\n    {"step": 1, "lr": 0.1},\n    {"step": 2, "lr": 0.2}]}'),
        ("run.log", "loss=x,step,lr\n1,1,0.1\n1,2,0.2\n"),  # no text, though it looks like one
        ("run.log", '{"args": {"lr": 3}}\nstep=1 lr=0.1\nstep=2 lr=0.2\n'),
        ("run.log", '{"step": 1, "lr": 0.1}\n{"step": 2, "lr": 0.2}\nstep 1 done\n'),
        ("run.log", "a, b\nstep=1 lr=0.1\nstep=2 lr=0.2\n"),
        ("run.log", "name, lr\nstep=1 lr=0.1\nstep=2 lr=0.2\n"),
        ("run.log", "[2024-01-01] step=1 lr=0.1\n[2024-01-01] step=2 lr=0.2\n"),
        ("run.log", "{'epoch': 1, 'lr': 0.1}\n{'epoch': 2, 'lr': 0.2}\n"),
        ("run", "step 1, lr 0.1\nstep 2, lr 0.2\n"),
    ],
)
def test_a_table_stays_a_table_and_text_is_read_beside_it(tmp_path: Path, name: str, text: str) -> None:
    assert records(read(tmp_path / name, text)) == [(1, 0.1), (2, 0.2)]


def test_a_broken_table_is_refused_as_a_table(tmp_path: Path) -> None:
    assert "this is not JSON" in refusal(tmp_path / "run.jsonl", '{"step": 1, "lr": 0.1}\nstep=2 lr=0.2\n')
    assert "there is no number in the column" in refusal(tmp_path / "run.log", "step,lr\n1,0.1\n2,x\n")
    assert "no column is named like a learning rate" in refusal(tmp_path / "run.csv", "step=1 lr=0.1\n1\n")


# --- lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_counted_as_editors_do(tmp_path: Path, end: str) -> None:
    log = read(tmp_path / "log.txt", end.join(["a", "step=1 lr=0.1", "", "b", "step=2 lr=0.2", ""]))
    assert list(log.lines) == [2, 5]
    assert "read 2 of 5 lines" in log.notes[0].message


def test_a_line_that_was_redrawn_is_read_in_each_state(tmp_path: Path) -> None:
    log = read(tmp_path / "log.txt", "x\nstep=1 lr=0.1\r\rstep=2 lr=0.2\rstep=3 lr=0.3\nstep=4 lr=0.4\r")
    assert (records(log), list(log.lines)) == ([(1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4)], [2, 2, 2, 3])
    assert "read 4 of 5 lines" in log.notes[0].message


@given(st.data())
def test_blocks_may_be_cut_anywhere(data: st.DataObject) -> None:
    piece = st.sampled_from(["step=1 lr=0.1", "step=22 lr=0.02", "\n", "\r", "\r\n", "x", "\x1b[32m", "é", ""])
    text = "".join(data.draw(st.lists(piece, max_size=30)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    whole, parts = Reader(), Reader()
    whole.feed(text)
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        parts.feed(text[start:end])
    for reader in (whole, parts):
        reader.finish()
    assert whole.lines.count == parts.lines.count
    assert found(whole) == found(parts)


def found(reader: Reader) -> list[tuple[list[int], list[float]]]:
    log = log_of(reader, Wanted("x"))
    return [] if log is None else [(list(log.lines), list(log.lr))]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Lernrate é █\nstep=1 lr=0.1\nstep=2 lr=0.2\n"
    assert records(read(tmp_path / "log.txt", text.encode(encoding))) == [(1, 0.1), (2, 0.2)]


def test_bytes_that_are_no_text_do_not_hide_the_lines_beside_them(tmp_path: Path) -> None:
    text = b"\0" * 5000 + b"step=1 lr=0.1\n\xff\xfe\x80\nstep=2 lr=0.2\n" + bytes(range(256)) + b"\nstep=3 lr=0.3\n"
    assert records(read(tmp_path / "log.txt", text)) == [(1, 0.1), (2, 0.2), (3, 0.3)]


def test_only_the_beginning_of_a_long_line_is_read(tmp_path: Path) -> None:
    long = "x" * (3 * MAX_LINE)
    text = f"step=1 lr=0.1 {long}\n{long} step=2 lr=0.2\nstep=3 lr=0.3\n"
    assert records(read(tmp_path / "log.txt", text)) == [(1, 0.1), (3, 0.3)]


def test_colours_are_no_part_of_a_line(tmp_path: Path) -> None:
    text = "\x1b[1;32mstep\x1b[0m=\x1b[33m1\x1b[0m \x1b]0;title\x07lr=\x1b[1m0.1\x1b[0m\n"
    assert records(read(tmp_path / "log.txt", text)) == [(1, 0.1)]


def test_a_last_number_that_is_only_begun_is_known(tmp_path: Path) -> None:
    assert read(tmp_path / "log.txt", "step=1 lr=0.1\nstep=2 lr=0.0").unended == "0.0"
    assert read(tmp_path / "log.txt", "step=1 lr=0.1\nstep=2 lr=0.02 x").unended is None
    assert read(tmp_path / "log.txt", "step=1 lr=0.1\nstep=2 lr=0.02\n").unended is None


# --- records -------------------------------------------------------------------------------------------------


def test_a_record_that_is_said_again_at_once_counts_once(tmp_path: Path) -> None:
    text = "step=1 lr=0.1\nstep=1 lr=0.1\nstep=2 lr=0.1\nstep=1 lr=0.1\nstep=1 lr=0.2\n"
    assert records(read(tmp_path / "log.txt", text)) == [(1, 0.1), (2, 0.1), (1, 0.1), (1, 0.2)]


def test_what_is_no_number_is_passed_over(tmp_path: Path) -> None:
    log = read(tmp_path / "log.txt", "step 1 lr nan\nstep 2 lr 0.1\nstep 99999999999999999 lr 0.3\nstep 3 lr 1e999\n")
    assert records(log) == [(2, 0.1), (3, float("inf"))]
    assert [each.message for each in log.notes[1:]] == [
        "skipped 1 record whose learning rate is nan",
        "skipped 1 record without a step",
    ]
    assert "no learning rate that is a number" in refusal(tmp_path / "log.txt", "step 1 lr nan\n")
    assert records(read(tmp_path / "log.txt", "epoch nan lr 0.1\nepoch 1 lr 0.2\n")) == [(1, 0.2)]
    text = "Train: 1 [   5/0 (  0%)]  LR: 1.000e-04\nTrain: 1 [   5/10 (  0%)]  LR: 2.000e-04\n"
    assert records(read(tmp_path / "log.txt", text)) == [(15, 2e-4)]


def test_many_lines_of_one_format_are_read_as_few_are(tmp_path: Path) -> None:
    """Beyond `SURE` records, whole blocks are searched; lines between them, or said twice, change nothing."""
    log = read(tmp_path / "log.txt", nano(range(5000)))
    assert records(log) == [(step, lr_of(step)) for step in range(5000)]
    assert list(log.lines) == list(range(1, 5001))
    lines = nano(range(20_000)).splitlines(keepends=True)
    mixed = "".join(line + ("between\n" * (step % 3) if step % 7 else line) for step, line in enumerate(lines))
    log = read(tmp_path / "log.txt", mixed)
    assert records(log) == [(step, lr_of(step)) for step in range(20_000)]
    everything = mixed.split("\n")
    assert all(everything[number - 1].startswith(f"step {step} ") for step, number in enumerate(log.lines))


def test_a_log_of_very_many_records_is_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrviz.log.text.reader.MAX_RECORDS", 3000)
    log = read(tmp_path / "log.txt", nano(range(20_000)))
    assert 1000 < len(log.lr) <= 3000
    assert all(lr == lr_of(int(step)) for step, lr in records(log))
    assert log.notes[1].message == "the log has so many records that only one of 8 is compared"
    assert {int(step) % 8 for step, _ in records(log)} <= set(range(8))


def test_memory_does_not_grow_with_a_log() -> None:
    """Megabytes of text, and of lines without an end, need what one block needs."""

    def blocks() -> Iterator[str]:
        for number in range(200):
            yield f"{'talk about nothing ' * 3000}\nstep {number} | loss 3 | lr 0.1\n{'x' * 50_000}"

    reader = Reader()
    tracemalloc.start()
    try:
        for block in blocks():
            reader.feed(block)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    assert MAX_RECORDS * 40 < 100_000_000


def test_a_text_without_records_is_not_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("talk about nothing, again and again\n" * 300_000)
    for column in (None, "loss"):
        tracemalloc.start()
        try:
            with pytest.raises(ScheduleError, match="none of 300,000 lines has a learning rate"):
                read_log(str(path), column)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 5_000_000 < path.stat().st_size


@pytest.mark.parametrize("rows", [9, 30_000])
def test_a_table_that_looks_like_a_text_is_read_however_long(tmp_path: Path, rows: int) -> None:
    text = "when,run: lr\n" + "".join(f"today,{1 / (row + 1)}\n" for row in range(rows))
    assert list(read(tmp_path / "log.txt", text).lr) == [1 / (row + 1) for row in range(rows)]


PLAN = "optimizer: {type: SGD, lr: 1.0}\nscheduler: {type: LinearLR, start_factor: 0.1, total_iters: 40}\n"


def judged(path: Path, text: str, plan: str) -> list[str]:
    path.write_text(text)
    (schedule,) = load_text(PLAN + plan, "plan.yaml")
    results = LoggedRun(str(path)).follow(schedule, simulate(schedule), "plan", called_at)
    return [each.message for each in results if not isinstance(each, Finding) or each.code != "log-ends-early"]


STEPS = "epochs: 4\nsteps_per_epoch: 10\ninterval: step\n"


@pytest.mark.parametrize(
    ("line", "how"),
    [
        (
            "Epoch {0}/3 ━━━━╸━━━━ {1}/10 0:00:10 • 0:00:10 4.90it/s v_num: 0.000 lr: {2:.3f}",
            "epoch, iteration and lr, as Lightning's progress bar writes them",
        ),
        ("Epoch {0}/3 | batch {1}/10 | loss 3 | lr: {2:.3f}", "epoch, iteration and lr, by their names"),
    ],
)
def test_a_place_within_the_epoch_that_nothing_names(tmp_path: Path, line: str, how: str) -> None:
    texts = [
        line.format(epoch, batch, 0.1 + 0.9 * (10 * epoch + batch - 1) / 40)
        for epoch in range(4)
        for batch in range(1, 11)
    ]
    told = judged(tmp_path / "log.txt", "\n".join(texts) + "\n", STEPS)
    assert f"read 40 of 40 lines: {how}" in told
    assert any(each.startswith("the log followed the plan: 40 records") for each in told)


def test_two_numbers_once_an_epoch_are_no_place_in_it(tmp_path: Path) -> None:
    text = "".join(f"epoch {n} correct {7000 + 10 * n}/10000 lr {0.1 + 0.9 * n / 40:.4f}\n" for n in range(20))
    told = judged(tmp_path / "log.txt", text, "epochs: 40\n")
    assert any(each.startswith("the log followed the plan: 20 records") for each in told)


@pytest.mark.parametrize("first", [0, 1])
def test_an_epoch_of_several_learning_rates_is_all_that_is_known(tmp_path: Path, first: int) -> None:
    def text(factor: float) -> str:
        rates = [(n // 10 + first, factor * (0.1 + 0.9 * n / 40)) for n in range(0, 40, 3)]
        return "".join(f"Epoch {epoch}/{3 + first} lr {lr:.4f}\n" for epoch, lr in rates)

    coarse = "several learning rates share an epoch and no step is beside them, so they may be from all of it"
    told = judged(tmp_path / "log.txt", text(1.0), STEPS)
    assert coarse in told
    assert any(each.startswith("the log followed the plan: 14 records, epoch") for each in told)
    assert not any(each.startswith("the log followed") for each in judged(tmp_path / "log.txt", text(3.0), STEPS))


# --- ranks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prefix", ["[rank{}]: ", "[default{}]:", "{}: ", " {}: ", "[1,{}]<stdout>:", "[1,{}]<stderr>: "]
)
def test_ranks_that_say_the_same_are_read_once(tmp_path: Path, prefix: str) -> None:
    text = "".join(f"{prefix.format(rank)}step={step} lr={lr_of(step)}\n" for rank in (0, 1) for step in range(5))
    log = read(tmp_path / "log.txt", text)
    assert records(log) == [(step, lr_of(step)) for step in range(5)]
    assert [each.severity for each in log.notes] == ["note"]
    other = text.replace(f"{prefix.format(1)}step=3 lr={lr_of(3)}", f"{prefix.format(1)}step=3 lr=0.5")
    (problem,) = [each for each in read(tmp_path / "log.txt", other).notes if each.severity == "error"]
    assert (problem.where.line, problem.message) == (9, f"rank 1 logged 0.5 at step 3, rank 0 {lr_of(3)}")


def test_numbers_before_lines_are_no_ranks_where_they_are_the_step(tmp_path: Path) -> None:
    text = "".join(f"{step}: loss 0.3 lr {lr_of(step)}\n" for step in range(3))
    log = read_log(str(write(tmp_path / "log.txt", text)), pattern="{step}: ... lr {lr}")
    assert records(log) == [(step, lr_of(step)) for step in range(3)]


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_log_with_the_learning_rates_of_all_param_groups_compares_all(tmp_path: Path) -> None:
    groups = "{groups: [{name: a, lr: 1}, {name: b, lr: 2}]}"
    plan = f"steps: 3\noptimizer: {groups}\nscheduler: {{type: ExponentialLR, gamma: 0.5}}\n"
    (schedule,) = load_text(plan, "plan.yaml")
    curve = simulate(schedule)
    lists = "".join(f"step={n}, skipped=0, lr=[{0.5**n}, {2 * 0.5**n}], mom=[0]\n" for n in range(3))
    names = "".join(f"step={n} lr/b={2 * 0.5**n} lr/a={0.5**n}\n" for n in range(3))
    own = "".join(f"{n} {0.5**n} {2 * 0.5**n}\n" for n in range(3))
    for text, pattern in ((lists, None), (names, None), (own, "{step} {lr:a} {lr:b}")):
        for wrong in (False, True):
            path = write(tmp_path / "log.txt", text.replace("2.0", "3.0") if wrong else text)
            run = LoggedRun(str(path), pattern=pattern)
            found = run.follow(schedule, curve, "plan", called_at)
            said = [each.message for each in found if not isinstance(each, Finding) or each.severity != "note"]
            assert said[0] == "param group 'a': the log followed the plan: 3 records, step 0 to step 2"
            assert said[1].startswith(
                f"param group 'b': {'step 0: logged 3' if wrong else 'the log followed the plan'}"
            )
            assert len([each for each in found if isinstance(each, Finding) and each.code == "log-read"]) == 1
            (one, *_) = run._replace(group="b").follow(schedule, curve, "plan", called_at)
            assert one.message.startswith("step 0: logged 3" if wrong else "the log followed the plan: 3 records")


def test_param_groups_that_are_alike_are_compared_once(tmp_path: Path) -> None:
    plan = "steps: 3\noptimizer: {groups: [{name: a, lr: 1}, {name: b, lr: 1}]}\nscheduler: none\n"
    (schedule,) = load_text(plan, "plan.yaml")
    path = write(tmp_path / "log.txt", "step=0, skipped=0, lr=[1.0, 1.0], mom=[0]\n")
    found = LoggedRun(str(path)).follow(schedule, simulate(schedule), "plan", called_at)
    assert found[0].message == "the log followed the plan: 1 record, step 0"
    path.write_text("step=0, skipped=0, lr=[1.0, 2.0], mom=[0]\n")
    found = LoggedRun(str(path)).follow(schedule, simulate(schedule), "plan", called_at)
    assert [each.message.partition(":")[0] for each in found if each.message.startswith("param group")] == [
        "param group 'a'",
        "param group 'b'",
    ]


# --- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "step", "epoch", "lr"),
    [
        ("step=7 lr=0.1", 7, None, 0.1),
        ("Iteration 7 / 100: learning rate 1e-1", 7, None, 0.1),
        ('I0101 "global_step": 7, "train/lr": "0.1"', 7, None, 0.1),
        ("epoch 3, LR = .1", None, 3, 0.1),
        ("[Epoch 3] ... LearningRate -> 0.1;", None, 3, 0.1),
        ("epoch 3 iter 7 lr 0.1 min_lr 0.2 lr_decay=0.3", 7, 3, 0.1),
        ("lr 0.1 at step 7", 7, None, 0.1),
        ("step 7 LEARNING RATE: 0.1", 7, None, 0.1),
        ("batch 9 step 7 lr 0.1", 7, None, 0.1),
        ("the lr is 0.1 at step 7", None, None, None),
        ("step 7 base_lr 0.1", None, None, None),
        ("step 7.5 lr 0.1", None, None, None),
        ("step 7 lr 0.1.2", None, None, None),
        ("step7 lr 0x1", None, None, None),
        ("lr 0.1", None, None, None),
    ],
)
def test_a_line_is_read_by_its_names(line: str, step: int | None, epoch: int | None, lr: float | None) -> None:
    format = format_of(line)
    if lr is None:
        assert format is None
        return
    assert format is not None
    match = format.line.search(line)
    assert match is not None
    at = match.groupdict()
    assert float(at["lr"]) == lr
    assert (at.get("step"), at.get("epoch")) == (step and str(step), epoch and str(epoch))


def test_steps_that_start_over_in_every_epoch_are_those_of_the_epoch(tmp_path: Path) -> None:
    text = "".join(f"epoch {epoch}, step {step}, lr 0.{epoch + 1}\n" for epoch in range(3) for step in (0, 50))
    log = read(tmp_path / "log.txt", text)
    assert [(clock.unit, list(clock.at)) for clock in log.clocks] == [("epoch", [0, 0, 1, 1, 2, 2])]
    assert log.notes[-1].message == "steps start over in every epoch, so they are not used"
    log = read(tmp_path / "log.txt", text.replace(", lr", "/100, lr"))
    assert [(clock.unit, list(clock.at)) for clock in log.clocks] == [
        ("step", [0, 50, 100, 150, 200, 250]),
        ("epoch", [0, 0.5, 1, 1.5, 2, 2.5]),
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("epoch 1/3 lr 0.1\nepoch 2/3 lr 0.1\n", 1),
        ("epoch 2/3 lr 0.1\nepoch 3/3 lr 0.1\n", 1),
        ("epoch 2/3 lr 0.1\n", 0),
        ("epoch 0/3 lr 0.1\nepoch 3/3 lr 0.1\n", 0),
        ("epoch 1 lr 0.1\nepoch 2 lr 0.1\n", 0),
        ("step 1/9 lr 0.1\n", 1),
        ("step 4/9 lr 0.1\nstep 9/9 lr 0.1\n", 1),
        ("step 4/9 lr 0.1\n", 0),
    ],
)
def test_a_count_with_its_total_tells_where_it_begins(tmp_path: Path, text: str, first: int) -> None:
    assert read(tmp_path / "log.txt", text).clocks[0].first == first


def test_the_format_with_the_most_steps_counts_and_the_others_are_named(tmp_path: Path) -> None:
    trainer = "".join(f"{{'loss': 1.0, 'learning_rate': 0.{n}, 'epoch': {n / 10}}}\n" for n in range(1, 9))
    deepspeed = "".join(f"step={n}, skipped=0, lr=[0.{n}], mom=[0.9]\n" for n in range(1, 9))
    log = read(tmp_path / "log.txt", trainer + deepspeed)
    assert log.program == "DeepSpeed"
    assert log.notes[0].message == (
        "read 8 of 16 lines: step and lr, as DeepSpeed writes them; not the lines of Hugging Face's Trainer"
    )
    few = trainer + "step=1, skipped=0, lr=[0.1], mom=[0.9]\n"
    assert read(tmp_path / "log.txt", few).program == "Hugging Face's Trainer"


def test_a_program_that_prints_its_learning_rate_in_two_ways_is_not_named_twice(tmp_path: Path) -> None:
    text = "".join(
        f"Epoch {n}: LearningRateScheduler setting learning rate to 0.{n}.\nEpoch {n}/8\n"
        f"9/9 - 1s - 10ms/step - loss: 0.5 - learning_rate: 0.{n}000\n"
        for n in range(1, 9)
    )
    log = read(tmp_path / "log.txt", text)
    assert log.notes[0].message == "read 8 of 24 lines: epoch and lr, as Keras writes them"


@pytest.mark.parametrize("name", ["run.log", "run.csv"])
def test_a_pointer_of_git_lfs_is_called_that(tmp_path: Path, name: str) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 1234\n"
    said = refusal(tmp_path / name, pointer)
    assert said == (
        f"{name}: error: this file is kept by Git LFS, which has not downloaded it\n  hint: git lfs pull downloads it"
    )


@pytest.mark.parametrize(
    ("write", "half"), [("%.6f", 5e-7), ("%.2e", 5e-8), ("%.3g", 5e-8), ("%.4g", 5e-9), ("%r", 0.0)]
)
def test_a_bar_has_learning_rates_as_its_script_writes_them(tmp_path: Path, write: str, half: float) -> None:
    """`set_postfix(lr=lr)` is rounded to 3 digits by tqdm, `set_postfix(lr=f"{lr:.6f}")` is left as it is."""
    rates = [1.98765e-05, *(1.98765e-05 * n for n in range(2, 9))]
    bars = "".join(f"\rtrain: 10%|#  | {n}/9 [00:01<00:09, lr={write % lr}]" for n, lr in enumerate(rates, 1))
    log = read(tmp_path / "log.txt", f"{bars}\n")
    assert log.half[0] == pytest.approx(half, rel=1e-3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["1e-3", "2e-3"]), st.sampled_from("\r\n")), max_size=60),
    st.integers(1, 400),
)
def test_bars_in_blocks_are_read_as_bar_by_bar(
    monkeypatch: pytest.MonkeyPatch, drawn: list[tuple[int, str, str]], size: int
) -> None:
    """Steps that stand still, learning rates that change at a step, other states between, and cuts anywhere."""
    step, text = 0, "\rtrain: 10%|#  | 1/9 [00:01<00:09, lr=1e-3]" * 2
    for ahead, lr, end in drawn:
        step += ahead
        text += f"{end}train: 10%|#  | {step}/9 [00:01<00:09, lr={lr}]" + f"{end}valid:  5%|   | 1/9" * (ahead == 2)
    text += "\n"
    kept = []
    for sure in (1, 1_000):
        monkeypatch.setattr("lrviz.log.text.reader.SURE", sure)
        reader = Reader()
        for start in range(0, len(text), size):
            reader.feed(text[start : start + size])
        reader.finish()
        (each,) = reader.kept.values()
        kept.append((list(each.lines), [list(at) for at in each.clocks], each.rates, each.count))
    assert kept[0] == kept[1]


# --- anything ------------------------------------------------------------------------------------------------


pieces = st.sampled_from(
    [
        *(word for format in FORMATS for word in format.words),
        "1", "0.1", "1e-4", "nan", "/", "[", "]", "{'", "'", ", ", ": ", "=", "|", "%|", "\n", "\r", "\t", "epoch",
        "step", "iter", "lr", "LR", "Epoch 3/10\n", "0: ", "[rank1]: ", "\x1b[0m", "\0", "é",
    ]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.lists(pieces, max_size=60).map(lambda parts: "".join(parts).encode())))
@example(b"step=1 lr=0.1" * 3)
@example("step \uff11 lr \u0660.1".encode())
def test_no_text_is_a_fault(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(data)
    for pattern in (None, "{step} ... {lr}"):
        try:
            log = read_log(str(path), pattern=pattern)
        except ScheduleError:
            continue
        assert len(log.lr) == len(log.lines) == len(log.half) == len(log.coarse) > 0
        assert all(len(clock.at) == len(log.lr) for clock in log.clocks)


def test_lines_that_nearly_match_again_and_again_take_no_time(tmp_path: Path) -> None:
    for part in ("iteration 1/2 |", "'learning_rate': 1,", "lr 1", "1" * 50, "Epoch 1: 1%|", "step 1 |", " iter: 1  "):
        write(tmp_path / "log.txt", "x" + part * 40_000 + "\n" + f"{part} lr\n" * 2000)
        try:
            read_log(str(tmp_path / "log.txt"))
        except ScheduleError:
            continue


def test_lines_that_only_look_as_if_they_had_a_learning_rate_take_little_time(tmp_path: Path) -> None:
    """ "already" and "learning" have what a name of a learning rate has; nothing is looked for in such a line."""

    def cost(line: str) -> float:
        began = time.process_time()
        assert "none of 30,000 lines" in refusal(tmp_path / "log.txt", line * 30_000)
        return time.process_time() - began

    noise = "INFO already learning of a filter, iter loss=0.1 acc=0.2\n"
    assert cost(noise) < 0.5 * cost(noise.replace("already", "base_lr=0.1"))


@given(
    st.lists(
        st.sampled_from(
            ["train", "lr", "LR", "Lr", "learning", "Learning", "rate", "Rate", "s", "x", "X", "_", "-", "/", " "]
        )
    )
)
def test_every_name_of_a_learning_rate_is_looked_at(parts: list[str]) -> None:
    name = "".join(parts)
    if any(token.kind == "lr" for token in tokens(f"{name}=0.1")) and ("lr" in name or "LR" in name or "Lr" in name):
        assert names_rate(name)


def test_reading_from_a_pipe(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = subprocess.Popen([sys.executable, "-c", f"open({str(pipe)!r}, 'w').write({nano(range(50))!r})"])
    try:
        assert len(read_log(str(pipe)).lr) == 50
    finally:
        writing.wait()
