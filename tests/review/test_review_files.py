"""Which files a review looks at, under odd names and in odd places; globs, pictures and the exit status."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from process import lrviz_bytes
from review.repositories import SAFE, STEP, Repo

OTHER = STEP.replace("gamma: 0.1", "gamma: 0.5")


def verdicts(repo: Repo, *arguments: str, status: int = 1) -> dict[str, str]:
    done = repo.review("--format", "json", *arguments)
    assert (done.status, done.err) == (status, "")
    return {each["name"]: each["verdict"] for each in json.loads(done.out)["schedules"]}


# --- names and places ------------------------------------------------------------------------------------------------


def test_odd_names_are_files_like_others(tmp_path: Path) -> None:
    """Line breaks, blanks, quotes, dashes, letters of all scripts, and bytes that are no text."""
    names = ["a\nb.yaml", " c .yaml", "-d.yaml", "é学.yaml", 'q"uo\\te.yaml', "t\tab.yaml", ":(glob)x.yaml", "*.yaml"]
    raw = os.fsdecode(b"\xff\xfe.yaml")
    repo = Repo.made(tmp_path, dict.fromkeys([*names, raw], STEP))
    assert verdicts(repo, status=0) == {}
    repo.write(dict.fromkeys([*names, raw], OTHER))
    done = lrviz_bytes("review", "--format", "json", cwd=tmp_path, **SAFE)
    assert (done.returncode, done.stderr) == (1, b"")
    found = json.loads(done.stdout)["schedules"]
    assert {each["file"] for each in found} == {*names, raw}
    assert {each["verdict"] for each in found} == {"curve"}
    for name in names:
        assert verdicts(repo, "--", name) != {}


def test_no_odd_name_speaks_to_a_terminal_or_to_a_ci_system(tmp_path: Path) -> None:
    names = ["\x1b[31m.yaml", "a\n::error::b.yaml", "##[group].yaml", "<b>|`x`.yaml"]
    repo = Repo.made(tmp_path, dict.fromkeys(names, STEP))
    repo.write({name: OTHER.replace("epochs", "title: \u202ex\nepochs") for name in names})
    repo.write(dict.fromkeys(names, OTHER))
    for format in ("text", "markdown", "github", "json"):
        out = repo.review("--format", format).out
        assert "\x1b" not in out
        assert "##[" not in out
        lines = [line for line in out.splitlines() if line.lstrip().startswith("::")]
        assert all(line.startswith("::notice file=") for line in lines)
        assert len(lines) == (len(names) if format == "github" else 0)
    assert "<b>" not in repo.review("--format", "markdown").out


def test_files_may_be_named_from_anywhere(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path / "repo", {"a/x.yaml": STEP, "b/y.yaml": STEP})
    repo.write({"a/x.yaml": OTHER, "b/y.yaml": OTHER})
    inner = Repo(repo.path / "a")
    assert verdicts(inner) == {"x.yaml": "curve"}
    assert verdicts(inner, "..") == {"../a/x.yaml": "curve", "../b/y.yaml": "curve"}
    outer = Repo(tmp_path)
    assert verdicts(outer, "repo/b") == {"repo/b/y.yaml": "curve"}
    assert verdicts(outer, str(repo.path / "a")) == {f"{repo.path}/a/x.yaml": "curve"}
    (tmp_path / "link").symlink_to("repo/a")
    assert verdicts(outer, "link") == {"link/x.yaml": "curve"}


def test_what_lies_outside_of_the_repository_is_an_error(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path / "repo", {"a.yaml": STEP})
    (tmp_path / "b.yaml").write_text(STEP)
    done = repo.review("a.yaml", "../b.yaml")
    assert done.status == 2
    assert done.err == (
        f"../b.yaml: error: this lies outside of the repository {repo.path}\n"
        "  hint: name files of one repository, or run it in the other one\n"
    )
    assert repo.review("missing.yaml").err == "missing.yaml: error: there is no such file\n"
    assert repo.review("-").err.startswith("lrviz: error: standard input has no revision\n")


def test_what_is_gone_can_be_named_and_so_can_its_folder(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a/x.yaml": STEP, "keep.txt": ""})
    (repo.path / "a/x.yaml").unlink()
    (repo.path / "a").rmdir()
    for path in ("a/x.yaml", "a", "."):
        assert verdicts(repo, path) == {"a/x.yaml": "removed"}


def test_links_that_lead_nowhere_at_the_revision_are_no_fault(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"c.yaml": STEP})
    links = {
        "a.yaml": "b.yaml",
        "b.yaml": "a.yaml",
        "d.yaml": "gone.yaml",
        "e": "e",
        "f.yaml": str(tmp_path / "f.yaml"),
    }
    for name, target in links.items():
        (repo.path / name).symlink_to(target)
    repo.commit()
    for name in links:
        (repo.path / name).unlink()
    repo.write({"a.yaml": STEP, "d.yaml": STEP, "e/x.yaml": STEP, "f.yaml": STEP, "c.yaml": OTHER})
    found = verdicts(repo, ".", "e")
    assert found == {"a.yaml": "added", "c.yaml": "curve", "d.yaml": "added", "e/x.yaml": "added", "f.yaml": "added"}


def test_a_file_and_a_link_to_another_may_take_turns(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"c.yaml": STEP, "e.yaml": STEP, "f.yaml": STEP, "text.yaml": STEP})
    (repo.path / "d.yaml").symlink_to("c.yaml")
    repo.commit()
    for name in ("c.yaml", "d.yaml", "f.yaml"):
        (repo.path / name).unlink()
    repo.write({"d.yaml": OTHER, "text.yaml": "no: schedule\n"})
    (repo.path / "f.yaml").symlink_to("e.yaml")
    assert verdicts(repo) == {"c.yaml": "removed", "d.yaml": "curve", "text.yaml": "removed"}


def test_what_git_ignores_is_not_added_wherever_a_link_shows_it(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": STEP, ".gitignore": "runs/\n"})
    repo.write({"runs/x.yaml": STEP, "new/y.yaml": OTHER})
    (repo.path / "link").symlink_to("runs")
    assert verdicts(repo, "link", "new", status=0) == {"new/y.yaml": "added"}
    assert verdicts(repo, "runs/x.yaml", status=0) == {"runs/x.yaml": "added"}  # it was named


def test_what_a_sparse_checkout_leaves_out_is_not_gone(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"here/a.yaml": STEP, "there/b.yaml": STEP})
    repo.git("sparse-checkout", "set", "here")
    assert not (repo.path / "there").exists()
    assert verdicts(repo, status=0) == {}
    (repo.path / "here/a.yaml").unlink()
    assert verdicts(repo) == {"here/a.yaml": "removed"}


def test_a_key_in_a_larger_file_is_followed(tmp_path: Path) -> None:
    text = "trainer:\n  schedule:\n" + "".join(f"    {line}\n" for line in STEP.splitlines())
    repo = Repo.made(tmp_path, {"train.yaml": text})
    repo.replace("train.yaml", "gamma: 0.1", "gamma: 0.5")
    assert verdicts(repo, "train.yaml#trainer.schedule") == {"train.yaml#trainer.schedule": "curve"}
    done = repo.review("train.yaml#trainer.schedule", "--format", "github")
    assert done.out.startswith("::notice file=train.yaml,line=5,col=53,title=learning rate (train)::")


def test_line_ends_that_git_converts_are_no_change(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": STEP})
    repo.write({"a.yaml": STEP.replace("\n", "\r\n")})
    assert verdicts(repo, status=0) == {}


def test_a_repository_whose_ids_are_sha256_is_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    repo.git("init", "-q", "-b", "main", "--object-format=sha256", ".")
    repo.write({"a.yaml": STEP, "b.yaml": STEP})
    repo.commit()
    repo.write({"b.yaml": OTHER})
    assert verdicts(repo) == {"b.yaml": "curve"}


def test_a_submodule_is_passed_over_in_a_folder_and_an_error_where_it_is_named(tmp_path: Path) -> None:
    Repo.made(tmp_path / "inner", {"x.yaml": STEP})
    repo = Repo.made(tmp_path / "repo", {"a.yaml": STEP})
    repo.git("submodule", "--quiet", "add", str(tmp_path / "inner"), "sub")
    repo.commit()
    repo.write({"sub/x.yaml": OTHER, "a.yaml": OTHER})
    done = repo.review("--format", "json")
    assert [each["file"] for each in json.loads(done.out)["schedules"]] == ["a.yaml"]
    assert done.err == "lrviz: passed over 1 file of another repository, such as a submodule\n"
    named = repo.review("a.yaml", "sub/x.yaml")
    assert named.status == 2
    assert named.err == (
        "sub/x.yaml: error: this lies in a repository of its own, such as a submodule\n  hint: run it there\n"
    )
    assert verdicts(Repo(repo.path / "sub")) == {"x.yaml": "curve"}


def pointer(data: bytes) -> bytes:
    oid = hashlib.sha256(data).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n".encode()


def test_a_file_of_git_lfs_is_read_from_what_it_has_downloaded(tmp_path: Path) -> None:
    """Without Git LFS itself: the working tree has the file, git's objects its pointer."""
    repo = Repo.made(tmp_path, {"a.yaml": pointer(STEP.encode()), "b.yaml": "other: 1\n"})
    repo.write({"a.yaml": OTHER})
    done = repo.review("a.yaml")
    assert done.status == 2
    commit = repo.git("rev-parse", "HEAD")[:10]
    assert done.err == (
        f"a.yaml: error: at HEAD ({commit}) this is kept by Git LFS, which has not downloaded it\n"
        f"  hint: git lfs fetch origin {commit} downloads it\n"
    )
    oid = hashlib.sha256(STEP.encode()).hexdigest()
    repo.write({f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}": STEP})
    assert verdicts(repo, "a.yaml") == {"a.yaml": "curve"}
    repo.write({"a.yaml": STEP})
    assert verdicts(repo, "a.yaml", status=0) == {}
    repo.write({f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}": "another content", "a.yaml": OTHER})
    assert repo.review("a.yaml").status == 2


def test_a_pointer_of_git_lfs_that_a_schedule_names_is_called_that(tmp_path: Path) -> None:
    plateau = (
        "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ReduceLROnPlateau}\nmetric: {file: loss.csv, column: x}\n"
    )
    table = "epoch,x\n0,1\n1,1\n2,1\n"
    repo = Repo.made(tmp_path, {"a.yaml": plateau, "loss.csv": pointer(b"x")})
    commit = repo.git("rev-parse", "HEAD")[:10]
    repo.write({"loss.csv": table})
    done = repo.review("a.yaml")
    assert done.status == 0
    assert f"git lfs fetch origin {commit} downloads it\n" in done.out
    repo.commit()
    repo.write({"loss.csv": pointer(b"x")})
    done = repo.review("a.yaml")
    assert done.status == 2
    assert "loss.csv is kept by Git LFS, which has not downloaded it\n  hint: git lfs pull downloads it\n" in done.err


def test_a_revision_of_thousands_of_files_takes_no_longer_for_it(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": STEP})
    lines = ["commit refs/heads/big", "committer a <a@example.org> 0 +0000", "data 3", "big", "from refs/heads/main^0"]
    for index in range(5_000):
        lines += [f"M 100644 inline data/{index % 97}/{index}.yaml", "data 5", f"{index:05}"]
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=tmp_path, input="\n".join(lines).encode(), check=True,
        env={**os.environ, **SAFE},
    )  # fmt: skip
    repo.write({"a.yaml": OTHER})
    assert verdicts(repo, "a.yaml", "--base", "big") == {"a.yaml": "curve"}


def test_a_renamed_file_is_paired_and_one_that_is_alike_rather_than_another(tmp_path: Path) -> None:
    long = STEP + "".join(f"# line {index}\n" for index in range(20))
    repo = Repo.made(
        tmp_path, {"one.yaml": long, "two.yaml": "steps: 5\noptimizer: {type: SGD, lr: 1}\nscheduler: none\n"}
    )
    (repo.path / "one.yaml").rename(repo.path / "moved.yaml")
    (repo.path / "two.yaml").unlink()
    repo.replace("moved.yaml", "gamma: 0.1", "gamma: 0.5")
    repo.write({"new.yaml": "epochs: 3\noptimizer:\n  type: Adam\n  lr: 0.5\nscheduler: none\n"})
    done = repo.review("--format", "json")
    found = {each["name"]: (each["was"], each["verdict"]) for each in json.loads(done.out)["schedules"]}
    assert found == {
        "moved.yaml": ("one.yaml", "curve"),
        "new.yaml": (None, "added"),
        "two.yaml": (None, "removed"),
    }
    repo.write({"moved.yaml": long})
    assert "moved.yaml (was one.yaml): same curve; no value changed\n" in repo.review().out


# --- what is chosen, and the status ----------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> Repo:
    repo = Repo.made(tmp_path / "two", {"prod/a.yaml": STEP, "b.yaml": STEP, "prod/c.yaml": STEP})
    repo.write({"prod/a.yaml": OTHER, "b.yaml": OTHER})
    return repo


@pytest.mark.parametrize(
    ("globs", "status"),
    [([], 1), (["a"], 1), (["prod/*"], 1), (["prod/a.yaml:a"], 1), (["c"], 0), (["prod/c.yaml"], 0), (["c", "b"], 1)],
)
def test_only_what_must_not_move_counts_if_anything_is_named(two: Repo, globs: list[str], status: int) -> None:
    done = two.review(*(f"--expect-unchanged={glob}" for glob in globs))
    assert (done.status, done.err) == (status, "")
    assert done.out.count("and must not") == (0 if not globs else status)


def test_a_glob_that_nothing_has_is_an_error(two: Repo) -> None:
    done = two.review("--expect-unchanged", "c", "--expect-unchanged", "typo-*")
    assert done.status == 2
    assert done.err == (
        "--expect-unchanged: error: no schedule matches 'typo-*'\n"
        "  hint: a glob names a schedule, its file, or FILE:NAME\n"
    )


@pytest.mark.parametrize("glob", ["prod/*", "c", "prod/c.yaml:c"])
def test_what_must_not_move_and_cannot_be_read_before_is_an_error(two: Repo, glob: str) -> None:
    two.write({"prod/c.yaml": "epochs: ["})
    commit = two.commit()[:10]
    two.write({"prod/c.yaml": STEP})
    done = two.review("--expect-unchanged", glob)
    assert done.status == 2
    assert done.err == (
        f"prod/c.yaml: error: this must not move, and at HEAD ({commit}) it cannot be read\n"
        "  hint: without --expect-unchanged for it, what it is now counts\n"
    )
    assert "must not" not in done.out
    assert two.review("--expect-unchanged", "b").status == 0


def test_only_chooses_what_is_reviewed(two: Repo) -> None:
    assert verdicts(two, "--only", "b") == {"b.yaml": "curve"}
    assert verdicts(two, "--only", "prod/*:a") == {"prod/a.yaml": "curve"}
    assert verdicts(two, "--only", "c", status=0) == {}


def test_values_of_the_command_hold_on_both_sides(two: Repo) -> None:
    assert verdicts(two, "--set", "gamma=0.3", status=0) == {"prod/a.yaml": "same", "b.yaml": "same"}
    assert verdicts(two, "--epochs", "20", status=0) == {"prod/a.yaml": "same", "b.yaml": "same"}


def test_a_schedule_that_torch_refuses_now_is_an_error_and_one_that_it_refused_is_told(tmp_path: Path) -> None:
    refused = STEP.replace("StepLR, step_size: 30, gamma: 0.1", "OneCycleLR, max_lr: 0.1, total_steps: 10")
    repo = Repo.made(tmp_path, {"a.yaml": STEP, "b.yaml": refused})
    repo.write({"a.yaml": refused, "b.yaml": STEP})
    done = repo.review()
    assert done.status == 2
    lines = done.out.splitlines()
    assert "a.yaml: torch refuses it now" in lines
    assert "b.yaml: torch runs it now, and refused it before" in lines


def test_runs_without_a_common_clock_are_told_apart_in_words(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": STEP})
    repo.replace("a.yaml", "epochs: 90", "steps: 90")
    done = repo.review()
    assert done.status == 1
    assert "neither knows how many steps an epoch has" in done.out


def test_own_classes_run_with_trust_only(tmp_path: Path) -> None:
    own = STEP.replace("StepLR, step_size: 30, gamma: 0.1", "own.Mine")
    repo = Repo.made(tmp_path, {"a.yaml": STEP})
    mark = tmp_path / "ran"
    repo.write({"a.yaml": own, "own.py": f"open({str(mark)!r}, 'w').close()\n"})
    assert repo.review(PYTHONPATH=str(tmp_path)).status == 2
    assert not mark.exists()


# --- pictures --------------------------------------------------------------------------------------------------------


def test_pictures_are_saved_for_changed_curves_only_and_replace_nothing_else(two: Repo) -> None:
    done = two.review("--pictures", "out/new")
    folder = two.path / "out/new"
    assert done.status == 1
    assert done.err == "lrviz: wrote out/new/b.png\nlrviz: wrote out/new/prod-a.png\n"
    assert sorted(file.name for file in folder.iterdir()) == ["b.png", "prod-a.png"]
    before = (folder / "b.png").read_bytes()
    assert before.startswith(b"\x89PNG")
    assert two.review("--pictures", "out/new", "-q").err == ""
    assert (folder / "b.png").read_bytes() == before
    (folder / "b.png").write_text("mine")
    done = two.review("--pictures", "out/new")
    assert done.status == 2
    assert done.err == (
        "out/new/b.png: error: this file exists, and lrviz did not make it\n"
        "  hint: name another folder, or move it away\n"
    )
    assert done.out.startswith("b.yaml: the curve changed\n")
    assert (folder / "b.png").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="a mode of folders")
def test_a_folder_that_cannot_be_made_is_an_error(two: Repo) -> None:
    done = two.review("--pictures", "b.yaml/x")
    assert done.status == 2
    assert done.err == "b.yaml/x: error: the folder cannot be made: Not a directory\n"
