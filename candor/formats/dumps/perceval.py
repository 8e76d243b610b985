"""What Perceval writes, one item a line: git, mailing lists and Discourse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps import discourse, git, mbox
from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="perceval",
    label="Perceval items",
    files="items of the backends Git, MBox, Pipermail, HyperKitty, Groupsio, NNTP and Discourse, one a line",
    network="that of what was read: git:NAME, custom:NAME, discourse:HOST",
    account="as in the format of the same name",
    question="as there",
    answer="as there",
    accept="as there",
    review="as there",
    trusted="as there",
    lost="items of other backends, counted",
)


class _Item(msgspec.Struct):
    backend_name: str
    data: dict[str, Any]


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of items. Raises UnreadableError."""
    for path in paths:
        yield from run.each(objects_in(path), _Item, lambda item: _said(item, run))


def _said(item: _Item, run: Run) -> Iterator[Activity]:
    make = _BACKENDS.get(item.backend_name.lower())
    if make is None:
        run.left_out["other"] += 1
        return
    yield from make(item.data, run)


def _commit(data: Mapping[str, Any], run: Run) -> Iterator[Activity]:
    head = {name: data[name] for name in ("Author", "AuthorDate", "Commit", "CommitDate") if name in data}
    paths = [str(each["file"]) for each in data.get("files") or () if each.get("file")]
    text = str(data.get("message") or "").splitlines()
    return git.records_of(git.Commit(str(data["commit"]), head=head, text=text, paths=paths), (), run)


def _mail(data: Mapping[str, Any], run: Run) -> Iterator[Activity]:
    head = {name.lower(): value for name, value in data.items()}
    body = head.get("body")
    text = str((body.get("plain") if isinstance(body, dict) else body) or "")
    return mbox.records_of(mbox.mail_of(lambda name: str(head.get(name.lower()) or ""), text), run)


def _topic(data: Mapping[str, Any], run: Run) -> Iterator[Activity]:
    whole = msgspec.json.decode(msgspec.json.encode(data), type=discourse.Topic, strict=False)
    return discourse.records_of(whole, run)


_BACKENDS: dict[str, Callable[[Mapping[str, Any], Run], Iterator[Activity]]] = {
    "git": _commit,
    **dict.fromkeys(("mbox", "pipermail", "hyperkitty", "groupsio", "nntp"), _mail),
    "discourse": _topic,
}
FORMAT = Format(FACTS, read)
