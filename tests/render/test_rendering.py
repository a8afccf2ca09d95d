from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from tapgen.errors import TapgenError
from tapgen.model.stack import Stack
from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import FileChange, Rendered, file_changes, render, write
from tapgen.settings.environment import Environment
from tapgen.settings.store import load_all
from tests.paths import ROOT

ENVS = ROOT / "envs"
KNOWN = ["dev", "staging", "prod"]


@pytest.fixture
def out(tmp_path: Path, rendered: Rendered) -> Path:
    """A folder in line with what was rendered."""
    folder = tmp_path / "out"
    write(file_changes(rendered, folder, KNOWN), folder)
    return folder


def part(rendered: Rendered, *environments: str, less: str = "") -> Rendered:
    """Some environments; without the layer `less`, as where it is disabled."""
    return Rendered(
        rendered.platform,
        rendered.templates,
        {
            name: tuple(stack for stack in rendered.stacks[name] if stack.layer != less)
            for name in environments
        },
        rendered.code,
    )


def paths(changes: tuple[FileChange, ...]) -> dict[str, str]:
    kinds = {(True, False): "add", (False, True): "remove", (False, False): "change"}
    return {c.path: kinds[c.before is None, c.after is None] for c in changes}


def test_one_template_for_each_layer_and_a_stack_file_for_each_environment(
    rendered: Rendered,
) -> None:
    names = [layer.name for layer in LAYERS]
    assert list(rendered.files) == [
        *(f"{name}.json" for name in names),
        *(f"{env}/{name}.json" for env in KNOWN for name in names),
    ]


def test_rendering_twice_gives_the_same_bytes(rendered: Rendered) -> None:
    assert render(PLATFORM, load_all(ENVS, PLATFORM)).files == rendered.files


def test_all_environments_share_the_template_and_the_code(rendered: Rendered) -> None:
    for layer, template in rendered.templates.items():
        stacks = [s for stacks in rendered.stacks.values() for s in stacks if s.layer == layer]
        assert {json.loads(s.to_json())["TemplateSha256"] for s in stacks} == {template.sha256}
    keys = {
        s.parameters["CodeKey"] for t in rendered.stacks.values() for s in t if s.code_parameter
    }
    assert keys == {rendered.code.key}


def test_what_is_written_is_what_was_rendered(out: Path, rendered: Rendered) -> None:
    written = {p.relative_to(out).as_posix(): p.read_text() for p in out.rglob("*.json")}
    assert written == rendered.files
    assert file_changes(rendered, out, KNOWN) == ()


def test_a_changed_and_a_missing_file_are_brought_in_line(out: Path, rendered: Rendered) -> None:
    (out / "data.json").write_bytes(b"\xff not even UTF-8")
    (out / "dev" / "data.json").unlink()
    changes = file_changes(rendered, out, KNOWN)
    assert paths(changes) == {"data.json": "change", "dev/data.json": "add"}
    untouched = (out / "api.json").stat().st_mtime_ns
    write(changes, out)
    assert file_changes(rendered, out, KNOWN) == ()
    assert (out / "api.json").stat().st_mtime_ns == untouched


def test_the_template_of_a_layer_that_is_gone_is_removed(out: Path, rendered: Rendered) -> None:
    old = json.loads((out / "data.json").read_text())
    old["Metadata"]["tapgen"]["Layer"] = "cache"
    (out / "cache.json").write_text(json.dumps(old))
    changes = file_changes(rendered, out, KNOWN)
    assert paths(changes) == {"cache.json": "remove"}
    write(changes, out)
    assert not (out / "cache.json").exists()


def test_the_stack_file_of_a_disabled_layer_is_removed(out: Path, rendered: Rendered) -> None:
    changes = file_changes(part(rendered, *KNOWN, less="dns"), out, KNOWN)
    assert paths(changes) == {f"{name}/dns.json": "remove" for name in KNOWN}
    write(changes, out)
    assert (out / "dns.json").exists()  # the template is still there for other environments
    assert not (out / "dev" / "dns.json").exists()


