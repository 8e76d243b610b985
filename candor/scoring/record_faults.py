"""What is wrong with a record that cannot be read: every field of it at once, and what was probably meant."""

from __future__ import annotations

import json
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.activity import ACCOUNT_KINDS, FIELDS, RECORD_TYPES, THREAD_FIELDS, Activity
from candor.scoring.loose_values import MEANT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NO_OWNER = "missing: an account record says whose it is"
_TIME = "a time is written 2026-10-01T12:00:00Z, with an offset from UTC"
_DAYS = "days since 1900 or 1970 are no time: give the column the format yyyy-mm-dd hh:mm:ss before you save it"
DAY_UNTOLD = "the rows do not tell, or not all alike, what is the day: write 2026-05-01 for the first of May"
_EMPTY = {
    "id": ": an empty text is no id: give each record one of its own",
    "actor": ": an empty text is nobody's name: leave the field out where nobody known did it",
    "type": f": it is empty: write one of {', '.join(RECORD_TYPES)}",
}
_NAMING = ("id", "login", "username", "user_name", "screen_name", "name", "_id")
_FEW_DIGITS = re.compile(r"\s*\d{1,8}(?:[.,]\d+)?\s*")
_SLASHED = re.compile(r"\s*(\d\d?)([/.-])(\d\d?)\2(\d{2}(?:\d\d)?)(?!\d).*")
_MONTHS, _DAYS_OF_MONTH = range(1, 13), range(1, 32)
_CLOSE = 0.7
_LONGEST_SHOWN = 100
_MEANT_TYPES = {
    **dict.fromkeys(("post", "status", "tweet", "toot", "article", "message", "topic"), "note"),
    **dict.fromkeys(("ask", "issue"), "question"),
    **dict.fromkeys(("comment", "response"), "reply"),
    **dict.fromkeys(("boost", "retweet", "repost", "share", "announce", "forward"), "reshare"),
    **dict.fromkeys(("solution", "accepted", "merge", "solved", "resolve"), "accept"),
    **dict.fromkeys(("approve", "approval"), "review"),
    **dict.fromkeys(("favourite", "favorite", "reaction", "heart", "star"), "like"),
    **dict.fromkeys(("upvote", "up_vote", "downvote", "score"), "vote"),
    **dict.fromkeys(("user", "person", "profile", "member"), "account"),
    **dict.fromkeys(("subscribe", "friend", "contact"), "follow"),
}
_NO_POSTS = frozenset(
    {"forum", "page", "attachment", "revision", "nav_menu_item", "category", "board", "wp_block"}
).union(
    f"discussion{what}" for what in ("renamed", "tagged", "locked", "stickied", "super-stickied", "merged", "split")
)
"""What stands beside posts in tables of WordPress, Flarum and other forums."""
_CHOICES = {"type": (RECORD_TYPES, _MEANT_TYPES), "kind": (ACCOUNT_KINDS, MEANT_KINDS)}
_MEANT_FIELDS = {
    **dict.fromkeys(("user", "userid", "author", "authorid", "username", "owner", "from", "by", "sender"), "actor"),
    **dict.fromkeys(("parent", "parentid", "inreplyto", "inreplytoid", "objectid", "replyto", "postid"), "object"),
    **dict.fromkeys(("target", "to", "recipient", "targetuser"), "target_actor"),
    **dict.fromkeys(("text", "body", "message"), "content"),
    **dict.fromkeys(("title", "subject", "topictitle", "headline"), "title"),
    **dict.fromkeys(("date", "time", "timestamp", "createdat", "created", "creationdate", "datetime"), "published"),
    **dict.fromkeys(("action", "event", "activity", "verb"), "type"),
    **dict.fromkeys(("link", "href", "permalink"), "url"),
    **dict.fromkeys(("score", "weight"), "value"),
    **dict.fromkeys(("labels", "hashtags", "topics", "keywords"), "tags"),
    **dict.fromkeys(("privacy", "audience"), "visibility"),
    **dict.fromkeys(("displayname", "fullname"), "name"),
    **dict.fromkeys(("description", "about", "note"), "bio"),
}


class BadRecord(msgspec.Struct, frozen=True):
    """What is wrong with one record: its 1-based line, a JSON pointer inside the record, and words."""

    line: int
    pointer: str
    detail: str


