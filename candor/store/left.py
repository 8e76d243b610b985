"""Who left, written down beside the data as well: so that a back-up which is put back does not bring them back."""

from __future__ import annotations

import hashlib
import logging
import os
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from candor.store.secret import private, regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

log = logging.getLogger(__name__)

NAME = "left"
What: TypeAlias = Literal["suppressed", "erased", "allowed"]


class Leaving(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an account, by its keyed digest; `version` is that of the suppression list then, or a later one.

    `owner` is whose data it was erased from, null for everybody's.
    """

    version: int
    what: What
    digest: str
    owner: str | None = None

    @property
    def id(self) -> str:
        """By which Redis knows that this was written."""
        said = f"{self.version} {self.what} {self.digest} {self.owner or ''}"
        return hashlib.sha256(said.encode()).hexdigest()[:24]


class Left:
    """The file: a line for everybody who was suppressed, erased or let in again, which names nobody."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: dict[str, dict[str | None, Leaving]] = {}
        self._read_to, self._file = 0, -1

    def note(self, leaving: Iterable[Leaving]) -> None:
        """Add what became of some accounts, unless that is said already. Where that fails, the log says so."""
        try:
            known = {(each.digest, each.owner): each.what for each in self.read()}
            new = [each for each in leaving if not _is_said(each, known.get((each.digest, each.owner)))]
            if not new:
                return
            with open(self.path, "ab", opener=private) as file:
                # an empty line ends one that a power cut left half written
                file.write(b"\n" + msgspec.json.Encoder().encode_lines(new))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            log.exception("who left is not in %s: a back-up that is put back would bring them back", self.path)

    def read(self) -> list[Leaving]:
        """Return what is said of each account since it was let in last; broken lines are logged. Raises OSError.

        Who was erased is so still, whatever was asked for later. What was read before is not read again, as lines are
        only ever added.
        """
        try:
            with open(self.path, "rb", opener=regular) as file:
                there = os.fstat(file.fileno())
                if there.st_ino != self._file or there.st_size < self._read_to:
                    self._found, self._read_to, self._file = {}, 0, there.st_ino
                file.seek(self._read_to)
                whole = file.read().rpartition(b"\n")[0]
        except FileNotFoundError:
            return []
        for line in whole.splitlines():
            self._take(line)
        self._read_to += len(whole) + bool(whole)
        return [each for of_account in self._found.values() for each in of_account.values()]

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            said = msgspec.json.decode(line, type=Leaving)
        except msgspec.MsgspecError:
            log.warning("a line of %s is broken: whoever it was about may come back with a back-up", self.path)
            return
        of_account = self._found.setdefault(said.digest, {})
        if "allowed" in {said.what, *(each.what for each in of_account.values())}:
            of_account.clear()
        was = of_account.get(said.owner)
        if was is None or was.what != "erased":
            of_account[said.owner] = said


def _is_said(each: Leaving, known: What | None) -> bool:
    return known == each.what or (known == "erased" and each.what == "suppressed")
