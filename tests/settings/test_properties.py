"""What holds for any input: it is read or refused, never a crash."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tapgen.payments.platform import PLATFORM
from tapgen.settings.faults import EnvironmentFaults
from tapgen.settings.fields import fields, sections
from tapgen.settings.parsing import yaml_tree
from tapgen.settings.parsing.document import read_document
from tapgen.settings.store import load
from tests.paths import ROOT

SETTINGS = sorted(fields(PLATFORM))
KEYS = sorted({key for keys in sections(PLATFORM).values() for key in keys})

JUMBLE = r"&a *a !!str <<: - : , [ ] { } ? | > ' # % @ ` ~ --- ... no on 012 1:30"

words = st.sampled_from([*KEYS, *JUMBLE.split(), '"', "\t"]) | st.text(max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


def check(content: bytes) -> None:
    """Read `content`: it gives settings or faults, each in place, on one line and printable."""
    try:
        document = read_document(content, "f.yaml", PLATFORM)
    except EnvironmentFaults as refused:
        faults = list(refused.faults)
        assert faults
    else:
        faults = document.faults
        assert set(document.entries) <= set(SETTINGS)
    for fault in faults:
        assert re.match(r"f\.yaml:[1-9][0-9]*:[1-9][0-9]*: ", str(fault))
        assert str(fault).isprintable()
        assert len(str(fault)) < 1000


@pytest.fixture(scope="module", params=["libyaml", "python"], autouse=True)
def _either_parser(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "python":
            patch.setattr(yaml_tree, "LOADER", yaml.SafeLoader)
        yield


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    check(content)


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    check(text.encode("utf-8", "surrogatepass"))


@given(st.lists(words, max_size=30), st.sampled_from(["", " ", "\n", ": "]))
def test_no_jumble_of_yaml_crashes_the_reader(pieces: list[str], glue: str) -> None:
    check(glue.join(pieces).encode("utf-8", "surrogatepass"))


@given(trees)
def test_no_well_formed_tree_crashes_the_reader(tree: object) -> None:
    check(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass"))


@pytest.mark.slow
@given(st.binary(max_size=200) | st.lists(words).map(lambda some: "\n".join(some).encode()))
def test_no_file_crashes_loading_a_directory(content: bytes) -> None:
    shipped = ROOT / "envs"
    with tempfile.TemporaryDirectory() as scratch:
        envs = Path(scratch) / "envs"
        shutil.copytree(shipped, envs)
        (envs / "qa.yaml").write_bytes(content)
        with pytest.raises(EnvironmentFaults):
            load(envs, PLATFORM, "qa")
        assert load(envs, PLATFORM, "dev").name == "dev"
