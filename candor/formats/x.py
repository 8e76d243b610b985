"""X's archive of one's own data: JavaScript files, each of which assigns a JSON list."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.archive import ArchiveError, Reading, Records, from_json, items, opened, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account did itself, and nothing of what others did: interest can be scored, expertise says that there is "
    "not enough evidence; likes have no date there and were left out"
)
_NO_LIST = "one of its files is not as X writes them"
_FILE = re.compile(r"(?:.*/)?data/(account|tweets?|like|protected-history)(?:-part\d+)?\.js")
_STATUS = re.compile(r"https?://(?:twitter|x)\.com/(\w{1,15})/status/(\d{1,20})(?:[/?#].*)?", re.ASCII)
_RETWEET = re.compile(r"RT @(\w{1,15}): (.*)", re.ASCII | re.DOTALL)


class _Account(msgspec.Struct):
    username: str
    accountDisplayName: str = ""  # noqa: N815 as X spells it


class _Named(msgspec.Struct):
    text: str = ""
    screen_name: str = ""
    url: str = ""
    expanded_url: str = ""


class _Entities(msgspec.Struct):
    hashtags: list[_Named] = []
    user_mentions: list[_Named] = []
    urls: list[_Named] = []


class _Tweet(msgspec.Struct):
    id_str: str
    created_at: str
    full_text: str = ""
    entities: _Entities = msgspec.field(default_factory=_Entities)
    in_reply_to_status_id_str: str | None = None
    in_reply_to_screen_name: str | None = None


def is_ours(name: str) -> bool:
    """Say whether an entry of this name belongs to an archive of X and is read."""
    return _FILE.fullmatch(name) is not None


def read_x(entries: Mapping[str, bytes]) -> Reading:
    """Return the records of an archive's entries. Messages, and all of an account that is protected, are left out."""
    files = [(found[1], _list(body)) for name, body in sorted(entries.items()) if (found := _FILE.fullmatch(name))]
    accounts = [each.get("account") for kind, listed in files if kind == "account" for each in _read(listed)]
    try:
        owner = msgspec.convert(accounts[0] if accounts else None, _Account).username.lower()
    except msgspec.ValidationError as error:
        raise ArchiveError("its account.js does not say whose archive it is") from error
    records = Records()
    protected = _is_protected([each for kind, listed in files if kind == "protected-history" for each in _read(listed)])
    for kind, listed in files:
        if kind == "like":
            records.left_out["undated"] += len(listed)
        elif kind in {"tweet", "tweets"} and protected:
            records.left_out["private"] += len(listed)
        elif kind in {"tweet", "tweets"}:
            records.each((each.get("tweet", each) for each in _read(listed)), _Tweet, lambda tweet: _made(tweet, owner))
    return records.reading("x", owner, SHOWS)


def _list(body: bytes) -> list[Any]:
    """Return the objects in `window.YTD.NAME.part0 = [ … ]`, as JSON. Raises ArchiveError."""
    found = opened(body[body.find(b"=") + 1 :], _NO_LIST)
    return [each for each in items(found) if bytes(memoryview(each)[:1]) == b"{"]


def _read(listed: list[Any]) -> Iterator[dict[str, Any]]:
    return (from_json(each, _NO_LIST) for each in listed)


def _is_protected(history: list[dict[str, Any]]) -> bool:
    """Say whether the newest change made the account protected."""
    changes = [each.get("protectedHistory", each) for each in history]
    dated = [(str(each.get("protectedAt")), str(each.get("action"))) for each in changes if isinstance(each, dict)]
    return bool(dated) and max(dated)[1].lower() == "protect"


def _made(tweet: _Tweet, owner: str) -> Iterator[Activity]:
    act = {"actor": owner, "published": datetime.strptime(tweet.created_at, "%a %b %d %H:%M:%S %z %Y")}
    text = unescape(tweet.full_text)
    for url in tweet.entities.urls:
        text = text.replace(url.url, url.expanded_url) if url.url else text
    said = {"id": tweet.id_str, "url": f"https://x.com/i/status/{tweet.id_str}", **act}
    said["tags"] = [hashtag.text for hashtag in tweet.entities.hashtags]
    if retweet := _RETWEET.fullmatch(text):
        yield record(type="reshare", target_actor=retweet[1].lower(), content=retweet[2], **said)
        return
    quoted = next((found for url in tweet.entities.urls if (found := _STATUS.fullmatch(url.expanded_url))), None)
    asker = tweet.in_reply_to_screen_name.lower() if tweet.in_reply_to_screen_name else None
    of = {"object": quoted[2], "target_actor": quoted[1].lower()} if quoted else None
    if tweet.in_reply_to_status_id_str:
        yield record(type="reply", object=tweet.in_reply_to_status_id_str, target_actor=asker, content=text, **said)
        if of:
            yield record(type="quote", id=f"{tweet.id_str}#quote", **of, **act)
    elif of:
        yield record(type="quote", content=text, **of, **said)
    else:
        yield record(type="note", content=text, **said)
    for name in dict.fromkeys(mention.screen_name.lower() for mention in tweet.entities.user_mentions):
        if name and name != asker:
            key = f"{tweet.id_str}#mention-{name}"
            yield record(type="mention", id=key, object=tweet.id_str, target_actor=name, **act)
