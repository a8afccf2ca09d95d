from __future__ import annotations

import os
from pathlib import Path
from threading import get_ident

import pytest

from tapgen.errors import RefusedError, TapgenError
from tapgen.model.templates.json_text import parsed
from tapgen.render.files import MAX_BYTES, read, refuse_foreign, remove, write_atomically


def test_text_and_bytes_are_written_with_their_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "text", "é\n")
    write_atomically(tmp_path / "new" / "bytes", b"\x00")
    assert (tmp_path / "new" / "text").read_bytes() == b"\xc3\xa9\n"
    assert (tmp_path / "new" / "bytes").read_bytes() == b"\x00"


def test_the_mode_is_that_asked_for(tmp_path: Path) -> None:
    write_atomically(tmp_path / "secret", "x", mode=0o600)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_reader_of_the_old_file_keeps_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with path.open() as reader:
        write_atomically(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_nothing_is_left_behind_when_renaming_fails(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(TapgenError, match=r"cannot write .*taken: Is a directory") as caught:
        write_atomically(tmp_path / "taken", "x")
    assert "The file is unchanged" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / f".file.{os.getpid()}.{get_ident()}.tmp").symlink_to(victim)
    with pytest.raises(TapgenError, match="cannot write"):
        write_atomically(tmp_path / "file", "x")
    assert victim.read_text() == "mine"


def test_a_file_where_a_folder_is_needed_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(TapgenError, match="cannot write"):
        write_atomically(tmp_path / "file" / "below", "x")
    assert (tmp_path / "file").read_text() == "not a folder"


def test_reading(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a\xff\r\n")
    assert read(tmp_path / "file") == "a\ufffd\r\n"
    assert read(tmp_path / "missing") is None
    assert read(tmp_path / "file" / "below") is None
    with pytest.raises(TapgenError, match=r"cannot read .*: Is a directory"):
        read(tmp_path)


def test_removing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remove(tmp_path / "file")
    remove(tmp_path / "file")  # somebody was faster
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TapgenError, match="cannot remove"):
        remove(tmp_path)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which `out` is a link to a folder beside it that holds `stack.json`."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "stack.json").write_text("mine")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "out").symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("path", ["out/stack.json", "out/new/stack.json"])
def test_no_link_leads_a_relative_path_out_of_the_project(path: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=rf"cannot write {path}: a link points") as caught:
        write_atomically(Path(path), "theirs")
    assert "name the folder" in caught.value.hint
    with pytest.raises(RefusedError, match="cannot remove"):
        remove(Path(path))
    assert (tmp_path / "elsewhere" / "stack.json").read_text() == "mine"
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["stack.json"]


def test_a_link_inside_the_project_is_followed_and_one_in_the_files_place_replaced(
    project: Path, tmp_path: Path
) -> None:
    (project / "real").mkdir()
    (project / "alias").symlink_to("real")
    (project / "file").symlink_to(tmp_path / "elsewhere" / "stack.json")
    write_atomically(Path("alias/stack.json"), "ours")
    write_atomically(Path("file"), "ours")
    assert (project / "real" / "stack.json").read_text() == "ours"
    assert (project / "file").read_text() == "ours"
    assert not (project / "file").is_symlink()
    assert (tmp_path / "elsewhere" / "stack.json").read_text() == "mine"


def test_a_place_that_was_named_outside_is_written(project: Path, tmp_path: Path) -> None:
    write_atomically(tmp_path / "elsewhere" / "a", "x")
    write_atomically(Path("../elsewhere/b"), "x")
    write_atomically(project / "out" / "c", "x")  # the whole way was spelled out
    assert {path.name for path in (tmp_path / "elsewhere").iterdir()} == {
        "stack.json",
        "a",
        "b",
        "c",
    }


def test_a_gigantic_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES)
    assert len(read(path) or "") == MAX_BYTES
    with path.open("ab") as file:
        file.write(b" ")
    with pytest.raises(TapgenError, match=r"plan\.json: it is larger than 16 MiB"):
        read(path)


@pytest.mark.parametrize("text", ["", "{", "[" * 200_000, '{"a":' * 200_000])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deep|Expecting"):
        parsed(text)


def test_json_is_parsed() -> None:
    assert parsed('{"a": [1]}') == {"a": [1]}


def test_only_an_earlier_output_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "page"

    def is_own(text: str) -> bool:
        return text == "own"

    refuse_foreign(path, "a page", is_own)  # nothing is there
    path.write_text("own")
    refuse_foreign(path, "a page", is_own)
    path.write_text("somebody's")
    with pytest.raises(RefusedError, match="is not a page, so it is not overwritten"):
        refuse_foreign(path, "a page", is_own)
    refuse_foreign(path, "a page", is_own, force=True)


@pytest.mark.parametrize("force", [True, False])
def test_links_and_special_files_are_never_written_over(tmp_path: Path, *, force: bool) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(tmp_path / "somewhere")
    os.mkfifo(pipe)
    for path, kind in ((link, "a link"), (pipe, "not a regular file"), (tmp_path, "not a regular")):
        with pytest.raises(RefusedError, match=kind):
            refuse_foreign(path, "a page", lambda _: True, force=force)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TapgenError, match="it is a pipe, not a file"):
        read(tmp_path / "pipe")


def test_of_several_that_write_a_new_file_one_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "same.yaml"

    def write(number: int) -> str:
        try:
            write_atomically(path, str(number), new=True)
        except TapgenError as error:
            return error.message
        return "written"

    found = [write(number) for number in range(3)]
    assert found == ["written", f"{path} already exists", f"{path} already exists"]
    assert path.read_text() == "0"
    assert list(tmp_path.iterdir()) == [path]
