"""Quotes in the posts of forums: which post a quote is of, where the forum writes its number into it."""

from __future__ import annotations

import re

_QUOTES = re.compile(
    r"""
      \[quote[^\[\]]{0,200}?\bpost_id=["']?(?P<phpbb>\d{1,19})           # phpBB since 3.2
    | <QUOTE\b[^<>]{0,400}?\bpost_id="(?P<phpbb_xml>\d{1,19})"           # the same, as phpBB keeps it
    | \[quote="?[^\[\]";]{0,80},\s?post:\s?(?P<xenforo>\d{1,19}),\s?member:  # XenForo
    | \[quote=[^\[\];]{1,80};n?(?P<vbulletin>\d{1,19})\]                 # vBulletin
    | \[quote[^\[\]]{0,80}?\bpid=["'](?P<mybb>\d{1,19})["']              # MyBB
    | \[quote[^\[\]]{0,80}?\blink=[^\s\[\]]{0,80}\bmsg=?(?P<smf>\d{1,19})  # SMF
    | <POSTMENTION\b[^<>]{0,400}?\sid="(?P<flarum>\d{1,19})"             # Flarum
    """,
    re.IGNORECASE | re.VERBOSE,
)


def quoted_post(text: str) -> str | None:
    """Return the number of the first post that a text quotes, as six forums write it."""
    found = _QUOTES.search(text)
    return found and found[found.lastgroup or 0]
