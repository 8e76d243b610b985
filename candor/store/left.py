"""Who left, written down beside the data as well: so that a back-up which is put back does not bring them back."""

from __future__ import annotations

import contextlib
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


class Left:
    """The file: a line for everybody who was suppressed, erased or let in again, which names nobody."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, leaving: Iterable[Leaving]) -> None:
        """Add what became of some accounts, unless that is said already. Where that fails, the log says so."""
        try:
            known = {(each.digest, each.owner): each.what for each in self.read()}
            new = [each for each in leaving if not _is_said(each, known.get((each.digest, each.owner)))]
            with open(self.path, "ab", opener=private) as file:
                file.write(msgspec.json.Encoder().encode_lines(new))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            log.exception("who left is not in %s: a back-up that is put back would bring them back", self.path)

    def read(self) -> list[Leaving]:
        """Return what is said of each account since it was let in last; broken lines are passed over. Raises OSError.

        Who was erased is so still, whatever was asked for later.
        """
        try:
            with open(self.path, "rb", opener=regular) as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return []
        found: dict[str, dict[str | None, Leaving]] = {}
        for line in lines:
            with contextlib.suppress(msgspec.MsgspecError):
                said = msgspec.json.decode(line, type=Leaving)
                of_account = found.setdefault(said.digest, {})
                if "allowed" in {said.what, *(each.what for each in of_account.values())}:
                    of_account.clear()
                was = of_account.get(said.owner)
                if was is None or was.what != "erased":
                    of_account[said.owner] = said
        return [each for of_account in found.values() for each in of_account.values()]


def _is_said(each: Leaving, known: What | None) -> bool:
    return known == each.what or (known == "erased" and each.what == "suppressed")
