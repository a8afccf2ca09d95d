"""Asking whether an earlier run has answered the same question, by the same code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from tapgen.render.memory import evidence
from tapgen.render.memory.store import Store


def key(*parts: str) -> str:
    """Hash of the parts, each preceded by its length so that none can run together."""
    found = sha256()
    for part in parts:
        content = part.encode(errors=evidence.ANY)
        found.update(f"{len(content)}:".encode())
        found.update(content)
    return found.hexdigest()


class Memory:
    """Answers to one kind of question. Without a store it knows nothing and keeps nothing.

    Which files the code consists of is known after a run only, so their names are kept as well, by
    kind and interpreter. An answer is found under the hash of the files that the last list names;
    it was put there by a run that loaded no others, and found them in the same state.

    `counts` tells which files answers of this kind depend on; all by default.
    """

    def __init__(
        self, store: Store | None, kind: str, counts: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._store = store
        self._kind = kind
        self._counts = counts
        self._answers: dict[tuple[str, ...], Any] = {}

    def recall(self, *question: str) -> Any:
        """The answer as JSON values, None where it is not known."""
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
        """Write down what this run found, and again what it recalled: the list may be longer."""
        if self._store is None or not self._answers:
            return
        files = {*self._files, *filter(self._counts, evidence.loaded())}
        code = evidence.digest(files)
        if not evidence.settled(files):  # asked last: files may be edited while they are read
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
