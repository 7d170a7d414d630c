"""`[tool.lrviz]` in pyproject.toml: what it sets, what goes before it, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from process import lrviz

from lrviz.config import Config, config_of
from lrviz.errors import ScheduleError

BARE = "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 1.5}\n"


def config(folder: Path, text: str) -> Config:
    (folder / "pyproject.toml").write_text(text)
    return config_of(folder)


def test_the_nearest_file_upward_counts(tmp_path: Path) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    table = '[tool.lrviz]\nstrict = true\nrequire-expect = true\ntheme = "dark"\nignore = ["lr-zero"]\n'
    found = config(tmp_path, f'[project]\nname = "x"\n{table}')
    assert found == Config("pyproject.toml", True, True, "dark", frozenset({"lr-zero"}))
    assert config_of(inside) == found._replace(file=str(tmp_path.resolve() / "pyproject.toml"))
    assert config(inside.parent, "[project]\n") == Config()
    assert config_of(inside) == Config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.lrviz]\nstric = true\n", ":2:1: error: [tool.lrviz] has no key 'stric'\n  hint: did you mean strict?"),
        ("[tool.lrviz]\n  strict = 1\n", ":2:3: error: strict must be true or false\n  hint: strict = true"),
        ('[tool.lrviz]\ntheme = "drak"\n', ":2:1: error: theme has no 'drak'\n  hint: did you mean dark?"),
        ('[tool.lrviz]\nignore = "lr-zero"\n', ":2:1: error: ignore must be a list of codes of the lint\n"),
        (
            '[tool.lrviz]\nignore = ["lr-zeros"]\n',
            ":2:1: error: ignore has no 'lr-zeros'\n  hint: did you mean lr-zero?",
        ),
        ("[tool.lrviz]\nstrict = \n", ":2:10: error: this is not TOML"),
        ("[tool]\nlrviz = 3\n", ": error: tool.lrviz must be a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ScheduleError) as error:
        config(tmp_path, text)
    assert f"pyproject.toml{said}" in str(error.value)


def test_an_option_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(BARE)
    assert lrviz("check", "s.yaml", "-q", cwd=tmp_path).status == 0
    (tmp_path / "pyproject.toml").write_text("[tool.lrviz]\nstrict = true\n")
    status, out, err = lrviz("check", "s.yaml", "-v", cwd=tmp_path)
    assert status == 1
    assert "lrviz: options from [tool.lrviz] in pyproject.toml\n" in err
    assert lrviz("check", "s.yaml", "--no-strict", cwd=tmp_path).status == 0
    (tmp_path / "pyproject.toml").write_text('[tool.lrviz]\nstrict = true\nignore = ["gamma-above-one"]\n')
    status, out, _ = lrviz("check", "s.yaml", cwd=tmp_path)
    assert (status, "gamma-above-one" in out) == (0, False)
    (tmp_path / "g.yaml").write_text(BARE.replace("3", "400").replace("1.5", "100"))
    status, out, _ = lrviz("check", "g.yaml", cwd=tmp_path)
    assert (status, "gamma-above-one" in out, "lr-not-finite" in out) == (1, False, True)
    (tmp_path / "pyproject.toml").write_text("[tool.lrviz]\nrequire-expect = true\n")
    assert lrviz("check", "s.yaml", cwd=tmp_path).status == 2
