"""The registry lists every dialect, and imports one only for a file that it could be the config of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lrviz
from lrviz.configs.recognize import marks_of
from lrviz.configs.registry import DIALECTS, LISTED

FOLDER = Path(lrviz.__file__).parent / "configs" / "dialects"


def test_every_dialect_has_a_line() -> None:
    assert sorted(name.replace("-", "_") for name in LISTED) == sorted(file.stem for file in FOLDER.glob("[!_]*.py"))


@pytest.mark.parametrize("name", LISTED)
def test_a_dialect_has_the_name_of_its_line(name: str) -> None:
    assert DIALECTS[name].name == name


@pytest.mark.parametrize("name", LISTED)
def test_an_example_is_recognized_as_its_dialect_alone(name: str) -> None:
    assert [*marks_of(DIALECTS[name].example, f"example{LISTED[name].suffixes[0]}")] == [name]


def test_a_schedule_of_ours_imports_no_dialect(tmp_path: Path) -> None:
    file = tmp_path / "schedule.yaml"
    file.write_text("epochs: 3\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: StepLR, step_size: 1}\n")
    code = f"""
        import sys
        from lrviz.loading import load_file
        load_file({str(file)!r})
        print(*(name for name in sys.modules if name.startswith("lrviz.configs.dialects.")))
    """
    done = subprocess.run([sys.executable, "-c", "\n".join(map(str.strip, code.splitlines()))], capture_output=True)
    assert done.returncode == 0
    assert not done.stdout.strip()
