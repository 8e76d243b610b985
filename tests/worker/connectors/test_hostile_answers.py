"""Whatever a network answers, a connector ends with records that could have been uploaded, and with gaps."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect as shapes

import worker.connectors
from candor.scoring.records import RecordReader
from worker.connectors import CONNECTORS
from worker.connectors.source import Access, Gaps, Source, UnknownAccountError, read
from worker.outbound import BudgetSpentError, GoneError, OutboundError, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
NETWORKS = {"stackexchange": "stackexchange:travel", "discourse": "discourse:forum.example"}
ACCOUNTS = {"mastodon": "@ada@example.social", "bluesky": "ada.example", "stackexchange": "19"}
PACK = f"at://did:plc:{'a' * 24}/app.bsky.graph.starterpack/p"
LISTS = {"mastodon": "example.social/lists/7", "bluesky": PACK, "x": "84"}
WORDS = [
    "public",
    "public",
    "",
    "1",
    "ada",
    "public",
    "2026-10-01T00:00:00Z",
    "https://github.com/a/b/pull/1",
    f"did:plc:{'a' * 24}",
]
WORDS += [f"at://did:plc:{'a' * 24}/app.bsky.feed.post/1", "https://example.social/posts/1", "accepted", "APPROVED"]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)
ENVELOPE = st.fixed_dictionaries({"data": JUNK, "includes": JUNK, "errors": JUNK, "meta": JUNK})
PLAIN = {
    shapes.StrType: st.sampled_from(WORDS),
    shapes.IntType: st.sampled_from([0, 1, 19, 2_000_000_000, -1]),
    shapes.FloatType: st.floats(allow_nan=False),
    shapes.BoolType: st.booleans(),
    shapes.NoneType: st.none(),
    shapes.DateTimeType: st.sampled_from(["2026-10-01T00:00:00Z", 1_790_812_800, "0001-01-01T00:00:00+14:00"]),
}


def like(kind: shapes.Type, depth: int = 0) -> st.SearchStrategy[Any]:
    """JSON of a shape, with something wrong in it now and then."""
    if isinstance(kind, shapes.StructType):
        needed = {f.encode_name: like(f.type, depth + 1) for f in kind.fields if f.required}
        others = {f.encode_name: like(f.type, depth + 1) for f in kind.fields if not f.required and depth < 2}
        return st.fixed_dictionaries(needed, optional=others)
    if isinstance(kind, shapes.ListType):
        return st.lists(like(kind.item_type, depth + 1), max_size=2) if depth < 5 else st.just([])
    if isinstance(kind, shapes.UnionType):
        return st.one_of([like(each, depth) for each in kind.types])
    odd = st.integers(0, 79).flatmap(lambda dice: JUNK if dice == 0 else PLAIN.get(type(kind), JUNK))
    return odd if type(kind) in PLAIN else JUNK


@cache
def nearly(kind: type) -> st.SearchStrategy[Any]:
    return like(shapes.type_info(kind))


class Stranger:
    """A way out behind which anything answers anything."""

    def __init__(self, data: Any) -> None:
        self.draw = data.draw
        self._left = 15

    def get_json(self, url: str, **_named: Any) -> Reply:
        if not self._left:
            raise BudgetSpentError("enough")
        self._left -= 1
        link = self.draw(st.sampled_from(["", f'<{url}>; rel="next"', f'<{url}&x>; rel="next"', "<::>; rel=next"]))
        reply = Reply(
            url=url,
            status=200,
            json=self.draw(ENVELOPE if self.draw(st.booleans()) else JUNK),
            headers={"link": link},
            fetched_at=UNTIL,
        )
        if self.draw(st.integers(0, 19)) == 0:
            raise GoneError("stranger.example", "has this no more", reply)
        return reply

    def post_json(self, url: str, _body: Any, **named: Any) -> Reply:
        return self.get_json(url, **named)

    def forget(self, *replies: Reply) -> None:
        pass


class HostileSource(Source):
    """Puts JSON that is nearly right where it is read, and leaves the rest as the stranger said it."""

    def of(self, kind: type) -> Any:
        return self.outbound.draw(nearly(kind))

    def items(self, what: str, reply: Reply, kind: type, *path: str) -> list[Any]:
        found: Any = [self.of(kind) for _ in range(self.outbound.draw(st.integers(0, 3)))]
        for step in reversed(path):
            found = {step: found}
        return super().items(what, msgspec.structs.replace(reply, json=found), kind, *path)

    def shape(self, what: str, url: str, value: Any, kind: type) -> Any:
        return super().shape(what, url, value if self.outbound.draw(st.booleans()) else self.of(kind), kind)

    def read(self, reply: Reply, kind: type) -> Any:
        return read(msgspec.structs.replace(reply, json=self.of(kind)), kind)


@contextlib.contextmanager
def reading_from(source: HostileSource) -> Iterator[None]:
    """Let every connector read what it can not do without from there, too."""
    with contextlib.ExitStack() as patches:
        for module in pkgutil.iter_modules(worker.connectors.__path__):
            loaded = importlib.import_module(f"worker.connectors.{module.name}")
            if module.name != "source" and hasattr(loaded, "read"):
                patches.enter_context(patch.object(loaded, "read", source.read))
        yield


def keep(came: list[Any], ask: Callable[[], Iterable[Any]]) -> None:
    """Take what comes until one of the errors that a connector may raise."""
    with contextlib.suppress(OutboundError, BudgetSpentError, UnknownAccountError):
        for each in islice(ask(), 500):
            came.append(each)  # noqa: PERF402 what came before an error counts


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.facts.family)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_answer_leaves_records_and_gaps_and_no_other_error(connector, data):
    family = connector.facts.family
    stranger: Any = Stranger(data)
    source = HostileSource(stranger, Gaps(), Access(tokens={"api.x.com": "t", "api.github.com": "t"}))
    account, came = ACCOUNTS.get(family, "ada"), []
    with reading_from(source):
        reading = connector(source, NETWORKS.get(family, family))
        keep(came, lambda: [reading.profile(account).account])
        keep(came, lambda: reading.activities(account, SINCE, UNTIL))
        keep(came, lambda: reading.recognition(list(came)))
        keep(came, lambda: reading.vouches_of(account))
        keep([], lambda: reading.list_members(LISTS.get(family, "lab")))
    reader = RecordReader()
    reader.feed(msgspec.json.encode(each) for each in came)
    assert not reader.bad
    assert all(isinstance(line, str) for line in source.gaps.lines())
