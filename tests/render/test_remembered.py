"""A rendering is remembered for exactly the settings, code and files that it was made of."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code, code_of
from tapgen.render.memory.inputs import settings
from tapgen.render.memory.store import Store
from tapgen.render.remembered import Counts, Rendering
from tapgen.render.rendering import Rendered, file_changes, render, write
from tapgen.settings.names import names
from tapgen.settings.store import load_all
from tests.paths import ROOT

ENVS = ROOT / "envs"
KNOWN = names(ENVS, PLATFORM.stages)


@pytest.fixture(scope="module")
def everything(rendered: Rendered) -> Counts:
    return Counts(len(rendered.templates), len(rendered.stacks), len(rendered.files))


@pytest.fixture
def out(envs: Path, store: Store, rendered: Rendered, everything: Counts) -> Path:
    """Everything is rendered, and remembered."""
    out = Path("out")
    assert (
        remembered(Rendering(store, PLATFORM, envs, (), code_of(PLATFORM)), rendered, out)
        == everything
    )
    return out


def remembered(rendering: Rendering, rendered: Rendered, out: Path) -> Counts:
    write(file_changes(rendered, out, KNOWN, rendering.note), out)
    return rendering.keep(rendered)


def recalled(store: Store | None, envs: Path, out: Path, *chosen: str) -> Counts | None:
    return Rendering(store, PLATFORM, envs, chosen, code_of(PLATFORM)).unchanged(
        out, names(envs, PLATFORM.stages)
    )


def test_what_was_rendered_needs_no_second_time(
    store: Store, envs: Path, out: Path, everything: Counts
) -> None:
    assert recalled(store, envs, out) == everything
    assert recalled(None, envs, out) is None


def _new_environment(envs: Path) -> None:
    (envs / "qa.yaml").write_text("name: qa")


def _link(envs: Path) -> None:
    dev = envs / "dev.yaml"
    dev.rename("elsewhere.yaml")
    dev.symlink_to(Path("elsewhere.yaml").resolve())


@pytest.mark.parametrize(
    "change",
    [
        lambda envs: (envs / "dev.yaml").open("a").write("# a word"),
        lambda envs: (envs / "common.yaml").unlink(),
        lambda envs: (envs / "dev.yaml").rename(envs / "qa.yaml"),
        lambda envs: [(envs / "dev.yaml").unlink(), (envs / "dev.yaml").mkdir()],
        _new_environment,
        _link,
    ],
)
def test_other_settings_are_rendered(
    store: Store, envs: Path, out: Path, change: Callable[[Path], object]
) -> None:
    change(envs)
    assert recalled(store, envs, out) is None


def test_settings_that_cannot_be_read_are_for_the_loader(
    store: Store, envs: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read everything
    assert settings(envs) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda out: (out / "data.json").write_text("{}"),
        lambda out: (out / "prod" / "data.json").unlink(),
        lambda out: (out / "old.json").write_text("{}"),
        lambda out: (out / "dev" / "old.json").write_text("{}"),
        lambda out: [(out / "gone").mkdir(), (out / "gone" / "api.json").write_text("{}")],
        shutil.rmtree,
    ],
)
def test_other_files_are_looked_at(
    store: Store, envs: Path, out: Path, change: Callable[[Path], object]
) -> None:
    change(out)
    assert recalled(store, envs, out) is None


def test_files_of_environments_that_were_not_asked_for_do_not_matter(
    store: Store, envs: Path, out: Path
) -> None:
    assert recalled(store, envs, out, "dev") is None
    dev = render(PLATFORM, load_all(ENVS, PLATFORM, ["dev"]))
    remembered(Rendering(store, PLATFORM, envs, ("dev",), code_of(PLATFORM)), dev, out)
    counts = Counts(len(dev.templates), 1, len(dev.files))
    assert recalled(store, envs, out, "dev") == counts
    (out / "prod" / "api.json").write_text("edited")
    assert recalled(store, envs, out, "dev") == counts
    assert recalled(store, envs, out) is None


def test_another_folder_of_environments_is_rendered(store: Store, envs: Path, out: Path) -> None:
    shutil.copytree(envs, "other")
    assert recalled(store, Path("other"), out) is None


def test_other_function_code_is_rendered(store: Store, envs: Path, out: Path) -> None:
    other = Rendering(store, PLATFORM, envs, (), Code((("functions/a.py", b""),)))
    assert other.unchanged(out, names(envs, PLATFORM.stages)) is None


def test_settings_that_were_edited_meanwhile_are_not_remembered(
    store: Store, envs: Path, rendered: Rendered, everything: Counts
) -> None:
    running = Rendering(store, PLATFORM, envs, (), code_of(PLATFORM))
    (envs / "dev.yaml").open("a").write("# a word")
    assert remembered(running, rendered, Path("out")) == everything
    assert not store.folder.exists()


def test_another_platform_is_rendered(store: Store, envs: Path, out: Path) -> None:
    other = replace(PLATFORM, tags={})
    assert (
        Rendering(store, other, envs, (), code_of(other)).unchanged(
            out, names(envs, PLATFORM.stages)
        )
        is None
    )
