"""What words for the state of a record say: that everybody may read it, that it is hidden or waits, or neither.

A state may be of several words, as in SYSTEM_WITHHELD, removed_by_moderator and "not approved". Nothing is known of
many: they are counted, so that whoever brings the records sees them.
"""

from __future__ import annotations

import re
from functools import lru_cache

_HIDING = frozenset(
    {
        *("deleted", "removed", "trash", "trashed", "erased", "purged", "redacted", "retracted", "withdrawn"),
        *("hidden", "invisible", "private", "confidential", "internal", "restricted", "concealed"),
        *("draft", "unpublished", "unsent", "scheduled", "spam", "junk", "abusive"),
        *("rejected", "declined", "denied", "refused", "disapproved", "unapproved", "withheld", "censored"),
        *(
            "blocked",
            "banned",
            "shadowbanned",
            "suspended",
            "suppressed",
            "quarantined",
            "quarantine",
            "embargoed",
            "disabled",
        ),
        *("pending", "awaiting", "waiting", "held", "hold", "queued", "queue", "premod", "premoderation"),
        *("moderated", "moderation", "review"),
    }
)
_SHOWN = frozenset(
    {
        *("public", "published", "publish", "visible", "approved", "accepted", "confirmed", "verified", "validated"),
        *("live", "active", "enabled", "shown", "listed", "restored", "undeleted", "unhidden", "ham"),
    }
)
"""Words for what is read by everybody, unless a no stands before them."""
_OTHER = frozenset(
    {
        *("", "none", "null", "nan", "n", "a", "na", "ok", "okay", "normal", "regular", "default", "standard", "good"),
        *("open", "opened", "reopened", "unsolved", "unanswered", "unresolved", "solved", "answered", "resolved"),
        *("closed", "locked", "archived", "pinned", "sticky", "featured", "new", "created", "edited", "updated"),
        *("sent", "delivered", "received", "read", "unread", "seen", "posted", "done", "completed", "complete"),
        *("finished", "fixed", "merged", "abandoned", "duplicate", "invalid", "wontfix", "obsolete", "stale"),
        *("todo", "to", "do", "progress", "started", "assigned", "unassigned", "triage", "triaged", "backlog"),
        *("planned", "released", "implemented", "reviewed", "success", "succeeded", "final", "current", "true"),
        *("won", "wont", "will", "fix", "in", "yes", "unconfirmed", "works", "for", "me", "t", "by", "as", "not"),
        *("user", "author", "system", "staff", "moderator", "admin", "mod", "auto", "automatically"),
    }
)
"""Words that say nothing of who may read a record."""
_NO = frozenset({"not", "non", "no", "never", "nicht", "nao", "não", "nie", "niet", "ikke", "inte", "ei", "ne", "не"})
_KNOWN = _HIDING | _SHOWN | _OTHER | _NO
_CUT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def is_hiding(state: str) -> bool:
    """Tell whether a state says that a record is for some only, waits or was taken away."""
    first, *others = words_of(state) or ("",)
    if first in _NO and others:
        return not _SHOWN.isdisjoint(others)
    return first not in _SHOWN and not _HIDING.isdisjoint((first, *others))


@lru_cache(maxsize=4096)
def is_known(state: str) -> bool:
    """Tell whether it is known of a state, a number aside, whether everybody may read what is in it."""
    return is_hiding(state) or all(word in _KNOWN or word.isdigit() for word in words_of(state))


def words_of(state: str) -> tuple[str, ...]:
    """Return the words of a state, in small letters."""
    return tuple(word.lower() for word in _CUT.split(state.strip()) if word)
