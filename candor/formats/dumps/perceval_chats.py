"""Messages in what Perceval writes of chats: Slack, Mattermost, Rocket.Chat, Gitter, Zulip and Telegram."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from candor.formats.dumps.chat import FollowUps, Message, quoted_in_zulip, records_of, unnamed
from candor.formats.dumps.perceval_threads import dicts, known, object_of
from candor.formats.dumps.slack import MENTION
from candor.formats.lenient import hidden_by
from candor.formats.reading import items
from candor.scoring.markup import plain
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from candor.formats.dumps.dump import Run
    from candor.scoring.activity import Activity

_GROUPS = frozenset({"group", "supergroup", "channel"})
_SLACK_SAID = frozenset({None, "", "thread_broadcast", "bot_message", "me_message", "file_share", "file_comment"})


class Chats:
    """Reads the messages of one run, and remembers who wrote which and what began each topic."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._author: dict[str, str | None] = {}
        self._begun: dict[str, str] = {}
        self._follow_ups = FollowUps()

    def slack(self, data: Mapping[str, Any], origin: str) -> Iterator[Activity]:
        """Yield a message of a channel that all of a workspace see."""
        channel, comment = object_of(data.get("channel_info")), object_of(data.get("comment"))
        is_private = channel.get("is_private")
        if channel.get("is_channel") and "is_private" not in channel:
            is_private = False  # until 2018 Slack said of public channels that they are channels, and no more
        is_some = any(channel.get(name) for name in ("is_im", "is_mpim", "is_group"))
        if why := "private" if is_some else hidden_by(is_private):
            self._leave_out(why)
        elif data.get("subtype") not in _SLACK_SAID:
            self._leave_out("other")
        else:
            place, who, text = (
                origin.rstrip("/").rpartition("/")[2],
                object_of(data.get("user_data")),
                str(data.get("text") or ""),
            )
            by = data.get("user") or comment.get("user") or data.get("bot_id")
            is_bot = bool(who.get("is_bot")) or not (data.get("user") or comment.get("user"))
            reactions = dicts(data.get("reactions"))
            self._run.leave_out(
                "reactions", sum(unnamed(each.get("count"), len(items(each.get("users")))) for each in reactions)
            )
            key, thread = f"{place}/{data['ts']}", data.get("thread_ts")
            yield from self._said(
                key,
                known(self._run, by, who.get("real_name") or who.get("name"), _second(data["ts"]), is_bot=is_bot),
                data["ts"],
                unescape(MENTION.sub("", text)).strip(),
                thread=f"{place}/{thread}" if thread and thread != data["ts"] else None,
                tags=[channel.get("name")],
                mentions=MENTION.findall(text),
                reactions=[
                    (str(each.get("name")).partition("::")[0], by)
                    for each in reactions
                    for by in items(each.get("users"))
                    if isinstance(by, str)
                ],
            )

    def mattermost(self, data: Mapping[str, Any], _origin: str) -> Iterator[Activity]:
        """Yield a post of an open channel; people go by user name."""
        channel, who = object_of(data.get("channel_data")), object_of(data.get("user_data"))
        kind = channel.get("type")
        if why := None if kind == "O" else hidden_by(kind):
            self._leave_out(why)
        elif data.get("type") or data.get("delete_at"):
            self._leave_out("deleted" if data.get("delete_at") else "other")
        else:
            name = " ".join(filter(None, (who.get("first_name"), who.get("last_name")))) or who.get("nickname")
            by = known(self._run, who.get("username") or data.get("user_id"), name, data["create_at"])
            tags, thread = [channel.get("display_name")], data.get("root_id") or data.get("parent_id") or None
            yield from self._said(str(data["id"]), by, data["create_at"], data.get("message"), thread=thread, tags=tags)

    def rocketchat(self, data: Mapping[str, Any], _origin: str) -> Iterator[Activity]:
        """Yield a message of a channel; people go by user name."""
        channel, who = object_of(data.get("channel_info")), object_of(data.get("u"))
        kind = channel.get("t")
        if why := None if kind == "c" else hidden_by(kind):
            self._leave_out(why)
        elif data.get("t"):
            self._leave_out("other")
        else:
            reacted = object_of(data.get("reactions")).items()
            yield from self._said(
                str(data["_id"]),
                known(self._run, who.get("username"), who.get("name"), data["ts"]),
                data["ts"],
                data.get("msg"),
                parent=data.get("parent"),
                thread=data.get("tmid"),
                tags=[channel.get("name")],
                mentions=[
                    each["username"]
                    for each in dicts(data.get("mentions"))
                    if each.get("type", "user") == "user" and each.get("username")
                ],
                reactions=[
                    (emoji.strip(":"), by) for emoji, each in reacted for by in object_of(each).get("usernames") or ()
                ],
            )

    def gitter(self, data: Mapping[str, Any], origin: str) -> Iterator[Activity]:
        """Yield a message of a room; people go by user name. No message says who may read the room."""
        who = object_of(data.get("fromUser"))
        by = known(self._run, who.get("username"), who.get("displayName"), data["sent"])
        named = [each["screenName"] for each in dicts(data.get("mentions")) if each.get("screenName")]
        tags = [origin.rstrip("/").rpartition("/")[2]]
        yield from self._said(
            str(data["id"]), by, data["sent"], data.get("text"), parent=data.get("parentId"), tags=tags, mentions=named
        )

    def zulip(self, data: Mapping[str, Any], _origin: str) -> Iterator[Activity]:
        """Yield a message of a channel; what comes later in a topic answers what began it. People go by e-mail."""
        if why := None if data.get("type") == "stream" else hidden_by(data.get("type")):
            self._leave_out(why)
            return  # no message says who may read its channel
        key, topic = str(data["id"]), str(data.get("subject") or "").removeprefix("✔ ")
        by = known(self._run, data.get("sender_email"), data.get("sender_full_name"), data["timestamp"])
        channel = data.get("display_recipient")
        first = self._begun.setdefault(f"{channel}/{topic.lower()}", key)
        content = str(data.get("content") or "")
        number = data["id"] if isinstance(data["id"], int) else 0
        text, quoted = plain(content), quoted_in_zulip(content, number, data.get("stream_id"))
        yield from self._said(
            key,
            by,
            data["timestamp"],
            text if first != key else f"{topic}\n\n{text}".strip(),
            parent=None if first == key else quoted or first,
            tags=[channel, topic],
            reactions=[
                (str(each.get("emoji_name")), str(object_of(each.get("user")).get("email")))
                for each in dicts(data.get("reactions"))
                if object_of(each.get("user")).get("email")
            ],
        )

    def telegram(self, data: Mapping[str, Any], _origin: str) -> Iterator[Activity]:
        """Yield a message that a bot saw in a group or channel with a public name."""
        message = object_of(data.get("message") or data.get("channel_post"))
        chat, who = object_of(message.get("chat")), object_of(message.get("from"))
        kind = chat.get("type")  # a chat with one person goes by the name of that person
        if why := None if kind in _GROUPS and chat.get("username") else hidden_by(kind):
            self._leave_out(why)
            return
        name = " ".join(filter(None, (who.get("first_name"), who.get("last_name"))))
        account = f"user{who['id']}" if who.get("id") else None
        by = known(self._run, account, name, message["date"], is_bot=bool(who.get("is_bot")))
        answered = object_of(message.get("reply_to_message")).get("message_id")
        place = str(chat["id"]).removeprefix("-100")  # as Telegram Desktop writes it
        parent = None if answered is None else f"{place}/{answered}"
        text = message.get("text") or message.get("caption")
        yield from self._said(f"{place}/{message['message_id']}", by, message["date"], text, parent=parent)

    def _leave_out(self, why: str) -> None:
        self._run.left_out[why] += 1

    def _said(
        self,
        key: str,
        by: str | None,
        at: object,
        text: object,
        *,
        parent: str | None = None,
        thread: str | None = None,
        tags: Sequence[object] = (),
        mentions: Sequence[str] = (),
        reactions: Sequence[tuple[str, str]] = (),
    ) -> Iterator[Activity]:
        published, _ = time_of(_second(at))
        if published is None or not isinstance(text, str) or not text:
            self._leave_out("undated" if published is None else "other")
            return
        self._author[key] = by
        message = Message(
            id=key,
            actor=by,
            published=published,
            text=text,
            parent=parent,
            asker=self._author.get(thread or parent or ""),
            tags=[tag for tag in tags if isinstance(tag, str) and tag],
            mentions=mentions,
            reactions=reactions,
        )
        if thread:
            message.parent = self._follow_ups.answered(thread, message)
        yield from records_of(message)


def _second(at: object) -> object:
    """Return a time as a number where Slack writes it as the id of a message."""
    return float(at) if isinstance(at, str) and re.fullmatch(r"\d+\.\d+", at) else at
