"""Messages as Zulip's API gives them, kept as files beside its list of channels, which alone says what is public."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.dumps.dump import DumpError, Run, chunks_of
from candor.formats.dumps.objects import things_in
from candor.formats.dumps.perceval_chats import Chats
from candor.formats.dumps.perceval_threads import object_of
from candor.formats.lenient import hidden_by
from candor.formats.reading import MALFORMED, from_json, read_item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

_LISTS = ("streams", "subscriptions", "messages")
_UNTOLD = (
    "there is no realm.json, and beside the messages no answer of /api/v1/streams, which says what channels are "
    "public: bring that too, or the whole export of the organisation"
)


class _Channel(msgspec.Struct):
    stream_id: int
    invite_only: bool | msgspec.UnsetType | None = msgspec.UNSET


class _Message(msgspec.Struct):
    type: str = ""
    stream_id: int | None = None


def is_answer(path: Path) -> bool:
    """Say whether a file holds JSON, and is no export."""
    if path.is_dir():
        return False
    with chunks_of(path) as chunks:
        return next(iter(chunks), b"").lstrip()[:1] in {b"{", b"["}


def read_files(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of answers in files. Raises DumpError, UnreadableError."""
    yield from read_answers([partial(_body, path) for path in paths], run)


def read_answers(bodies: Sequence[Callable[[], bytes]], run: Run) -> Iterator[Activity]:
    """Yield the records of messages in channels that are told to be public. Raises DumpError, UnreadableError."""
    hidden: dict[int, str | None] = {}
    whole, broken = list[Callable[[], bytes]](), list[ArchiveError]()
    for body in bodies:
        try:
            hidden |= {each.stream_id: hidden_by(each.invite_only) for each in _channels(body())}
            whole.append(body)
        except ArchiveError as error:
            broken.append(error)
    if broken and not whole:
        raise broken[0]
    if not hidden:
        raise DumpError(_UNTOLD)
    run.leave_out("files", len(broken))
    chats = Chats(run)
    for body in whole:
        yield from run.each(_things(body()), dict[str, Any], partial(_said, hidden, chats, run))


def _body(path: Path) -> bytes:
    with chunks_of(path) as chunks:
        return b"".join(chunks)


def _channels(body: bytes) -> Iterator[_Channel]:
    for thing in _things(body):
        try:
            channel = read_item(thing, _Channel)
        except MALFORMED:
            continue
        if channel.invite_only is not msgspec.UNSET:
            yield channel


def _things(body: bytes) -> Iterator[Any]:
    """Yield the channels and messages in answers, also of several, one a line."""
    for thing in things_in([body]):
        found = object_of(from_json(bytes(thing), "it is not JSON")) if isinstance(thing, msgspec.Raw) else thing
        listed = [each for name in _LISTS if isinstance(each := found.get(name), list)]
        yield from chain.from_iterable(listed) if listed else [found]


def _said(hidden: dict[int, str | None], chats: Chats, run: Run, found: dict[str, Any]) -> Iterator[Activity]:
    if "content" not in found:
        run.leave_out("other", "stream_id" not in found)  # else it is a channel
        return
    message = read_item(found, _Message)
    why = "private" if message.type != "stream" else hidden.get(message.stream_id or 0, "unclear")
    if why:
        run.left_out[why] += 1
        return
    yield from chats.zulip(found, "")
