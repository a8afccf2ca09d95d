"""Platforms whose options are there already, or are none."""

from __future__ import annotations

from tapgen.model.platform import Platform

TAKEN = Platform(name="taken", layers=(), guard_options={"--yes": "Would be another --yes."})
ENGINES = Platform(name="engines", layers=(), guard_options={"--allow-unprotect": "Is there."})
ODD = Platform(name="odd", layers=(), guard_options={"allow": "Is no option."})
COPYING = Platform(name="copying", layers=(), copy_options={"--region": "Is there already."})
