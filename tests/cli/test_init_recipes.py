"""`lrviz init NAME` and `lrviz init --list`, as they are typed."""

from __future__ import annotations

from pathlib import Path

from process import lrviz

from lrviz.gallery.recipes import recipes


def test_a_part_of_a_name_writes_the_recipe(tmp_path: Path) -> None:
    assert lrviz("init", "resnet50", cwd=tmp_path) == (0, "torchvision_resnet50_v1.yaml\n", "")
    (recipe,) = [recipe for recipe in recipes() if recipe.name == "torchvision_resnet50_v1"]
    assert (tmp_path / "torchvision_resnet50_v1.yaml").read_bytes() == recipe.path.read_bytes()
    assert lrviz("check", ".", "--strict", "--require-expect", cwd=tmp_path).status == 0
    status, out, err = lrviz("init", "resnet50", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith("torchvision_resnet50_v1.yaml: error: this file exists already, and init never overwrites\n")


def test_a_recipe_goes_where_it_is_told(tmp_path: Path) -> None:
    assert lrviz("init", "gpt3", "-o", "mine.yaml", cwd=tmp_path) == (0, "mine.yaml\n", "")
    status, out, err = lrviz("init", "gpt3", "-o", "-", cwd=tmp_path)
    assert (status, out, err) == (0, (tmp_path / "mine.yaml").read_text(), "")


def test_what_a_recipe_reads_comes_with_it(tmp_path: Path) -> None:
    assert lrviz("init", "keras_plateau", cwd=tmp_path) == (0, "keras_plateau_p10.yaml\nplateau_metric.csv\n", "")
    assert lrviz("check", ".", cwd=tmp_path).status == 0
    (tmp_path / "keras_plateau_p10.yaml").unlink()
    assert lrviz("init", "keras_plateau", cwd=tmp_path).status == 2
    assert [file.name for file in tmp_path.iterdir()] == ["plateau_metric.csv"]


def test_several_and_none_are_errors_with_names(tmp_path: Path) -> None:
    status, out, err = lrviz("init", "llama", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith(
        "lrviz: error: 5 recipes have 'llama' in their name or title\n  hint: one of llama1_65b, llama1_7b,"
    )
    assert lrviz("init", "resnet51_v1", cwd=tmp_path) == (
        2,
        "",
        "lrviz: error: there is no recipe 'resnet51_v1'\n  hint: `lrviz init --list` lists them\n",
    )
    assert lrviz("init", "transformer_noam_bse", cwd=tmp_path).err.endswith(
        "hint: did you mean transformer_noam_base?\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_list_has_every_recipe_with_its_curve(tmp_path: Path) -> None:
    status, out, err = lrviz("init", "--list", cwd=tmp_path)
    assert (status, err) == (0, "")
    for recipe in recipes():
        assert f"  {recipe.thumbnail[0]}  {recipe.name}\n" in out
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == [
        *dict.fromkeys(recipe.field for recipe in recipes()),
        "`lrviz init NAME` writes one into the current folder",
    ]
    assert max(map(len, out.splitlines())) <= 80
    assert lrviz("init", "--list", cwd=tmp_path, PYTHONIOENCODING="ascii").out.isascii()
    one = lrviz("init", "--list", "gpt3", cwd=tmp_path).out
    assert one.count("gpt3_175b") == 1
    assert "llama" not in one
    assert list(tmp_path.iterdir()) == []
