"""The same templates as a plain troposphere script.

It is what someone would write who needs only these files: one module for each layer, which calls
the same troposphere classes with the same arguments, policies as plain dictionaries, and the stack
files as dictionaries too. No settings, no checks, no comparison with existing files.
"""

from __future__ import annotations

import json
import pprint
import shutil
import sys
from pathlib import Path
from typing import Final

from benchmarks.source import Source, as_rendered
from tapgen.payments.layers.registry import LAYERS

_MAIN: Final = '''\
"""Write every template and every stack file."""

import json
import os
import sys

import troposphere

{imports}

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "out")


def write(path, text):
    path = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


{writes}
for path, stack in stacks.STACKS.items():
    write(path, json.dumps(stack, indent=2, sort_keys=True) + "\\n")
'''


def write_script(project: Path) -> Path:
    """Write the script for `project/templates_out`. Returns its path; it writes into its folder."""
    folder = project / "bare"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "layers").mkdir(parents=True)
    (folder / "layers" / "__init__.py").write_text("")
    layers = [layer.name for layer in LAYERS]
    rendered = project / "templates_out"
    for layer in LAYERS:
        source = Source()
        text = (rendered / f"{layer.name}.json").read_text()
        calls = source.calls(as_rendered(layer, text))
        lines = [
            *source.imports,
            *source.classes,
            "template = troposphere.Template()",
            *calls,
            "",
        ]
        (folder / "layers" / f"{layer.name}.py").write_text("\n".join(lines))
    stacks = {
        path.relative_to(rendered).as_posix(): json.loads(path.read_text())
        for path in sorted(rendered.glob("*/*.json"))
    }
    (folder / "stacks.py").write_text(f"STACKS = {pprint.pformat(stacks)}\n")
    script = folder / "render.py"
    script.write_text(
        _MAIN.format(
            imports=f"import stacks\nfrom layers import {', '.join(layers)}",
            writes="\n".join(f'write("{one}.json", {one}.template.to_json())' for one in layers),
        )
    )
    return script


if __name__ == "__main__":
    write_script(Path(sys.argv[1]))
