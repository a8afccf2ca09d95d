"""The ledger of one environment: its releases by number, and the content that they deployed.

    releases/<region>/<prefix>/000017-begun.json    written before anything is changed
    releases/<region>/<prefix>/000017-ended.json    written afterwards
    content/<sha256>.json                           a template, as its text
    content/<sha256>.zip                            the functions' package, by the hash of its files
    approvals/<plan digest>/<user id>/<time>.json   an approval, in the folder of who wrote it

No file is overwritten. A release number belongs to the run that writes it first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from tapgen.deploy.guards.approvals import Written
from tapgen.deploy.record.places import Place
from tapgen.errors import TapgenError
from tapgen.model.approval import FOLDER, SignedApproval
from tapgen.model.approval import text_of as approval_text
from tapgen.model.release import Begun, Ended, Release, begun_of, ended_of, text_of

_KEY: Final = re.compile(r"/(\d+)-(begun|ended)\.json$")
_AT_ONCE: Final = 8
_APPROVAL_DEPTH: Final = 3  # slashes in the key of an approval
# How many numbers may already be taken before the run gives up.
_ATTEMPTS: Final = 20

Content = Mapping[str, Callable[[], bytes]]
"""Key -> function that returns the bytes. Most keys already exist, so few functions are called."""


def template_key(sha256: str) -> str:
    """The key of a template."""
    return f"content/{sha256}.json"


def code_key(sha256: str) -> str:
    """The key of a package of functions."""
    return f"content/{sha256}.zip"


class Ledger:
    """The releases of the environment in `region` whose stack names begin with `prefix`."""

    def __init__(self, place: Place, region: str, prefix: str) -> None:
        self._place = place
        self._folder = f"releases/{region}/{prefix}/"

    @property
    def name(self) -> str:
        """Its location, for people."""
        return self._place.name

    def numbers(self) -> dict[int, bool]:
        """The number of each release -> whether its end is written; oldest first."""
        found: dict[int, set[str]] = {}
        for key in self._place.keys(self._folder):
            if match := _KEY.search(key):
                found.setdefault(int(match[1]), set()).add(match[2])
        return {number: "ended" in found[number] for number in sorted(found)}

    def read(self, number: int) -> Release | None:
        """A release; None if there is none with that number.

        Raises `TapgenError` if the file is not a record.
        """
        text = self._place.get(self._key(number, "begun"))
        if text is None:
            return None
        end = self._place.get(self._key(number, "ended"))
        try:
            return Release(begun_of(text), ended_of(end) if end else None)
        except (ValueError, TypeError, KeyError) as error:
            raise TapgenError(
                f"release {number} in {self.name} cannot be read: {error}",
                "It was changed, or written by a later version of tapgen. Look at "
                f"{self._key(number, 'begun')} there.",
            ) from error

    def documents(self, numbers: Iterable[int]) -> dict[str, bytes]:
        """The files of releases: key -> text, for their beginnings and their ends."""
        keys = [self._key(number, part) for number in numbers for part in ("begun", "ended")]
        return {key: text for key, text in self.contents(keys).items() if text is not None}

    def read_all(self, numbers: list[int]) -> list[Release]:
        """Several releases, in the given order; those that do not exist are omitted."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [release for release in pool.map(self.read, numbers) if release]

    def tried(self, numbers: list[int]) -> list[Release | TapgenError]:
        """Several releases, in the given order; an error in place of one that cannot be read."""

        def read(number: int) -> Release | TapgenError:
            try:
                found = self.read(number)
            except TapgenError as error:
                return error
            return found or TapgenError(
                f"release {number} in {self.name} has an end but no beginning",
                f"Somebody has deleted {self._key(number, 'begun')} there.",
            )

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [*pool.map(read, numbers)]

    def begin(self, begun: Begun) -> Begun:
        """Write the beginning of a release; return it with the number that it was given."""
        for number in range(begun.release, begun.release + _ATTEMPTS):
            numbered = replace(begun, release=number)
            if self._place.put(self._key(number, "begun"), text_of(numbered)):
                return numbered
        raise TapgenError(
            f"no release number is free in {self.name}: {begun.release} and the {_ATTEMPTS - 1} "
            "after it are taken",
            "Other runs took them first. Run the command again.",
        )

    def end(self, ended: Ended) -> bool:
        """Write the end of a release; False if it is already written."""
        return self._place.put(self._key(ended.release, "ended"), text_of(ended))

    def keep(self, content: Content) -> None:
        """Write content to the ledger, unless it is already there."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda key: self._place.put(key, content[key]()), content))

    def content(self, key: str) -> bytes | None:
        """Content by its key; None if the ledger does not have it."""
        return self._place.get(key)

    def contents(self, keys: Iterable[str]) -> dict[str, bytes | None]:
        """Contents by their keys."""
        wanted = [*dict.fromkeys(keys)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(wanted, pool.map(self.content, wanted), strict=True))

    def approvals(self, plan_digest: str) -> list[Written]:
        """The objects written as approvals of a plan, in no order; deeper folders are ignored."""
        folder = f"{FOLDER}/{plan_digest}/"
        keys = sorted(key for key in self._place.keys(folder) if key.count("/") == _APPROVAL_DEPTH)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            texts = pool.map(self._place.get, keys)
            return [
                Written(key, key.split("/")[-2], text)
                for key, text in zip(keys, texts, strict=True)
                if text is not None
            ]

    def approve(self, signed: SignedApproval) -> str:
        """Write an approval to the folder of its approver; return its key.

        If this person already wrote one in the same second, that one stays.
        """
        approval = signed.approval
        time = re.sub(r"\W", "", approval.signed)
        key = f"{FOLDER}/{approval.plan_digest}/{approval.user_id}/{time}.json"
        self._place.put(key, approval_text(signed))
        return key

    def _key(self, number: int, part: str) -> str:
        return f"{self._folder}{number:06}-{part}.json"
