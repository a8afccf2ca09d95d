"""Archives have the same bytes everywhere, and hold each file once."""

from __future__ import annotations

import io
import zipfile

import pytest

from tapgen.render.code.archive import packed, unpacked

FILES = [("b/2", b"two"), ("a", b"")]


def test_what_is_packed_is_unpacked_and_says_nothing_of_the_machine() -> None:
    archive = packed(FILES)
    assert unpacked(archive) == dict(FILES)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        told = [(one.filename, one.date_time, one.create_system) for one in opened.infolist()]
    assert told == [(name, (1980, 1, 1, 0, 0, 0), 3) for name, _ in FILES]


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(ValueError, match="it is not an archive: File is not a zip file"):
        unpacked(b"no")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="a appears in it twice"):
        unpacked(packed([*FILES, ("a", b"other")]))
