"""What a review reads from git: which revision, and what is said where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from review.repositories import SAFE, STEP, Repo


def base_of(repo: Repo, *arguments: str, **environment: str) -> tuple[str, str]:
    done = repo.review("--format", "json", *arguments, **environment)
    assert done.status in (0, 1), done.err
    base = json.loads(done.out)["base"]
    return base["commit"], base["how"]


def test_the_default_is_the_last_commit_where_there_is_no_other_branch(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": STEP})
    assert base_of(repo) == (repo.git("rev-parse", "HEAD"), "")


@pytest.fixture(scope="module")
def cloned(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A clone whose branch left `main` at its first commit; both went on."""
    folder = tmp_path_factory.mktemp("cloned")
    far = Repo.made(folder / "far", {"a.yaml": STEP})
    subprocess.run(["git", "clone", "-q", "far", "near"], cwd=folder, env={**os.environ, **SAFE}, check=True)
    near = Repo(folder / "near")
    near.git("checkout", "-q", "-b", "change")
    near.replace("a.yaml", "0.1}", "0.5}")
    near.commit()
    far.write({"b.yaml": STEP.replace("90", "30")})
    far.commit()
    far.git("branch", "release/1.0", "HEAD~1")
    near.git("fetch", "-q", "origin")
    return near


def test_the_default_is_where_the_branch_left_the_default_branch(cloned: Repo) -> None:
    assert base_of(cloned) == (cloned.git("rev-parse", "HEAD~1"), "where the branch left origin/HEAD")


def test_github_says_the_branch_that_is_the_target(cloned: Repo) -> None:
    left = cloned.git("rev-parse", "HEAD~1")
    assert base_of(cloned, GITHUB_BASE_REF="release/1.0") == (left, "where the branch left origin/release/1.0")
    assert base_of(cloned, GITHUB_BASE_REF="main") == (left, "where the branch left origin/main")
    assert base_of(cloned, GITHUB_BASE_REF="change")[1] == "where the branch left change"
    gone = cloned.review(GITHUB_BASE_REF="gone")
    assert (gone.status, gone.out) == (2, "")
    assert gone.err == (
        "GITHUB_BASE_REF: error: there is no branch 'gone' in this clone\n"
        "  hint: git fetch origin gone; with actions/checkout, fetch-depth: 0\n"
    )


def test_a_named_revision_goes_before_all_others(cloned: Repo) -> None:
    assert base_of(cloned, "--base", "origin/main", GITHUB_BASE_REF="gone") == (
        cloned.git("rev-parse", "origin/main"),
        "",
    )


@pytest.mark.parametrize("revision", ["gone", "--help", "-h", "", "HEAD:a.yaml", "a\nb"])
def test_a_revision_that_is_not_there_is_an_error(cloned: Repo, revision: str) -> None:
    done = cloned.review(f"--base={revision}")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("--base: error: there is no revision ")
    assert done.err.count("\n") == 2


def test_a_shallow_clone_says_what_to_fetch(tmp_path: Path, cloned: Repo) -> None:
    source = f"file://{cloned.path.parent / 'far'}"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", source, "shallow"], cwd=tmp_path, env={**os.environ, **SAFE}, check=True
    )
    shallow = Repo(tmp_path / "shallow")
    done = shallow.review("--base", "HEAD~1")
    assert done.status == 2
    assert done.err == (
        "--base: error: there is no revision 'HEAD~1' in this repository\n"
        "  hint: this clone is shallow: git fetch --deepen=100, or git fetch --unshallow; "
        "with actions/checkout, fetch-depth: 0\n"
    )


