from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import TapgenError
from tapgen.model.platform import Platform
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code, code_of, package
from tests.paths import ROOT

FILES = {"__init__.py": b"", "ledger.py": b"x = 1\n", "data/rates.json": b"{}"}
packages = st.dictionaries(st.text(min_size=1), st.binary(), max_size=4).map(
    lambda files: Code(tuple(sorted(files.items())))
)


def write(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[name])
    return folder


@given(packages)
def test_what_was_packed_is_unpacked(code: Code) -> None:
    if all(name == zipfile.ZipInfo(name).filename for name, _ in code.files):
        assert Code.unzipped(code.zip()) == code


def test_what_is_no_archive_is_told() -> None:
    with pytest.raises(ValueError, match="it is not an archive: File is not a zip file"):
        Code.unzipped(b"no")


def test_a_key_tells_the_hash() -> None:
    code = Code((("a.py", b""),))
    assert Code.sha256_of(code.key) == code.sha256
    assert Code.sha256_of(f"{code.key}.bak") == Code.sha256_of("") == ""


def test_the_same_bytes_whatever_the_order_and_time_of_writing(tmp_path: Path) -> None:
    first = write(tmp_path / "one" / "functions", sorted(FILES))
    second = write(tmp_path / "two" / "functions", sorted(FILES, reverse=True))
    for path in second.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700)
    assert package(first) == package(second)
    assert package(first).zip() == package(second).zip()
    assert package(first).key == package(second).key


def test_entries_are_sorted_stored_and_without_a_trace_of_the_machine(tmp_path: Path) -> None:
    source = write(tmp_path / "functions", list(FILES))
    archive = zipfile.ZipFile(io.BytesIO(package(source).zip()))
    names = ["functions/__init__.py", "functions/data/rates.json", "functions/ledger.py"]
    assert archive.namelist() == names
    for entry in archive.infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == 0o100644
        assert entry.create_system == 3  # unix
        assert entry.compress_type == zipfile.ZIP_STORED
        assert archive.read(entry) == FILES[entry.filename.removeprefix("functions/")]


@pytest.mark.parametrize(
    "name",
    [
        *("__pycache__/ledger.cpython-311.pyc", "ledger.pyc", ".DS_Store", "data/.swp"),
        *(".ruff_cache/x.py", "ledger.py~", "#ledger.py#", "ledger.py.orig", "ledger.py.rej"),
        *("ledger.bak", "data/rates.json.tmp", "ledger.swp", "Thumbs.db", "data/desktop.ini"),
        "old~/ledger.py",
    ],
)
def test_what_tools_leave_behind_changes_nothing(tmp_path: Path, name: str) -> None:
    before = package(write(tmp_path, list(FILES)))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"left behind")
    assert package(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["local.env", "notes", "data/key.pem", "data/rates.JSON", "ledger.py.1", "b\udcff.py"]
)
def test_what_may_be_no_code_is_refused_by_name(tmp_path: Path, name: str) -> None:
    source = write(tmp_path / "functions", list(FILES))
    (source / name).write_bytes(b"secret")
    with pytest.raises(TapgenError) as raised:
        package(source)
    told = name.encode(errors="backslashreplace").decode()
    assert raised.value.message == (
        f"the functions' folder {source} has files that may not be code: {told}"
    )
    assert "*.py, *.pyi, *py.typed, *.json" in raised.value.hint
    assert len(package(source, strict=False).files) == len(FILES)


def test_the_folder_is_named_as_people_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (write(tmp_path / "functions", list(FILES)) / "local.env").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        TapgenError, match="the functions' folder functions has files that may not be code"
    ):
        package(tmp_path / "functions")


def test_a_platform_says_which_files_belong_to_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "carried"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "ca.pem").write_text("certificate")
    monkeypatch.syspath_prepend(tmp_path)
    platform = Platform(
        name="small", layers=(), functions="carried", function_files=(".py", "ca.pem")
    )
    names = [name for name, _ in code_of(platform).files]
    assert names == ["carried/__init__.py", "carried/ca.pem"]


def test_a_hidden_folder_above_the_functions_hides_nothing(tmp_path: Path) -> None:
    assert len(package(write(tmp_path / ".hidden" / "functions", list(FILES))).files) == len(FILES)


@given(packages, packages)
def test_codes_have_equal_hashes_exactly_when_names_and_contents_are_equal(
    a: Code, b: Code
) -> None:
    assert (a.sha256 == b.sha256) is (a == b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((("ab", b"c"),), (("a", b"bc"),)),
        ((("a", b"1"), ("b", b"2")), (("a", b"12"), ("b", b""))),
        ((("a", b"1:b1:2"),), (("a", b"1"), ("b", b"2"))),
    ],
)
def test_names_and_contents_cannot_run_together(
    one: tuple[tuple[str, bytes], ...], other: tuple[tuple[str, bytes], ...]
) -> None:
    assert Code(one).sha256 != Code(other).sha256


def test_the_key_is_named_by_the_content() -> None:
    code = Code((("functions/a.py", b""),))
    assert code.key == f"functions/{code.sha256}.zip"


def test_the_functions_are_packaged_as_a_package_of_their_own() -> None:
    names = [name for name, _ in code_of(PLATFORM).files]
    assert "functions/payment_processor.py" in names
    assert len(names) == len(list((ROOT / "tapgen/payments/functions").glob("*.py")))


def test_functions_are_read_without_importing_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lambdas"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ImportError('only Lambda has what this needs')")
    monkeypatch.syspath_prepend(tmp_path)
    code = code_of(Platform(name="small", layers=(), functions="lambdas"))
    assert [name for name, _ in code.files] == ["lambdas/__init__.py"]


def test_a_platform_without_functions_has_no_code() -> None:
    assert code_of(Platform(name="small", layers=())).files == ()


@pytest.mark.parametrize("package", ["no.such.package", "nosuchpackage", "io", "tapgen.", ".x"])
def test_functions_that_are_nowhere_are_an_error(package: str) -> None:
    with pytest.raises(TapgenError, match=r"functions of the platform small: the package"):
        code_of(Platform(name="small", layers=(), functions=package))
