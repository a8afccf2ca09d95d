"""Where nothing can be written, that is said at once."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.local import client, process, state


def failing(number: int) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_folder_that_may_not_be_written_to_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", failing(errno.EROFS))
    with pytest.raises(TapgenError) as raised:
        client.start(tmp_path)
    folder = tmp_path / ".tapgen" / "local"
    assert raised.value.message == (
        f"The local AWS cannot write to {folder}: Read-only file system."
    )
    assert "copy the project" in raised.value.hint


def test_a_full_disk_is_told_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", failing(errno.ENOSPC))
    monkeypatch.setattr(process, "spawn", failing(errno.EINVAL))
    with pytest.raises(TapgenError, match="No space left on device"):
        client.start(tmp_path)


def test_what_fails_while_the_lock_is_held_is_no_fault_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="mine"), state.locked(tmp_path):
        raise OSError("mine")


def test_where_there_is_room_nothing_is_left_of_the_look(tmp_path: Path) -> None:
    state.refuse_full(tmp_path)
    assert list(tmp_path.iterdir()) == []
