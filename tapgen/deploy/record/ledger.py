"""The ledger of one environment: its releases by number, and what was deployed with them.

    releases/<region>/<prefix>/000017-begun.json    written before anything is changed
    releases/<region>/<prefix>/000017-ended.json    written afterwards
    content/<sha256>.json                           a template, as its text
    content/<sha256>.zip                            the functions' package, by the hash of its files
    approvals/<plan digest>/<user id>/<time>.json   an approval, in the folder of who wrote it

Nothing is written over. Whoever writes a number first has it.
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
# How many others may take the next number first, before something is wrong.
_ATTEMPTS: Final = 20

Content = Mapping[str, Callable[[], bytes]]
"""Key -> what gives the bytes: most are there already, and are not asked for."""


def template_key(sha256: str) -> str:
    """The key of a template."""
    return f"content/{sha256}.json"


def code_key(sha256: str) -> str:
    """The key of a package of functions."""
    return f"content/{sha256}.zip"


class Ledger:
    """The releases of the environment whose stacks are in `region` and begin with `prefix`."""

    def __init__(self, place: Place, region: str, prefix: str) -> None:
        self._place = place
        self._folder = f"releases/{region}/{prefix}/"

    @property
    def name(self) -> str:
        """Where it is, for people."""
        return self._place.name

    def numbers(self) -> dict[int, bool]:
        """The number of each release -> whether its end is written; oldest first."""
        found: dict[int, set[str]] = {}
        for key in self._place.keys(self._folder):
            if match := _KEY.search(key):
                found.setdefault(int(match[1]), set()).add(match[2])
        return {number: "ended" in found[number] for number in sorted(found)}

    def read(self, number: int) -> Release | None:
        """A release; None where there is none of that number.

        Raises `TapgenError` where what is written is no record.
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
                "tapgen has not written it so, or it was a later version. Look at "
                f"{self._key(number, 'begun')} there.",
            ) from error

    def documents(self, number: int) -> dict[str, bytes]:
        """A release as it is written: key -> the text of its beginning, and of its end."""
        keys = [self._key(number, part) for part in ("begun", "ended")]
        found = {key: self._place.get(key) for key in keys}
        return {key: text for key, text in found.items() if text is not None}

    def read_all(self, numbers: list[int]) -> list[Release]:
        """Several releases, in the order given; what is not there is left out."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [release for release in pool.map(self.read, numbers) if release]

    def tried(self, numbers: list[int]) -> list[Release | TapgenError]:
        """Several releases, in the order given; the error in place of one that cannot be read."""

        def read(number: int) -> Release | TapgenError:
            try:
                found = self.read(number)
            except TapgenError as error:
                return error
            return found or TapgenError(
                f"release {number} in {self.name} has an end, and no beginning",
                f"Somebody has removed {self._key(number, 'begun')} there.",
            )

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [*pool.map(read, numbers)]

    def begin(self, begun: Begun) -> Begun:
        """Write the beginning of a release; gives it with the number that it has got."""
        for number in range(begun.release, begun.release + _ATTEMPTS):
            numbered = replace(begun, release=number)
            if self._place.put(self._key(number, "begun"), text_of(numbered)):
                return numbered
        raise TapgenError(
            f"no release number is free in {self.name}: {begun.release} and those after it are "
            "taken",
            "Other runs take them faster than this one. Run the command again.",
        )

    def end(self, ended: Ended) -> bool:
        """Write the end of a release; False where somebody has done so already."""
        return self._place.put(self._key(ended.release, "ended"), text_of(ended))

    def keep(self, content: Content) -> None:
        """Have content in the ledger, each written once."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda key: self._place.put(key, content[key]()), content))

    def content(self, key: str) -> bytes | None:
        """Content by its key; None where it is not kept."""
        return self._place.get(key)

    def contents(self, keys: Iterable[str]) -> dict[str, bytes | None]:
        """Several, by their keys."""
        wanted = [*dict.fromkeys(keys)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(wanted, pool.map(self.content, wanted), strict=True))

    def approvals(self, plan_digest: str) -> list[Written]:
        """What was written as approvals of a plan, in no order; what lies deeper is none."""
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
        """Write an approval into the folder of its approver; gives its key.

        One that this person has written in the same second stays.
        """
        approval = signed.approval
        time = re.sub(r"\W", "", approval.signed)
        key = f"{FOLDER}/{approval.plan_digest}/{approval.user_id}/{time}.json"
        self._place.put(key, approval_text(signed))
        return key

    def _key(self, number: int, part: str) -> str:
        return f"{self._folder}{number:06}-{part}.json"
