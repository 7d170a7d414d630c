"""`lrviz schedulers` as it is typed: names, formats, encodings, exit statuses, and that the list is quick."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.golden import Golden
from process import environment, lrviz, lrviz_bytes

from lrviz.schedule.catalogue import SCHEDULERS

GOLDEN = Path(__file__).parent.parent / "render" / "golden" / "schedulers"


def test_the_list_is_the_golden_one(golden: Golden) -> None:
    status, out, err = lrviz("schedulers")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    golden.same_text(GOLDEN / "list.txt", out)


def test_the_list_imports_no_torch() -> None:
    code = """if True:
        import sys
        from lrviz.cli.main import app
        try:
            app(["schedulers"])
        except SystemExit as left:
            print(left.code, "torch" in sys.modules, "numpy" in sys.modules, file=sys.stderr)
        """
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, check=True)
    assert done.stderr.decode().split() == ["0", "False", "False"]


@pytest.mark.parametrize(
    "name",
    [
        "CosineAnnealingLR",
        "cosineannealinglr",
        "COSINE",
        "cosine-annealing",
        "cosine_decay",
        "torch.optim.lr_scheduler.CosineAnnealingLR",
    ],
)
def test_a_name_is_found_however_it_is_written(name: str, golden: Golden) -> None:
    status, out, err = lrviz("schedulers", name)
    assert (status, err) == (0, "")
    golden.same_text(GOLDEN / "page-cosine.txt", out)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("StepLRR", "did you mean StepLR?"),
        ("onecycel", "did you mean OneCycleLR?"),
        ("zzz", f"valid names are {', '.join(SCHEDULERS)}"),
        ("", f"valid names are {', '.join(SCHEDULERS)}"),
        ("[red]", "did you mean ReduceLROnPlateau?"),
    ],
)
def test_an_unknown_name_is_2_with_a_suggestion(name: str, hint: str) -> None:
    status, out, err = lrviz("schedulers", name)
    assert (status, out) == (2, "")
    assert err == f"lrviz: error: there is no scheduler {name!r}\n  hint: {hint}\n"


def test_json() -> None:
    status, out, err = lrviz("schedulers", "--format", "json")
    assert (status, err) == (0, "")
    assert [record["name"] for record in json.loads(out)["schedulers"]] == list(SCHEDULERS)
    status, out, err = lrviz("schedulers", "sgdr", "--format", "json")
    assert (status, err) == (0, "")
    (record,) = json.loads(out)["schedulers"]
    assert record["name"] == "CosineAnnealingWarmRestarts"
    assert record["example"]["lr"][0] == 0.1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "shift_jis", "gbk"])
def test_an_encoding_without_braille_gets_ascii(encoding: str, golden: Golden) -> None:
    for arguments in (["schedulers"], ["schedulers", "sequential"]):
        done = lrviz_bytes(*arguments, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
        text = done.stdout.decode("ascii")
        assert "\\u" not in text
    golden.same_text(GOLDEN / "page-sequential-ascii.txt", text)


def test_colour_only_where_it_is_asked_for() -> None:
    assert "\x1b" not in lrviz("schedulers").out
    assert "\x1b[38;5;32m" in lrviz("schedulers", "--color", "always").out
    assert "\x1b[38;5;32m" in lrviz("schedulers", "step", FORCE_COLOR="1").out
    assert "\x1b" not in lrviz("schedulers", "step", "--color", "never", FORCE_COLOR="1").out


def test_swalr_is_run_by_torch_itself() -> None:
    status, out, err = lrviz("schedulers", "SWA")
    assert (status, err) == (0, "")
    assert "call 20  swa_lr = 0.05" in out


def test_two_names_are_usage() -> None:
    status, out, err = lrviz("schedulers", "step", "cosine")
    assert (status, out) == (2, "")
    assert "cosine" in err
