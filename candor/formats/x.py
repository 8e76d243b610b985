"""X's archive of one's own data: JavaScript files, each of which assigns a JSON list; also as it was before 2019."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.lenient import NEEDED
from candor.formats.reading import MALFORMED, Entry, Reading, RecordCollector, record
from candor.formats.x_lists import HEAD_BYTES, decoded, list_in, objects_of
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account did itself, and nothing of what others did: interest can be scored, expertise says that there is "
    "not enough evidence; likes have no date there and were left out"
)
_OLD = "this archive is of before 2019: X makes newer ones on request"
_PART = "this part of an archive does not say whether the account is protected; whoever brought it named the account"
_WITHOUT = "this part of an archive of X has no tweets.js, which holds the posts: bring the part with it"
_NOT_WHOSE = "its account.js does not say whose archive it is: put its parts together, or name the account"
_FILE = re.compile(
    r"(?:.*/)?(account|tweets?|community-tweet|note-tweet|like|article|deleted-tweets?|twitter-circle-tweet"
    r"|protected-history|user_details|data/manifest|data/js/tweets/\d{4}_\d\d)(?:-part\d+)?\.js"
)
_ASSIGNED = re.compile(rb"\s*(?:window\.YTD\.(\w+?)\.part\d+|Grailbird\.data\.(tweets)_\w+)\s*=")
_JSON_OF_TWEETS = re.compile(rb'\s*\[\s*\{\s*"tweet"\s*:\s*\{')
"""What is left of tweets.js where somebody took the name off, to have JSON."""
_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:i(?:/web)?|(\w{1,15}))/status(?:es)?/(\d{1,20})(?:[/?#].*)?",
    re.ASCII,
)
_RETWEET = re.compile(r"RT @(\w{1,15}): (.*)", re.ASCII | re.DOTALL)
_ANSWERED = re.compile(r"(?:@\w{1,15}\s+)+", re.ASCII)
_LINK_AT_END = re.compile(r"https://t\.co/\w{1,40}$")
_TWEETS = frozenset({"tweet", "tweets", "community-tweet", "old"})
_COUNTED = {
    "like": "undated",
    "article": "other",
    "deleted-tweet": "deleted",
    "deleted-tweets": "deleted",
    "twitter-circle-tweet": "private",
}
_TIMES = ("%a %b %d %H:%M:%S %z %Y", "%Y-%m-%d %H:%M:%S %z")
_SHORTEST_CUT = 100


class _Account(msgspec.Struct):
    username: str


class _Named(msgspec.Struct):
    text: str = ""
    screen_name: str = ""
    url: str = ""
    expanded_url: str | None = None


class _Entities(msgspec.Struct):
    hashtags: list[_Named] = []
    user_mentions: list[_Named] = []
    urls: list[_Named] = []


class _Versions(msgspec.Struct):
    """All versions of a post that was edited, the oldest first."""

    editTweetIds: list[str] = []  # noqa: N815 as X spells it


class _Edited(msgspec.Struct):
    editControlInitial: _Versions | None = None  # noqa: N815


class _Edits(msgspec.Struct):
    initial: _Versions | None = None
    edit: _Edited | None = None

    @property
    def newest(self) -> str | None:
        versions = self.initial or (self.edit.editControlInitial if self.edit else None)
        return versions.editTweetIds[-1] if versions and versions.editTweetIds else None


class _Original(msgspec.Struct):
    """The post that a retweet passes on, which archives said before 2019."""

    id_str: str
    text: str = ""
    user: _Named = msgspec.field(default_factory=_Named)


class _Author(msgspec.Struct):
    """Who wrote it, as archives before 2019 said of each post."""

    protected: bool = False


class _Scopes(msgspec.Struct):
    followers: bool = False


class _Tweet(msgspec.Struct):
    id_str: str = ""
    id: str = ""
    created_at: str = ""
    scopes: Annotated[_Scopes | None, NEEDED] = None
    exclusive_tweet_control: Any = None
    edit_info: _Edits | None = None
    retweeted_status: _Original | None = None
    user: _Author | None = None
    full_text: str = ""
    text: str = ""
    entities: _Entities = msgspec.field(default_factory=_Entities)
    in_reply_to_status_id_str: str | None = None
    in_reply_to_screen_name: str | None = None
    in_reply_to_user_id_str: str | None = None

    @property
    def key(self) -> str:
        """Its id, of which some programs keep the number alone."""
        return self.id_str or self.id

    @property
    def is_for_some(self) -> bool:
        """Whether only followers or subscribers of the account see it."""
        of_some = bool(self.scopes and self.scopes.followers) or self.exclusive_tweet_control is not None
        return of_some or (self.user is not None and self.user.protected)


class _Core(msgspec.Struct):
    text: str
    hashtags: list[Any] = []


class _Note(msgspec.Struct):
    createdAt: datetime  # noqa: N815 as X spells it
    core: _Core


def is_ours(name: str) -> bool:
    """Say whether an entry of this name belongs to an archive of X and is read."""
    return _FILE.fullmatch(name) is not None


def file_alone(start: bytes) -> str | None:
    """Return the name of a file of an archive that comes by itself, from its start; None where it is no such file."""
    found = _ASSIGNED.match(start[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf"))
    if found:
        return f"{(found[1] or found[2]).decode().replace('_', '-')}.js"
    return "tweets.js" if _JSON_OF_TWEETS.match(start) else None


def read_x(entries: Mapping[str, Entry], account: str | None = None, folder: Path | None = None) -> Reading:
    """Return the records of an archive's entries; `account` says whose it is where they do not.

    Large ones are read item by item, and many records wait in `folder`. Messages, and all of an account that is
    protected, are left out. Raises ArchiveError.
    """
    files = [(_kind(name), list_in(body)) for name, body in sorted(entries.items()) if is_ours(name)]
    owner = _owner(files, account)
    records = RecordCollector("x", folder)
    if any(kind in {"old", "user_details"} for kind, _ in files):
        records.notes[_OLD] = None
    if not {"account", "user_details", "protected-history"} & {kind for kind, _ in files}:
        records.notes[_PART] = None
    protected = _is_protected(objects_of(files, "protected-history"))
    long_texts = _LongTexts(objects_of(files, "note-tweet"))
    for kind, listed in files:
        if kind in _COUNTED:
            records.left_out[_COUNTED[kind]] += sum(1 for _ in listed)
        elif kind in _TWEETS and protected:
            records.left_out["private"] += sum(1 for _ in listed)
        elif kind in _TWEETS:
            tweets = (each.get("tweet", each) if isinstance(each, dict) else each for each in decoded(listed))
            records.each(tweets, _Tweet, lambda tweet: _newest(tweet, owner, long_texts, records))
    if not _TWEETS & {kind for kind, _ in files}:
        records.notes[_WITHOUT] = None
    if not protected:
        records.left_out["unmatched"] += long_texts.left
    return records.reading(owner, SHOWS)


def _kind(name: str) -> str:
    found = _FILE.fullmatch(name)
    kind = found[1] if found else ""
    return "old" if kind.startswith("data/js") else kind.removeprefix("data/")


def _owner(files: list[tuple[str, Iterable[Any]]], account: str | None) -> str:
    for each in objects_of(files, "account"):
        try:
            return msgspec.convert(each.get("account"), _Account).username.lower()
        except (msgspec.ValidationError, AttributeError):
            break
    for each in objects_of(files, "manifest"):  # each part of an archive has it
        user = each.get("userInfo")
        if isinstance(user, dict) and isinstance(name := user.get("userName"), str) and name:
            return name.lower()
    for each in objects_of(files, "user_details"):
        if isinstance(name := each.get("screen_name"), str):
            return name.lower()
    if account is None:
        raise ArchiveError(_NOT_WHOSE)
    return account


def _is_protected(history: Iterable[dict[str, Any]]) -> bool:
    """Say whether the newest change made the account protected."""
    changes = [each.get("protectedHistory", each) for each in history]
    dated = [(str(each.get("protectedAt")), str(each.get("action"))) for each in changes if isinstance(each, dict)]
    return bool(dated) and max(dated)[1].lower() == "protect"


@dataclass(frozen=True)
class _LongText:
    text: str
    tags: tuple[str, ...]


class _LongTexts:
    """The whole texts of posts longer than 280 signs, which stand in a file of their own, by the second."""

    def __init__(self, notes: Iterable[dict[str, Any]]) -> None:
        self._at: defaultdict[int, list[_LongText]] = defaultdict(list)
        self.left = 0
        for each in notes:
            self.left += 1
            try:
                note = msgspec.convert(each.get("noteTweet", each), _Note)
                second = int(note.createdAt.timestamp())
            except MALFORMED:
                continue
            named = (tag.get("text") if isinstance(tag, dict) else tag for tag in note.core.hashtags)
            tags = tuple(tag for tag in named if isinstance(tag, str))
            self._at[second].append(_LongText(note.core.text, tags))

    def of(self, text: str, published: datetime) -> _LongText | None:
        """Return, and use up, the whole text of a post of about that second that begins like it."""
        begun = _uncut(_ANSWERED.sub("", text, count=1) if text.startswith("@") else text)
        if len(begun) < _SHORTEST_CUT:
            return None
        second = int(published.timestamp())
        for at in (second, second - 1, second + 1):
            for whole in self._at.get(at, ()):
                bare = _ANSWERED.sub("", whole.text, count=1) if whole.text.startswith("@") else whole.text
                if unescape(bare).startswith(begun):
                    self._at[at].remove(whole)
                    self.left -= 1
                    return whole
        return None


def _uncut(text: str) -> str:
    """Return a text without the links at its end, and without the dots that say that it goes on."""
    text = text.rstrip()
    while link := _LINK_AT_END.search(text, max(0, len(text) - 60)):
        text = text[: link.start()].rstrip()
    return text.removesuffix("…").removesuffix("...").rstrip()


def _when(written: str) -> datetime:
    for form in _TIMES:
        try:
            return datetime.strptime(written, form)  # noqa: DTZ007 # each form has a zone
        except ValueError:
            continue
    if (found := time_of(written)[0]) is None:
        raise ValueError("no time")
    return found


def _newest(tweet: _Tweet, owner: str, long_texts: _LongTexts, records: RecordCollector) -> Iterator[Activity]:
    """Make the records of a post, but not of an earlier version of one that was edited, which is counted."""
    newest = tweet.edit_info.newest if tweet.edit_info else None
    if newest is not None and newest.isdigit() and tweet.key.isdigit() and int(newest) > int(tweet.key):
        records.left_out["duplicates"] += 1
    elif tweet.is_for_some:
        records.left_out["private"] += 1
    elif not tweet.created_at:
        records.left_out["undated"] += 1
    elif not tweet.key:
        records.left_out["malformed"] += 1
    else:
        yield from _made(tweet, owner, long_texts)


def _made(tweet: _Tweet, owner: str, long_texts: _LongTexts) -> Iterator[Activity]:
    act = {"actor": owner, "published": _when(tweet.created_at)}
    text = unescape(tweet.full_text or tweet.text)
    tags = [hashtag.text for hashtag in tweet.entities.hashtags]
    if whole := long_texts.of(text, act["published"]):  # type: ignore[arg-type] # it is the time
        text, tags = unescape(whole.text), list(dict.fromkeys((*tags, *filter(None, whole.tags))))
    for url in tweet.entities.urls:
        text = text.replace(url.url, url.expanded_url) if url.url and url.expanded_url else text
    said = {"id": tweet.key, "url": f"https://x.com/i/status/{tweet.key}", "tags": tags, **act}
    if (original := tweet.retweeted_status) is not None:
        of = {"object": original.id_str, "target_actor": original.user.screen_name.lower() or None}
        yield record(type="reshare", content=unescape(original.text) or None, **of, **said)
        return
    if retweet := _RETWEET.fullmatch(text):
        yield record(type="reshare", target_actor=retweet[1].lower(), content=retweet[2], **said)
        return
    of, asker = _quoted(tweet), _asker(tweet)
    if tweet.in_reply_to_status_id_str:
        yield record(type="reply", object=tweet.in_reply_to_status_id_str, target_actor=asker, content=text, **said)
        if of:
            yield record(type="quote", id=f"{tweet.key}#quote", **of, **act)
    elif of:
        yield record(type="quote", content=text, **of, **said)
    else:
        yield record(type="note", content=text, **said)
    answered = asker if tweet.in_reply_to_status_id_str else None
    named = [mention.screen_name.lower() for mention in tweet.entities.user_mentions]
    for name in dict.fromkeys([*named, *filter(None, [asker])]):  # what it answers may be gone, not whom
        if name and name not in {answered, owner}:
            key = f"{tweet.key}#mention-{name}"
            yield record(type="mention", id=key, object=tweet.key, target_actor=name, **act)


def _quoted(tweet: _Tweet) -> dict[str, str | None]:
    """Return the post that is linked to, and by whom it is where the address says so."""
    found = (_STATUS.fullmatch(url.expanded_url or "") for url in tweet.entities.urls)
    quoted = next((each for each in found if each and each[2] != tweet.key), None)
    return {"object": quoted[2], "target_actor": quoted[1] and quoted[1].lower()} if quoted else {}


def _asker(tweet: _Tweet) -> str | None:
    if tweet.in_reply_to_screen_name:
        return tweet.in_reply_to_screen_name.lower()
    return f"id:{tweet.in_reply_to_user_id_str}" if tweet.in_reply_to_user_id_str else None
