"""The folders of the Python packages that a platform names."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from tapgen.model.layer import Layer
from tapgen.model.parts.places import in_project
from tapgen.model.platform import Platform


def folders(package: str) -> list[str]:
    """The folders of a package; none if it does not exist.

    Its parent packages are imported, but not the package itself: code for Lambda may need libraries
    that exist only there.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):  # its parent does not exist; it has no name
        return []
    return list(spec.submodule_search_locations or ()) if spec else []


def template_file_of(layer: Layer) -> Path | None:
    """The path of the layer's template file, which may not exist; None if its package does not."""
    places = [Path(os.path.normpath(Path(one, layer.template))) for one in folders(layer.package)]
    return next((place for place in places if place.exists()), next(iter(places), None))


def source_of(layer: Layer) -> str:
    """The file of a layer's builder module, relative to the working directory."""
    files = [Path(folder, f"{layer.name}.py") for folder in folders(layer.package)]
    return next((in_project(str(file), layer.source) for file in files), layer.source)


def sources_of(platform: Platform) -> dict[str, str]:
    """Layer -> the file of its builder module, for findings in its template.

    Findings in template files have their place there, so these layers are left out.
    """
    return {layer.name: source_of(layer) for layer in platform.layers if not layer.template}
