"""YouTube, with the operator's key: the videos of a channel, and what is said under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from candor.scoring.activity import Instant
from worker.connectors.connector import Connector, ConnectorFacts, public_profile, record, unavailable_profile
from worker.connectors.network_client import UNEXPECTED, check_same, read_items
from worker.outbound import BadAnswerError, Credential, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

T = TypeVar("T")
HOST = "www.googleapis.com"
_CHANNEL = "UC"
_PUBLIC = "public"
_OFF = {'"commentsDisabled"': "comments are off"}


class _Text(msgspec.Struct):
    title: str = ""
    description: str = ""


class _Dated(_Text, kw_only=True):
    publishedAt: Instant  # noqa: N815 as the interface spells it


class _Numbers(msgspec.Struct):
    subscriberCount: int | None = None  # noqa: N815
    commentCount: int = 0  # noqa: N815
    hiddenSubscriberCount: bool = False  # noqa: N815


class _Lists(msgspec.Struct):
    uploads: str = ""


class _Content(msgspec.Struct):
    relatedPlaylists: _Lists = msgspec.field(default_factory=_Lists)  # noqa: N815
    videoId: str = ""  # noqa: N815


class _State(msgspec.Struct):
    privacyStatus: str  # noqa: N815


class Channel(msgspec.Struct):
    """A channel."""

    id: str
    snippet: _Text = msgspec.field(default_factory=_Text)
    statistics: _Numbers = msgspec.field(default_factory=_Numbers)
    contentDetails: _Content = msgspec.field(default_factory=_Content)  # noqa: N815


class Upload(msgspec.Struct):
    """A video in the list of those that a channel uploaded."""

    snippet: _Dated
    contentDetails: _Content  # noqa: N815
    status: _State


class _Author(msgspec.Struct):
    value: str = ""


class _Said(msgspec.Struct):
    publishedAt: Instant  # noqa: N815
    authorChannelId: _Author = msgspec.field(default_factory=_Author)  # noqa: N815
    textOriginal: str | None = None  # noqa: N815
    textDisplay: str = ""  # noqa: N815


class Comment(msgspec.Struct):
    """A comment under a video, or a reply to one."""

    id: str
    snippet: _Said


class _Above(msgspec.Struct):
    topLevelComment: Comment  # noqa: N815
    totalReplyCount: int = 0  # noqa: N815


class _Below(msgspec.Struct):
    comments: list[msgspec.Raw] = []


class Thread(msgspec.Struct):
    """A comment under a video, with the first replies to it."""

    snippet: _Above
    replies: _Below = msgspec.field(default_factory=_Below)


class YouTube(Connector):
    """Accounts go by the number of their channel, which a handle stands for; videos and comments by theirs."""

    facts = ConnectorFacts(
        family="youtube",
        profile="microblog",
        terms="the Data API under the terms that the operator has agreed to; nothing is asked without its key",
        limits="10,000 units a day for a key, most questions one unit; not told in headers",
        consent=("deleted", "closed"),
        unseen={
            "elsewhere": "what an account says under videos of others is listed nowhere",
            "likes": "who liked what; numbers of likes say of nobody who it was",
            "unlisted": "videos that are private or unlisted, and what is said where comments are off",
        },
        operator_adds="everything: without a key YouTube shows nothing",
        tried="made-up answers only, never YouTube itself",
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._uploads: dict[str, str] = {}

    def canonical_name(self, account: str) -> str | None:
        """See Connector. Which channel a handle stands for only YouTube can tell."""
        name = super().canonical_name(account)
        return name if name and name.startswith(_CHANNEL) else None

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request."""
        return self.read_once(str(super().canonical_name(account)), self._read_profile)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. The videos of the channel, the newest first."""
        profile = self.profile(account)
        channel = str(profile.account.actor)
        what = "videos of the channel"
        if profile.status != "ok":
            return
        if not self._uploads.get(channel):
            self.client.gaps.add(what, f"{HOST}: {UNEXPECTED}")
            return
        asked = {"playlistId": self._uploads[channel], "maxResults": "50"}
        for page in self._lists(what, "playlistItems", Upload, part="snippet,contentDetails,status", **asked):
            dated = [(each.snippet.publishedAt, each) for each in page if each.status.privacyStatus == _PUBLIC]
            for at, video in dated:
                if since <= at < until:
                    yield from self._video(channel, at, video)
            if dated and all(at < since for at, _ in dated):
                return

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. What is said under each video, and answered there."""
        for post in posts:
            if post.type == "note" and post.id is not None:
                asked = {"videoId": post.id, "maxResults": "100", "order": "time", "textFormat": "plainText"}
                for page in self._lists("comments", "commentThreads", Thread, part="snippet,replies", **asked):
                    for thread in page:
                        yield from self._thread(post.id, thread)

    def _read_profile(self, name: str) -> AccountProfile:
        asked = {"id": name} if name.startswith(_CHANNEL) else {"forHandle": name}
        url = self._url("channels", part="snippet,statistics,contentDetails", **asked)
        reply = self.client.outbound.get_json(url, credential=self._key())
        channels = read_items(reply, Channel, "items") if "items" in reply.parts else []
        if not channels and "pageInfo" not in reply.parts:
            raise BadAnswerError(reply.host, UNEXPECTED, reply)
        if not channels:
            return unavailable_profile(name, reply.fetched_at, "channel not found on YouTube", gone=True)
        found = channels[0]
        if name.startswith(_CHANNEL):
            check_same(name, found.id, reply)
        self._uploads[found.id] = found.contentDetails.relatedPlaylists.uploads
        hidden = found.statistics.hiddenSubscriberCount
        facts: dict[str, Any] = {"name": found.snippet.title, "bio": found.snippet.description}
        facts |= {"followers": None if hidden else found.statistics.subscriberCount}
        return public_profile(reply, actor=found.id, url=f"https://www.youtube.com/channel/{found.id}", **facts)

    def _video(self, channel: str, at: datetime, video: Upload) -> Iterator[Activity]:
        key, text = video.contentDetails.videoId, f"{video.snippet.title}\n\n{video.snippet.description}".strip()
        said = {"content": text, "url": f"https://www.youtube.com/watch?v={key}"}
        yield from self.act("videos of the channel", HOST, type="note", id=key, actor=channel, published=at, **said)

    def _thread(self, video: str, thread: Thread) -> Iterator[Activity]:
        """Yield a comment and the replies to it: more than a few are in a list of their own."""
        top, what = thread.snippet.topLevelComment, "replies to comments"
        yield from self._comment(top, video)
        below = self.client.shapes(what, HOST, thread.replies.comments, Comment)
        if thread.snippet.totalReplyCount > len(thread.replies.comments):
            asked = {"parentId": top.id, "maxResults": "100", "textFormat": "plainText"}
            below = [each for page in self._lists(what, "comments", Comment, part="snippet", **asked) for each in page]
        for each in below:
            yield from self._comment(each, top.id)

    def _comment(self, comment: Comment, under: str) -> Iterator[Activity]:
        said = comment.snippet
        act = {"actor": said.authorChannelId.value or None, "published": said.publishedAt}
        text = said.textOriginal or said.textDisplay
        made = (record(type="reply", id=key, object=under, content=text, **act) for key in (comment.id,))
        yield from self.records("comments", HOST, made)

    def _key(self) -> Credential:
        key = self.client.token(HOST)
        if key is None:
            raise UnauthorisedError(HOST, "shows nothing without a key, and the operator has set none")
        return Credential(host=urlsplit(self.client.origin(HOST)).netloc, value=key, param="key")

    def _url(self, path: str, **query: str) -> str:
        return f"{self.client.origin(HOST)}/youtube/v3/{path}?{urlencode(query)}"

    def _lists(self, what: str, path: str, kind: type[T], **query: str) -> Iterator[list[T]]:
        """Yield page after page, as long as there is a next one."""
        first = self._url(path, **query)

        def _following(reply: Reply) -> str | None:
            token = self.client.next_word(what, reply, "nextPageToken")
            return f"{first}&{urlencode({'pageToken': token})}" if token else None

        for reply in self.client.pages(what, first, _following, part=path, told=_OFF, credential=self._key()):
            yield self.client.items(what, reply, kind, "items")