def faults_of(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return all that is wrong with a record, as JSON pointers into it and words."""
    faults = [fault for field in msgspec.structs.fields(Activity) for fault in _field_faults(field, record)]
    lacking = missing_name(record.get("type"), record.get("id"), record.get("actor"))
    return [*faults, lacking] if lacking else faults


def missing_name(record_type: object, record_id: object, actor: object) -> tuple[str, str] | None:
    """Say which name a record of this type must have and lacks, as (pointer, detail).

    An act of nobody known (a vote, a deleted user's answer) is kept: others may refer to it.
    """
    if record_id is None and record_type != "account":
        return "/id", "missing: every record but an account has an id"
    return ("/actor", NO_OWNER) if actor is None and record_type == "account" else None


def _field_faults(field: msgspec.structs.FieldInfo, record: Mapping[str, Any]) -> list[tuple[str, str]]:
    name = field.encode_name
    if name not in record:
        return [(f"/{name}", _missing(name))] if field.required else []
    try:
        msgspec.convert(record[name], field.type)
    except (msgspec.ValidationError, RecursionError) as error:
        pointer, detail = place_of(error)
        if name == "published" and isinstance(record[name], str):
            detail = f"{record[name][:_LONGEST_SHOWN]!r} is no time that can be read here"
        return [(f"/{name}{pointer}", f"{detail}{_advice(name, record[name])}")]
    return []


def _missing(name: str) -> str:
    return f"missing: {_TIME}" if name == "published" else f"missing: one of {', '.join(RECORD_TYPES)}"


def _advice(name: str, value: object) -> str:
    """Return what was probably meant, as the end of a sentence."""
    if value == "" and name in _EMPTY:
        return _EMPTY[name]
    if isinstance(value, dict) and value and name != "tags":
        part = str(next((key for key in _NAMING if key in value), next(iter(value))))[:_LONGEST_SHOWN]
        return f": say which part of it is meant: map={name}={name}.{part}"
    if name == "visibility":
        word = str(value)[:_LONGEST_SHOWN]
        return (
            ": it is public, unlisted or private; leave out what is for some only, call it private, or say what the "
            f"word means: map={word}=private"
        )
    if name == "published":
        return f": {_time_advice(value)}"
    return _choice(name, value) if name in _CHOICES and isinstance(value, str) else ""


def _time_advice(value: object) -> str:
    """Say how a time is written, or what helps with one that spreadsheets write otherwise."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        written = str(value)[:_LONGEST_SHOWN]
        if _FEW_DIGITS.fullmatch(written):
            return _DAYS
        if (numbers := _SLASHED.fullmatch(written)) and _may_be_date(*map(int, numbers.group(1, 3, 4))):
            return DAY_UNTOLD
    return _TIME


def _may_be_date(first: int, second: int, third: int) -> bool:
    """Tell whether three numbers can be day, month and year, month, day and year, or year, month and day."""
    orders = ((second, first), (first, second), (second, third))
    return any(month in _MONTHS and day in _DAYS_OF_MONTH for month, day in orders)


def _choice(name: str, written: str) -> str:
    words, meant = _CHOICES[name]
    lowered = written[:_LONGEST_SHOWN].lower()
    if name == "type" and lowered in _NO_POSTS:
        return ": that is no post: leave such rows out, or have them skipped with skip_bad"
    near = next(iter(get_close_matches(lowered, [*words, *meant], n=1, cutoff=_CLOSE)), None)
    near = near and meant.get(near, near)
    listed = f"{name}s are {', '.join(words)}"
    if near is None and name == "type":
        return f": the {listed}; say which of them a word stands for: map={written[:_LONGEST_SHOWN]}=reply"
    return f": did you mean {near!r}? The {listed}" if near else f": the {listed}"


def nearest_field(written: str) -> str | None:
    """Return the field of ours that a name probably means, or None."""
    lowered = written[:_LONGEST_SHOWN].lower()
    if meant := _MEANT_FIELDS.get(lowered.replace("_", "").replace("-", "")):
        return meant
    close = get_close_matches(lowered, sorted(FIELDS.difference(THREAD_FIELDS)), n=1, cutoff=_CLOSE)
    return close[0] if close else None


def place_of(error: Exception) -> tuple[str, str]:
    """Return a JSON pointer to where msgspec found an error, and what it says of it."""
    detail, _, path = str(error).partition(" - at `$")
    return path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/"), detail


def conflicting_id(earlier: int) -> tuple[str, str]:
    """Say that an earlier record has the id with other content, as (pointer, detail), counting as pointers do."""
    return "/id", f"record {earlier} has this id too, with other content"


def explain_json(raw: bytes, error: Exception) -> list[tuple[str, str]]:
    """Find where a JSON text is wrong: NaN, infinities and lone surrogates get a pointer; the rest gets words."""
    try:
        faults = list(_unrepresentable(json.loads(raw), ""))
    except UnicodeDecodeError:
        return [("", "not UTF-8: save the file as UTF-8")]
    except json.JSONDecodeError as fault:
        return [("", f"not valid JSON, at character {fault.pos + 1:,}")]
    except (ValueError, RecursionError):
        return [("", "not valid JSON")]
    if faults:
        return faults
    return [place_of(error)]


def _unrepresentable(value: object, pointer: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield pointer, "not a finite number"
    elif isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        yield pointer, "a lone surrogate is not text"
    elif isinstance(value, dict):
        for key, item in value.items():
            escaped = str(key).encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")
            yield from _unrepresentable(item, f"{pointer}/{escaped}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unrepresentable(item, f"{pointer}/{index}")
