"""Threads in what Perceval writes: a post, and what others answered, liked and decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from candor.formats.reading import record
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from candor.formats.dumps.dump import Run
    from candor.scoring.activity import Activity


@dataclass(frozen=True)
class Post:
    """What somebody wrote: `at` as its source writes it, `likes` who liked it and when, `kind` where it is no reply."""

    key: str
    by: str | None
    at: object
    text: str
    kind: str = "reply"
    to: str | None = None
    value: float | None = None
    likes: Sequence[tuple[str | None, object]] = ()


def thread(first: Post, tags: Iterable[object], url: object, others: Iterable[Post], run: Run) -> Iterator[Activity]:
    """Yield a post with whatever answers it, by order; what has no time is counted. May raise MALFORMED."""
    named = [tag for tag in tags if isinstance(tag, str) and tag]
    link = url if isinstance(url, str) else None
    yield record(
        type=first.kind, id=first.key, actor=first.by, published=_at(first), content=first.text, tags=named, url=link
    )
    yield from _liked(first)
    for each in others:
        if time_of(each.at)[0] is None:
            run.left_out["undated"] += 1
            continue
        said: dict[str, Any] = {"content": each.text} if each.text else {}
        said |= {} if each.value is None else {"value": each.value}
        act = {"actor": each.by, "published": _at(each), "object": each.to or first.key}
        yield record(type=each.kind, id=each.key, **act, **said)
        yield from _liked(each)


def _at(post: Post) -> datetime | None:
    return time_of(post.at)[0]


def _liked(post: Post) -> Iterator[Activity]:
    for by, at in post.likes:
        if by and by != post.by and (when := time_of(at)[0] or _at(post)):
            yield record(type="like", id=f"{post.key}/like/{by}", actor=by, published=when, object=post.key)


def dicts(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list, also one that stands there alone; anything else has none."""
    found = [value] if isinstance(value, dict) and value else value
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def object_of(value: object) -> dict[str, Any]:
    """Return an object as it is; anything else is one without fields."""
    return value if isinstance(value, dict) else {}


def text_of(*parts: object) -> str:
    """Return the texts among the parts, an empty line between them."""
    return "\n\n".join(part for part in parts if isinstance(part, str) and part.strip()).strip()


def known(run: Run, account: object, name: object, at: object, *, is_bot: bool = False) -> str | None:
    """Return an account as a text, and take in how it is called; None where there is none."""
    if account == "" or not isinstance(account, str | int):
        return None
    if (when := time_of(at)[0]) is not None:
        run.name(str(account), name if isinstance(name, str) and name else None, when, "bot" if is_bot else None)
    return str(account)
