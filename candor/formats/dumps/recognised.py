"""Tells by names and first bytes which community's export a file is that was brought as something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from candor.formats.archive import TAR, TAR_AT, ArchiveError, heads_in, names_in, read_entries
from candor.formats.compression import unpacked_head
from candor.formats.encodings import text_of_head

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD_BYTES = 64 * 1024
_ZIP = b"PK\x03\x04"
_MOST_OPENED = 3
_BY_NAMES = (
    ("slack", re.compile(r"(?:^|/)channels\.json$"), re.compile(r"(?:^|/)(?:org_)?users\.json$")),
    ("stackexchange", re.compile(r"(?:^|/)Posts\.xml$"), re.compile(r"(?:^|/)(?:Users|Votes|Comments|Badges)\.xml$")),
    ("zulip", re.compile(r"(?:^|/)realm\.json$"), re.compile(r"(?:^|/)messages-\d+\.json$")),
)
"""Two names that stand together in no other export."""
_OPENED = re.compile(r"\.(?:jsonl?|mbox)$", re.IGNORECASE)
_MBOX = re.compile(rb"\s*From (?:\S[^\n]* \d{4}(?: [+-]\d{4})?|-?\d{5,20})\r?\n[A-Za-z-]+: ")
_TELEGRAM = re.compile(
    rb'"type"\s*:\s*"(?:public|private|personal|bot)_(?:chat|group|channel|supergroup)"|"saved_messages"'
)
_REDDIT = re.compile(rb'"(?:parent_id|link_id|name|crosspost_parent)"\s*:\s*"t[13]_[^"]')
_MATTERMOST = re.compile(rb'\A\s*\{\s*"type"\s*:\s*"version"\s*,\s*"version"\s*:\s*\d')
_OF_RECORDS = b'"actor"'
_BY_SIGNS: tuple[tuple[str, tuple[bytes, ...], re.Pattern[bytes] | None], ...] = (
    ("discord", (b'"guild"', b'"channel"', b'"messages"'), None),
    ("discourse", (b'"post_stream"',), None),
    ("perceval", (b'"backend_name"', b'"perceval_version"'), None),
    ("mattermost", (b'"type"', b'"version"'), _MATTERMOST),
    ("jetstream", (b'"time_us"', b'"did"'), None),
    ("reddit", (b'"subreddit"', b'"created_utc"'), _REDDIT),
)


def looks_like(file: BinaryIO) -> str | None:
    """Return the format of a file that can seek; None where nothing tells. Leaves it at its beginning."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    try:
        if head.startswith(_ZIP):
            names = names_in(file)
            opened = [name for name in names if _OPENED.search(name)][:_MOST_OPENED]
            return _of_names(names) or next(filter(None, map(format_of_head, heads_in(file, opened))), None)
        if unpacked_head(head, _HEAD_BYTES)[TAR_AT:].startswith(TAR):
            return _of_names(_names_in_tar(file))
    except ArchiveError:
        return None
    finally:
        file.seek(0)
    return format_of_head(head)


def format_of_head(head: bytes) -> str | None:
    """Return the format of a text by its first bytes, packed or not; None where they do not tell."""
    text = text_of_head(unpacked_head(head, _HEAD_BYTES))
    if _MBOX.match(text):
        return "mbox"
    if text.lstrip()[:1] not in {b"{", b"["}:
        return None
    if _TELEGRAM.search(text) and (b'"messages"' in text or _OF_RECORDS not in text):  # whose messages may have actors
        return "telegram"
    signed = () if _OF_RECORDS in text else _BY_SIGNS
    found = (
        form
        for form, signs, pattern in signed
        if all(sign in text for sign in signs) and (pattern is None or pattern.search(text))
    )
    return next(found, None)


def _of_names(names: Iterable[str]) -> str | None:
    names = list(names)
    for form, *signs in _BY_NAMES:
        if all(any(map(sign.search, names)) for sign in signs):
            return form
    return None


def _names_in_tar(file: BinaryIO) -> list[str]:
    names: list[str] = []

    def _note(name: str) -> bool:
        names.append(name)
        return False

    read_entries(file, _note)
    return names
