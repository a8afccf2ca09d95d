"""Answers to questions that an earlier run of the same code has answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from tapgen.render.memory import evidence
from tapgen.render.memory.store import Store


def key(*parts: str) -> str:
    """Hash of the parts, each with its length before it, so that they cannot be confused."""
    found = sha256()
    for part in parts:
        content = part.encode(errors=evidence.ANY)
        found.update(f"{len(content)}:".encode())
        found.update(content)
    return found.hexdigest()


class Memory:
    """Answers to one kind of question. Without a store it recalls and keeps nothing.

    The files of the code are known only after a run, so a list of them is kept as well, by kind and
    interpreter. An answer is stored under the hash of all files in the last list, by a run that
    loaded no other files.

    `counts` is true for files that answers of this kind depend on; by default for all.
    """

    def __init__(
        self, store: Store | None, kind: str, counts: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._store = store
        self._kind = kind
        self._counts = counts
        self._answers: dict[tuple[str, ...], Any] = {}

    def recall(self, *question: str) -> Any:
        """The answer as JSON values, None if it is not known."""
        if self._store is None or not self._files:
            return None
        answer = self._store.load(self._key(self._code, question))
        if answer is not None:
            self._answers[question] = answer
            evidence.rely_on(self._files)
        return answer

    def note(self, answer: Any, *question: str) -> None:
        """Remember an answer of this run."""
        if self._store is not None:
            self._answers[question] = answer

    def keep(self) -> None:
        """Store the answers of this run, and those it recalled again: the list may be longer."""
        if self._store is None or not self._answers:
            return
        files = {*self._files, *filter(self._counts, evidence.loaded())}
        code = evidence.digest(files)
        if not evidence.settled(files):  # checked last: files may be edited while they are read
            return
        entries = {self._key(code, asked): answer for asked, answer in self._answers.items()}
        self._store.save({self._list: sorted(files), **entries})

    @cached_property
    def _list(self) -> str:
        return key("files", self._kind, evidence.interpreter())

    @cached_property
    def _files(self) -> list[str]:
        return (self._store.load(self._list) if self._store else None) or []

    @cached_property
    def _code(self) -> str:
        return evidence.digest(self._files)

    def _key(self, code: str, question: tuple[str, ...]) -> str:
        return key("answer", self._kind, code, *question)


FORGETFUL: Final = Memory(None, "")
