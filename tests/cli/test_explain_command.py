"""`lrviz explain`, as it is typed: with what the lint finds, and with what torch refuses."""

from __future__ import annotations

import json
from pathlib import Path

from process import lrviz

CLIMBS = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: CosineAnnealingLR, T_max: 20}\n"


def test_it_ends_with_what_the_lint_finds(tmp_path: Path) -> None:
    status, out, err = lrviz("explain", "-", text=CLIMBS, cwd=tmp_path)
    assert (status, err) == (0, "")
    assert "\nerror: CosineAnnealingLR: " in out
    assert "[cosine-climbs]" in out
    assert "nothing-expected" not in out
    assert "cosine-climbs" not in lrviz("explain", "-", text=CLIMBS + "ignore: [cosine-climbs]\n", cwd=tmp_path).out


def test_what_torch_refuses_is_explained_too(tmp_path: Path) -> None:
    text = "epochs: 30\noptimizer: {lr: 0.1}\nscheduler: {type: ConstantLR, factor: 0}\n"
    status, out, err = lrviz("explain", "-", "--format", "json", text=text, cwd=tmp_path)
    assert (status, err) == (0, "")
    (page,) = json.loads(out)["schedules"]
    assert page["scheduler"]["type"] == "ConstantLR"
    assert next((each["severity"], "ZeroDivisionError" in each["message"]) for each in page["remarks"]) == (
        "error",
        True,
    )
