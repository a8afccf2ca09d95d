"""Where the Python packages that a platform names are."""

from __future__ import annotations

from importlib.util import find_spec


def folders(package: str) -> list[str]:
    """The folders of a package, none where there is no such package.

    It is not imported: what runs in Lambda needs what is there only. The packages that it is in
    are.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):  # its parent does not exist; it has no name
        return []
    return list(spec.submodule_search_locations or ()) if spec else []
