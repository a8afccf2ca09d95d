"""Reading what is committed, in real repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.errors import TapgenError, UsageError
from tapgen.review.diff.revision import files, merge_base, revision

OUT = Path("templates_out")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    ran = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return ran.stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def test_files_of_a_commit_are_read_with_their_bytes(repository: Path) -> None:
    first = commit(repository, "templates_out/dev/data.json", '{"a": "\u00fc\\n"}\n')
    commit(repository, "templates_out/data.json", "")
    commit(repository, "templates_out/notes.txt", "no")
    second = commit(repository, "other.json", "{}")
    assert files(repository, first, OUT) == {"dev/data.json": '{"a": "\u00fc\\n"}\n'}
    assert files(repository, second, OUT).keys() == {"dev/data.json", "data.json"}
    assert files(repository, second, Path("nowhere")) == {}
    assert "templates_out/data.json" in files(repository, second, Path())
    assert files(repository / "templates_out", second, repository / OUT).keys() == {
        "dev/data.json",
        "data.json",
    }


def test_a_folder_outside_is_refused(repository: Path, tmp_path: Path) -> None:
    head = commit(repository, "a.json", "{}")
    with pytest.raises(UsageError, match="outside of the git repository"):
        files(repository, head, tmp_path)


def test_the_merge_base_is_where_the_branch_left(repository: Path) -> None:
    first = commit(repository, "a", "1")
    git(repository, "checkout", "-qb", "work")
    commit(repository, "b", "2")
    git(repository, "checkout", "-q", "main")
    later = commit(repository, "c", "3")
    git(repository, "checkout", "-q", "work")
    assert merge_base(repository).commit == first
    assert merge_base(repository).label == f"{first[:10]} (merge base with main)"
    git(repository, "update-ref", "refs/remotes/origin/main", later)
    assert merge_base(repository).label.endswith("(merge base with origin/main)")


def test_names_of_revisions(repository: Path) -> None:
    first = commit(repository, "a", "1")
    git(repository, "tag", "v1")
    found = revision(repository, "v1")
    assert (found.commit, found.label) == (first, f"v1 ({first[:10]})")
    for name in ("v2", "--all", ""):
        with pytest.raises(UsageError, match="neither an environment nor a git revision"):
            revision(repository, name)


def test_without_a_main_branch(repository: Path) -> None:
    commit(repository, "a", "1")
    git(repository, "branch", "-m", "trunk")
    with pytest.raises(TapgenError, match="neither origin/main nor main") as error:
        merge_base(repository)
    assert "--against REVISION" in error.value.hint


def test_a_shallow_clone_says_so(repository: Path, tmp_path: Path) -> None:
    commit(repository, "a", "1")
    git(repository, "checkout", "-qb", "work")
    commit(repository, "b", "2")
    git(repository, "checkout", "-q", "main")
    commit(repository, "c", "3")
    clone = tmp_path / "clone"
    url = repository.as_uri()
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "work", url, str(clone))
    with pytest.raises(TapgenError, match="this clone is shallow"):
        merge_base(clone)
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(TapgenError, match="no common commit here, and this clone is shallow") as e:
        merge_base(clone)
    assert "--unshallow" in e.value.hint
    git(clone, "fetch", "-q", "--unshallow")
    assert merge_base(clone).label.endswith("(merge base with origin/main)")


def test_outside_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(TapgenError, match="is not in a git repository"):
        merge_base(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TapgenError, match="git is not installed"):
        revision(tmp_path, "main")


def test_a_clone_of_somebody_else_is_told_in_git_s_own_words(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, "a.json", "{}")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own tests do so
    asked: list[Callable[[], object]] = [
        lambda: revision(repository, "HEAD"),
        lambda: merge_base(repository),
    ]
    for ask in asked:
        with pytest.raises(TapgenError) as refused:
            ask()
        assert "git cannot read what is committed: detected dubious ownership" in str(refused.value)
        assert refused.value.hint == (
            "The clone belongs to another user. If you trust its contents: "
            f"`git config --global --add safe.directory {repository}`."
        )


def test_other_failures_of_git_are_no_missing_revisions(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = commit(repository, "a.json", "{}")
    with pytest.raises(TapgenError, match="what is committed: no upstream configured") as refused:
        revision(repository, "@{upstream}")
    assert refused.value.hint.startswith("Correct this, or compare with another revision. Name ")
    assert not isinstance(refused.value, UsageError)

    # A partial clone whose remote is gone: git knows the file and cannot get it.
    git(repository, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repository}",
        str(partial))  # fmt: skip
    repository.rename(tmp_path / "gone")
    with pytest.raises(TapgenError, match="git cannot read what is committed: "):
        files(partial, head, Path())

    # A git that dies without a word.
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").write_text("#!/bin/sh\nexit 3\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    with pytest.raises(TapgenError, match="what is committed: it ended with 3"):
        revision(partial, "HEAD")


def test_a_file_that_the_clone_has_lost_is_told(repository: Path) -> None:
    head = commit(repository, "a.json", "{}")
    lost = git(repository, "rev-parse", "HEAD:a.json")
    (repository / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(TapgenError, match=f"lacks a committed file: {lost}") as refused:
        files(repository, head, Path())
    assert "git fetch --refetch" in refused.value.hint