def test_the_folder_of_an_environment_that_is_gone_is_removed(
    out: Path, rendered: Rendered
) -> None:
    changes = file_changes(part(rendered, "dev", "prod"), out, ["dev", "prod"])
    assert set(paths(changes)) == {f"staging/{layer.name}.json" for layer in LAYERS}
    write(changes, out)
    assert sorted(path.name for path in out.iterdir() if path.is_dir()) == ["dev", "prod"]


def test_environments_that_were_not_chosen_are_left_alone(out: Path, rendered: Rendered) -> None:
    (out / "staging" / "dns.json").write_text("edited by hand")
    assert file_changes(part(rendered, "dev"), out, KNOWN) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"name": "something else"}'),
        ("cache.json", '{"Metadata": {"tapgen": {"Layer": "another"}}}'),
        ("list.json", "[1, 2]"),
        ("broken.json", '{"Metadata": '),
        ("envs/settings.schema.json", '{"$schema": "x"}'),
        ("dev/notes.json", '{"Environment": "dev", "Layer": "other"}'),
        ("old/data.json", '{"Environment": "dev", "Layer": "data"}'),
        ("dev/readme.txt", "not JSON at all"),
    ],
)
def test_files_that_tapgen_did_not_write_stay(
    out: Path, rendered: Rendered, name: str, text: str
) -> None:
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text(text)
    changes = file_changes(part(rendered, *KNOWN, less="dns"), out, KNOWN)
    write(changes, out)
    assert name not in paths(changes)
    assert (out / name).read_text() == text


def test_a_folder_that_holds_something_else_too_stays(out: Path, rendered: Rendered) -> None:
    (out / "staging" / "notes.txt").write_text("mine")
    write(file_changes(part(rendered, "dev", "prod"), out, ["dev", "prod"]), out)
    assert [path.name for path in (out / "staging").iterdir()] == ["notes.txt"]


def test_what_cannot_be_read_is_an_error_with_a_next_step(out: Path, rendered: Rendered) -> None:
    (out / "data.json").unlink()
    (out / "data.json").mkdir()
    with pytest.raises(TapgenError, match=r"cannot read .*data\.json: Is a directory"):
        file_changes(rendered, out, KNOWN)


@pytest.mark.slow
def test_the_order_of_sets_does_not_show() -> None:
    program = (
        "from pathlib import Path; from hashlib import sha256\n"
        "from tapgen.payments.platform import PLATFORM\n"
        "from tapgen.settings.store import load_all; from tapgen.render.rendering import render\n"
        "from tapgen.payments.platform import PLATFORM\n"
        "files = render(PLATFORM, load_all(Path('envs'), PLATFORM)).files\n"
        "print(sha256(repr(list(files.items())).encode()).hexdigest())"
    )
    hashes = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ENVS.parent,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert hashes[0] == hashes[1]


def test_the_stacks_of_many_environments_are_never_all_there() -> None:
    (dev,) = load_all(ENVS, PLATFORM, ["dev"])
    names = [f"copy-{number}" for number in range(40)]
    copies = [
        Environment(replace(dev.settings, name=name), PLATFORM, dev.sources) for name in names
    ]
    rendered = render(PLATFORM, copies)
    gc.freeze()  # what is there already is not looked through forty times
    try:
        alive = {
            path.partition("/")[0]: _stacks_alive(frozenset(names))
            for path, _ in rendered.texts()
            if path.endswith("/network.json")
        }
    finally:
        gc.unfreeze()
    assert list(alive) == list(rendered.stacks) == names
    assert len(rendered.stacks) == len(names)
    assert max(alive.values()) == alive["copy-39"] < 10 * len(rendered.templates)


def _stacks_alive(environments: frozenset[str]) -> int:
    return sum(
        isinstance(found, Stack) and found.environment in environments for found in gc.get_objects()
    )
