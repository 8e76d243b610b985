"""What can be followed of each network: the whole, or which parts of it, and how a part is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOST = r"(?P<host>[A-Za-z\d](?:[A-Za-z\d.-]*[A-Za-z\d])?(?::\d{1,5})?)"
_LOGIN = r"[A-Za-z\d](?:[A-Za-z\d-]{0,38})"


class PlacePart(NamedTuple):
    """A part of a network: what its name looks like, how it is kept, and what to say where it is none.

    `kept` is filled in with the groups of the first of `patterns` that fits; None keeps the name as it was given.
    """

    expected: str
    patterns: tuple[str, ...] = (r"[\s\S]{1,300}",)
    kept: str | None = None


PARTS: Mapping[str, Mapping[str, PlacePart]] = {
    "discourse": {},
    "stackexchange": {"tag": PlacePart("a tag")},
    "github": {
        "repository": PlacePart(
            "OWNER/NAME, or the address of its page",
            (rf"(?:https?://(?:www\.)?github\.com/)?(?P<owner>{_LOGIN})/(?P<name>[\w.-]{{1,100}}?)(?:\.git)?/?",),
            "{owner}/{name}",
        ),
        "organisation": PlacePart(
            "the name of an organisation, or the address of its page",
            (rf"(?:https?://(?:www\.)?github\.com/)?(?:orgs/)?(?P<owner>{_LOGIN})/?",),
            "{owner}",
        ),
    },
    "mastodon": {
        "hashtag": PlacePart(
            "#HASHTAG@HOST, or the address of its page on a server",
            (
                rf"#?(?P<tag>[^\W_][\w·]{{0,200}})@{_HOST}",
                rf"(?:https?://)?{_HOST}/tags/(?P<tag>[^\W_][\w·]{{0,200}})/?",
            ),
            "{host}/tags/{tag}",
        ),
        "list": PlacePart(
            "HOST/lists/ID, of which the operator has the owner's token",
            (rf"(?:https?://)?{_HOST}/lists/(?P<key>[\w-]{{1,100}})/?",),
            "{host}/lists/{key}",
        ),
        "instance": PlacePart(
            "the host of an instance",
            (rf"(?:https?://)?{_HOST}(?:/(?:public(?:/local)?)?)?",),
            "{host}",
        ),
    },
    "bluesky": {
        "list": PlacePart(
            "an at:// address of a list, or its page",
            (
                r"at://[^/\s]{1,300}/app\.bsky\.graph\.list/[\w.~:-]{1,512}",
                r"https://bsky\.app/profile/[^/\s]{1,300}/lists/[\w.~:-]{1,512}",
            ),
        ),
        "starter_pack": PlacePart(
            "an at:// address of a starter pack, or its page",
            (
                r"at://[^/\s]{1,300}/app\.bsky\.graph\.starterpack/[\w.~:-]{1,512}",
                r"https://bsky\.app/start(?:er-pack)?/[^/\s]{1,300}/[\w.~:-]{1,512}",
            ),
        ),
        "search": PlacePart("what to search for"),
    },
}
"""By family of networks, and by the field that names the part."""
WHOLE = frozenset({"discourse", "stackexchange"})
"""Of which no part need be named."""
PART_NAMES = tuple(dict.fromkeys(name for parts in PARTS.values() for name in parts))


def kept_name(family: str, part: str, given: str) -> str:
    """Return the one name of a part of a network, however it was written. Raises ValueError where it is none."""
    of = PARTS[family][part]
    for pattern in of.patterns:
        if found := re.fullmatch(pattern, given.strip()):
            return of.kept.format(**_lowered(found)) if of.kept else found[0]
    raise ValueError(f"not {of.expected}")


def _lowered(found: re.Match[str]) -> dict[str, str]:
    """Lower what is the same in any case; ids of lists may not be."""
    return {name: value if name == "key" else value.lower() for name, value in found.groupdict().items() if value}
