"""An answer about environments, remembered as long as their files stay the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tapgen.render.memory.inputs import settings
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store


class Answer:
    """The answer to one question about the environment files in `directory`.

    `question` names everything else that the answer depends on, except code. Without a store, or if
    an environment file cannot be read, nothing is recalled and nothing is kept.
    """

    def __init__(self, store: Store | None, kind: str, directory: Path, *question: str) -> None:
        self._memory = Memory(store, kind)
        self._directory = directory
        self._question = question
        self._settings = settings(directory) if store else None

    @property
    def is_kept(self) -> bool:
        """True if `keep` may remember anything."""
        return self._settings is not None

    def recall(self) -> Any:
        """The answer of an earlier run as JSON values; None if it is not known."""
        if self._settings is None:
            return None
        return self._memory.recall(self._settings, *self._question)

    def keep(self, answer: Any) -> None:
        """Remember the answer of this run, unless the settings were edited in the meantime."""
        if self._settings is not None and settings(self._directory) == self._settings:
            self._memory.note(answer, self._settings, *self._question)
            self._memory.keep()
