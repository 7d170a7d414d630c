"""`lrviz check --run LOG --follow`: a log that grows, is rotated, truncated or late, and how following it ends."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import pytest
from process import lrviz
from watching import Watching

PLAN = "steps: 100\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: CosineAnnealingLR, T_max: 100}\n"


class Following(Watching):
    """A running `lrviz check FILE --follow` without the findings of the plan itself."""

    command = ("check", "--follow", "-v")


class Behind(Following):
    """The same behind a pipe."""

    stdin = subprocess.PIPE

    def gets(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def closes(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def __exit__(self, *raised: object) -> None:
        self.closes()
        super().__exit__(*raised)


def lr(step: int) -> float:
    return 0.05 * (1 + math.cos(math.pi * step / 100))


def lines(start: int, end: int, *, times: float = 1.0) -> str:
    """What a run prints, a line a step."""
    return "".join(f"step {step} | loss 1.5 | lr {lr(step) * times:.6e}\n" for step in range(start, end))


def rows(start: int, end: int, *, times: float = 1.0) -> str:
    return "".join(f"{step},{lr(step) * times!r}\n" for step in range(start, end))


def add(file: Path, text: str) -> None:
    with file.open("a") as opened:
        opened.write(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(PLAN)
    return tmp_path


@pytest.fixture
def log(folder: Path) -> Path:
    return folder / "train.log"


def follows(folder: Path, *more: str, run: str = "train.log") -> Following:
    return Following("s.yaml", "--run", run, *more, cwd=folder)


READY = r"calls of scheduler.step\(\)"
"""What is said right before a log is followed."""

HELD = "holds: the log followed the plan: 100 records, step 0 to step 99"
"""What is said of all steps of the run."""


# --- how it ends ---------------------------------------------------------------------------------------------------


def test_the_last_step_ends_it(folder: Path, log: Path) -> None:
    log.write_text(lines(0, 50))
    with follows(folder) as it:
        it.says("step 49 of 100, on plan")
        add(log, lines(50, 99))
        add(log, lines(99, 100) + "saved\n")
        assert it.ended() == 0
    assert any(HELD in line for line in it.out)
    assert not any("log-ends-early" in line for line in it.out)


def test_a_deviation_ends_it_while_the_run_goes_on(folder: Path, log: Path) -> None:
    log.write_text(lines(0, 50))
    with follows(folder) as it:
        it.says("step 49 of 100, on plan")
        add(log, lines(50, 51, times=0.5) + lines(51, 53))
        assert it.ended() == 1
    assert "  hint: the records are too few or too similar to tell why; --keep-going reads on until they do" in it.out
    (found,) = [line for line in it.out if "[log]" in line]
    assert found.startswith(
        "train.log:51:1: error: step 50: logged 0.025, planned 0.05, ratio 0.5; 1 of 53 records deviates from the plan"
    )
    add(log, lines(53, 60))  # nobody reads it any more, and nobody has to
    whole = log.read_text()
    log.write_text("".join(whole.splitlines(keepends=True)[:53]))
    again = lrviz("check", "s.yaml", "--run", "train.log", cwd=folder)
    assert found in again.out.splitlines()


def test_keep_going_tells_of_the_way_back(folder: Path, log: Path) -> None:
    log.write_text(lines(0, 50))
    with follows(folder, "--keep-going") as it:
        it.says("step 49 of 100, on plan")
        add(log, lines(50, 55, times=0.5))
        it.says(r"^train.log:51:1: error: step 50: logged 0.025, planned 0.05, ratio 0.5 \[log\]$")
        add(log, lines(55, 60))
        it.says(r"^train.log:56:1: note: step 55: back on the plan \[log\]$")
        add(log, lines(60, 70, times=2.0))
        it.says(r"^train.log:61:1: error: step 60: logged 0.0690983, planned 0.0345492, ratio 2 \[log\]$")
        add(log, lines(70, 100))
        assert it.ended() == 1
    assert any("15 of 100 records deviate from the plan" in line for line in it.out)


def test_timeout_after_the_last_that_came(folder: Path, log: Path) -> None:
    log.write_text(lines(0, 50))
    with follows(folder, "--timeout", "0.5s") as it:
        it.says("^lrviz: nothing came for 0.5 seconds: train.log is not followed any longer$")
        assert it.ended() == 0
    assert any("the log followed the plan: 50 records" in line for line in it.out)
    assert any("the log ends at step 49, the run at step 99" in line for line in it.out)


def test_timeout_of_a_log_that_never_comes(folder: Path) -> None:
    with follows(folder, "--timeout", "0.3") as it:
        assert it.ended() == 2
    assert "train.log: error: there is no such file, and nothing came for 0.3 seconds [input]" in it.out


def test_timeout_of_a_log_without_records(folder: Path, log: Path) -> None:
    log.write_text("loading the data\n")
    with follows(folder, "--timeout", "0.3") as it:
        assert it.ended() == 2
    assert any("none of 1 line has a learning rate" in line for line in it.out)


def test_ctrl_c_says_what_was_seen(folder: Path, log: Path) -> None:
    log.write_text(lines(0, 50))
    with follows(folder) as it:
        it.says("step 49 of 100, on plan")
        assert it.interrupt() == 130
    assert it.err[-1] == "lrviz: stopped: step 49 of 100, on plan"
    assert not it.out


# --- what happens to logs -------------------------------------------------------------------------------------------


def test_a_line_in_two_halves(folder: Path, log: Path) -> None:
    whole = lines(50, 51)
    log.write_text(lines(0, 50) + whole[:-8])
    with follows(folder) as it:
        it.says("step 49 of 100, on plan")
        assert it.is_silent_for(0.3)
        add(log, whole[-8:] + lines(51, 100))
        assert it.ended() == 0
    assert any(HELD in line for line in it.out)


def test_a_file_that_appears_later(folder: Path, log: Path) -> None:
    with follows(folder) as it:
        it.says(READY)
        assert it.is_silent_for(0.2)
        log.write_text(lines(0, 100))
        assert it.ended() == 0
    assert any(HELD in line for line in it.out)


def test_rotation(folder: Path, log: Path) -> None:
    """What the writer wrote last into the old file is read too, and lines are those of the file they are in."""
    log.write_text(lines(0, 40))
    with follows(folder) as it:
        it.says("step 39 of 100, on plan")
        with log.open("a") as old:
            log.rename(folder / "train.log.1")
            old.write(lines(40, 50))
        log.write_text(lines(50, 60))
        it.says("^lrviz: train.log began anew, and is read from its start$")
        add(log, lines(60, 61, times=0.5))
        assert it.ended() == 1
    assert any(line.startswith("train.log:11:1: error: step 60: ") and "of 61 records" in line for line in it.out)


@pytest.mark.parametrize("more", [5, 60], ids=["shorter", "longer"])
def test_truncation(folder: Path, log: Path, more: int) -> None:
    """Also where the file is soon longer than it was."""
    log.write_text(lines(0, 40))
    with follows(folder) as it:
        it.says("step 39 of 100, on plan")
        log.write_text(lines(40, 40 + more))
        it.says("^lrviz: train.log began anew, and is read from its start$")
        add(log, lines(40 + more, 100))
        assert it.ended() == 0
    assert any(HELD in line for line in it.out)


def test_csv_with_a_header_in_each_file(folder: Path) -> None:
    file = folder / "run.csv"
    file.write_text("step,lr\n")
    with follows(folder, run="run.csv") as it:
        add(file, rows(0, 40))
        it.says("step 39 of 100, on plan")
        file.rename(folder / "run.csv.1")
        file.write_text("step,lr\n" + rows(40, 60))
        it.says("^lrviz: run.csv began anew, and is read from its start$")
        add(file, rows(60, 61, times=2))
        assert it.ended() == 1
    assert any(line.startswith("run.csv:22:1: error: step 60: ") for line in it.out)


def test_json_that_is_written_anew(folder: Path) -> None:
    """The Trainer writes its state whole, at each checkpoint; a half of it is none."""
    file = folder / "trainer_state.json"

    def state(end: int, times: float = 1.0) -> str:
        history = [{"step": step, "learning_rate": lr(step) * times} for step in range(end)]
        return json.dumps({"log_history": history}, indent=2)

    file.write_text(state(40)[:500])
    with follows(folder, run="trainer_state.json") as it:
        it.says(READY)
        assert it.is_silent_for(0.3)
        file.write_text(state(40))
        it.says("step 39 of 100, on plan")
        file.write_text(state(60, times=2))
        assert it.ended() == 1


def test_tensorboard(folder: Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    def write(writer: EventFileWriter, start: int, end: int, times: float = 1.0) -> None:
        for step in range(start, end):
            value = Summary.Value(tag="lr", simple_value=lr(step) * times)
            writer.add_event(Event(step=step, summary=Summary(value=[value])))
        writer.flush()

    (folder / "runs").mkdir()
    with follows(folder, run="runs") as it:
        it.says(READY)
        assert it.is_silent_for(0.2)
        first = EventFileWriter(str(folder / "runs"))
        write(first, 0, 40)
        it.says(r"step 3\d of 100, on plan")  # the writer may hand its events on in parts
        write(first, 40, 50)
        it.says(r"step 4\d of 100, on plan")
        second = EventFileWriter(str(folder / "runs"), filename_suffix=".later")
        write(second, 50, 51, times=0.5)
        assert it.ended() == 1
        first.close()
        second.close()
    assert any("runs: error: step 50: logged 0.025, planned 0.05, ratio 0.5; 1 of 51" in line for line in it.out)


def test_the_first_learning_rates_are_nan(folder: Path, log: Path) -> None:
    log.write_text("step 0 | lr nan\n")
    with follows(folder) as it:
        it.says(READY)
        assert it.is_silent_for(0.3)
        add(log, lines(1, 100))
        assert it.ended() == 0


# --- standard input -------------------------------------------------------------------------------------------------


def test_a_pipe_is_read_to_its_end(folder: Path) -> None:
    with Behind("s.yaml", "--run", "-", cwd=folder) as it:
        it.gets(lines(0, 50))
        it.says("step 49 of 100, on plan")
        it.gets(lines(50, 100) + "saving\n")
        it.says("step 99 of 100, on plan")
        assert it.is_silent_for(0.3)  # whoever writes is not to fail
        assert it.process.poll() is None
        it.closes()
        assert it.ended() == 0
    assert any(HELD in line for line in it.out)


def test_a_deviation_behind_a_pipe(folder: Path) -> None:
    with Behind("s.yaml", "--run", "-", cwd=folder) as it:
        it.gets(lines(0, 50) + lines(50, 51, times=3))
        assert it.ended() == 1  # while the pipe is open
    assert any(line.startswith("<stdin>:51:1: error: step 50: ") for line in it.out)


# --- what may yet be rounding ----------------------------------------------------------------------------------------


def test_the_first_numbers_may_be_rounded(folder: Path, log: Path) -> None:
    """0.1 may be 0.0998, until the column shows how it rounds."""
    text = "".join(f"step {step} lr {round(lr(step), 3)}\n" for step in range(100))
    log.write_text("\n".join(text.split("\n")[:4]) + "\n")
    with follows(folder) as it:
        it.says("step 3 of 100, on plan")
        add(log, "\n".join(text.split("\n")[4:]))
        assert it.ended() == 0


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--follow"], "lrviz: error: --follow needs one log"),
        (["--follow", "--run", "a.log", "--run", "b.log"], "lrviz: error: --follow needs one log"),
        (["--run", "a.log", "--keep-going"], "lrviz: error: --keep-going and --timeout need --follow"),
        (["--run", "a.log", "--timeout", "5m"], "lrviz: error: --keep-going and --timeout need --follow"),
        (["--run", "a.log", "--follow", "--timeout", "5 parsecs"], "'5 parsecs' is not a time to wait"),
        (["--run", "a.log", "--follow", "--timeout", "0"], "'0' is not a time to wait"),
        (["--run", "a.log", "--follow", "--timeout", "nan"], "'nan' is not a time to wait"),
    ],
)
def test_refusals(folder: Path, options: list[str], message: str) -> None:
    done = lrviz("check", "s.yaml", *options, cwd=folder)
    assert done.status == 2
    assert message in done.err