def test_histories_without_a_common_commit_are_compared_with_the_tip_and_a_word(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": STEP})
    repo.git("checkout", "-q", "--orphan", "other")
    repo.replace("a.yaml", "0.1}", "0.5}")
    repo.commit()
    done = repo.review("--format", "json", GITHUB_BASE_REF="main")
    assert json.loads(done.out)["base"]["how"] == "the tip of main"
    assert done.err == (
        "lrviz: where the branch left main is not known, so it is compared with its tip; "
        "they have no commit in common\n"
    )
    assert done.status == 1


def test_outside_of_git_a_review_says_what_compares_two_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(STEP)
    done = Repo(tmp_path).review("a.yaml", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        ".: error: this is not in a git repository\n"
        "  hint: a review compares files with a revision of git; lrviz diff A B compares two files\n"
    )


def test_a_repository_without_a_commit_has_nothing_to_compare_with(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path)
    repo.write({"a.yaml": STEP})
    done = repo.review()
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("HEAD: error: there is no commit yet to compare with\n")


def test_a_bare_repository_has_no_files(tmp_path: Path, cloned: Repo) -> None:
    cloned.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    done = Repo(tmp_path / "bare").review()
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(".: error: this is a bare repository, without files\n")
    inside = Repo(cloned.path / ".git").review()
    assert inside.err.startswith(".: error: this is a folder of git's own files\n")


def test_git_that_is_not_installed_is_an_error(cloned: Repo, tmp_path: Path) -> None:
    done = cloned.review(PATH=str(tmp_path))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("git: error: git is not installed, or not on the PATH\n")


def test_a_repository_of_another_user_is_an_error_with_the_words_of_git(cloned: Repo) -> None:
    done = cloned.review(GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert done.status == 0 or done.status == 1  # it is no variable that is passed on
    fake = cloned.path.parent / "fake"
    fake.mkdir()
    (fake / "git").write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n')
    (fake / "git").chmod(0o755)
    done = cloned.review(PATH=f"{fake}:{os.environ['PATH']}")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        ".: error: git refuses this repository, because it belongs to another user\n"
        f"  hint: if you trust it: git config --global --add safe.directory {cloned.path}\n"
    )
    safe = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": str(cloned.path)}
    assert cloned.review(PATH=f"{fake}:{os.environ['PATH']}", **safe).status in (0, 1)


def test_nothing_that_a_repository_configures_is_run(tmp_path: Path) -> None:
    """Filters, monitors, diffs and pagers that leave a mark if they run."""
    repo = Repo.made(tmp_path / "repo", {"a.yaml": STEP, "b.yaml": STEP})
    mark = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {mark}\nexec cat\n')
    program.chmod(0o755)
    repo.write({".gitattributes": "*.yaml filter=evil diff=evil\n"})
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.editor", "diff.external",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "diff.evil.command",
        "credential.helper", "gpg.program", "pager.ls-tree", "core.alternateRefsCommand", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        repo.git("config", key, str(program))
    repo.git("config", "core.hooksPath", str(tmp_path))
    repo.git("config", "alias.rev-parse", f"!{program}")
    mark.unlink(missing_ok=True)
    repo.write({"a.yaml": STEP.replace("0.1}", "0.5}"), "new.yaml": STEP})
    given = {name: str(program) for name in (
        "GIT_EXTERNAL_DIFF", "GIT_PAGER", "PAGER", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EDITOR",
        "GIT_PROXY_COMMAND", "GIT_TRACE2", "GIT_TRACE",
    )}  # fmt: skip
    done = repo.review(**given)
    assert done.status == 1
    assert done.err == ""
    assert not mark.exists()
    assert program.read_text().startswith("#!/bin/sh")  # and no trace was written to it


def test_a_variable_that_names_another_repository_does_not_count(tmp_path: Path, cloned: Repo) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": STEP})
    known = base_of(repo)
    other = {"GIT_DIR": str(cloned.path / ".git"), "GIT_WORK_TREE": str(cloned.path), "GIT_INDEX_FILE": "/nowhere"}
    assert base_of(repo, **other) == known


def test_a_worktree_is_a_working_tree(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path / "repo", {"a.yaml": STEP})
    repo.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    tree = Repo(tmp_path / "tree")
    assert tree.review().status == 0
    tree.replace("a.yaml", "0.1}", "0.5}")
    assert tree.review().status == 1
    assert repo.review().status == 0


def test_nothing_is_fetched_for_a_clone_that_has_only_some_objects(tmp_path: Path) -> None:
    far = Repo.made(tmp_path / "far", {"a.yaml": STEP, "b.yaml": STEP.replace("90", "30")})
    far.git("config", "uploadpack.allowFilter", "true")
    source = f"file://{far.path}"
    near = Repo(tmp_path / "near")
    far.git("clone", "-q", "--filter=blob:none", "--no-checkout", source, str(near.path))
    near.write({"a.yaml": STEP.replace("0.1}", "0.5}"), "b.yaml": STEP.replace("90", "30")})
    done = near.review("--base", "HEAD")
    assert done.status == 2
    commit = near.git("rev-parse", "HEAD")[:10]
    assert done.err == (
        f"a.yaml: error: at HEAD ({commit}) this is not in this clone\n"
        "  hint: a clone that has all objects: git fetch --refetch\n"
    )


def test_a_glob_may_mean_a_file_that_could_not_be_read_before(tmp_path: Path) -> None:
    repo = Repo.made(tmp_path, {"a.yaml": "epochs: [\noptimizer: {lr: 1}\nscheduler: none\n"})
    repo.write({"a.yaml": STEP})
    done = repo.review("--expect-unchanged", "a")
    assert done.status == 2
    assert done.err.startswith("a.yaml: error: this must not move, and at HEAD")
    assert "no schedule matches" not in done.err
    assert done.out.startswith("a.yaml: cannot be read at HEAD")
