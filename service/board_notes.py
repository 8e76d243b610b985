"""What changed between two boards: who is among the first places now, who is no longer, who has another place."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from candor.messages.overview import MOST_TOPICS
from candor.scoring.activity import Instant
from candor.scoring.board_row import Standing
from candor.scoring.made_from import TrustRootRef
from candor.scoring.topics import TAG_PREFIX
from candor.scoring.trust_root import root_names
from candor.scoring.words import compact
from candor.store.boards import MOST_LOOKED_THROUGH
from candor.store.client import DamagedValueError
from candor.store.findings import PAGE_ROWS
from candor.store.storage import DamagedFileError
from service.auth import owner
from service.components import fill
from service.context import context
from service.link_notes import note_on_links_of
from service.schemas.base import show_instant
from service.schemas.queries import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from candor.messages.overview import Overview
    from candor.store.history import HistoryStep
    from candor.store.models import AccountName, BoardFacts

MOST_LOOKED_AT = 200_000
"""Of so many records at most an overview is made to say why a board is empty: a part of a second."""
ON_REPLIES = "Hardly any act on this topic shows that somebody agreed: scores rest on replies, which may be objections."
_OTHER_SCALE = frozenset({"method", "root", "topic", "window"})


class PlaceResponse(Struct, frozen=True, kw_only=True):
    """Somebody who is among the first places of a board, or was on the board before."""

    account: Annotated[str, Meta(description="The account's id on its network.")]
    name: Annotated[str | None, Meta(description="Its name, if a record says so.")]
    rank: Annotated[
        int | None,
        Meta(description=f"Its place by expertise on this board; null where it is not in the first {PAGE_ROWS} rows."),
    ]
    before: Annotated[int | None, Meta(description="Its place on the board before, likewise; null on the first board.")]
    score: Annotated[float | None, Meta(description="Its expertise on this board, 0 to 100 points; null likewise.")]
    score_before: Annotated[float | None, Meta(description="Expertise on the board before, in points; null likewise.")]

    @property
    def is_higher(self) -> bool:
        """Whether its place is a better one than before."""
        return self.rank is not None and (self.before is None or self.rank < self.before)

    @property
    def has_shown_score(self) -> bool:
        """Whether its score, as it is shown with one decimal, is the same as before."""
        return None not in (self.score, self.score_before) and f"{self.score:.1f}" == f"{self.score_before:.1f}"


class BoardChanges(Struct, frozen=True, kw_only=True):
    """How a board differs from one before."""

    changed: Annotated[
        tuple[str, ...],
        Meta(
            description="What the board before was made from otherwise: `inputs` (the records), `method`, `root`, "
            "`topic`, `window` (how many days back), `time` (older acts count less). Empty on the first, and where "
            "all of these are the same."
        ),
    ]
    entered: Annotated[
        tuple[PlaceResponse, ...] | None,
        Meta(
            description="Who is among the first places and was not before: on the first board everybody. Null where "
            "the two cannot be compared, as their method, trust root or topic differ."
        ),
    ]
    left: Annotated[
        tuple[PlaceResponse, ...] | None,
        Meta(description="Who was among the first places before and is no longer; null as `entered` is."),
    ]
    moved: Annotated[
        tuple[PlaceResponse, ...] | None,
        Meta(description="Who is among the first places on both, in another place; null as `entered` is."),
    ]
    stayed: Annotated[
        tuple[PlaceResponse, ...] | None,
        Meta(
            description="Who is on both in the same place with a score that differs as shown with one decimal; null as "
            "`entered` is."
        ),
    ]


@dataclass(frozen=True)
class Ranked:
    """Who has a place in the first rows of a board, by account, in order; nobody who is suppressed."""

    facts: BoardFacts
    names: Mapping[str, str | None]
    ranks: Mapping[str, int]
    scores: Mapping[str, float | None]


def first_rows(facts: BoardFacts, kind: str = "all") -> Ranked:
    """Read the first rows of a board, of accounts of a kind, or of a group of kinds."""
    store, kinds = context().store, GROUPS.get(kind, (kind,))
    rows = [row for row in store.boards.first_rows(facts) if row.rank is not None and row.kind in kinds]
    suppressed = store.suppression.among(str(facts.request.network), [row.account for row in rows])
    rows = [row for row in rows if row.account not in suppressed]
    return Ranked(
        facts,
        {row.account: row.name for row in rows},
        {row.account: row.rank for row in rows if row.rank},
        {row.account: row.expertise.score for row in rows},
    )


def changes_between(now: Ranked, before: Ranked | None, places: int) -> BoardChanges:
    """Compare the first places of a board with those of one before; numbers of another kind are not compared."""
    changed = () if before is None else tuple(made_otherwise(now.facts, before.facts))
    if not _OTHER_SCALE.isdisjoint(changed):
        return BoardChanges(changed=changed, entered=None, left=None, moved=None, stayed=None)
    ranks_before: Mapping[str, int] = {} if before is None else before.ranks
    first, first_before = list(now.ranks)[:places], list(ranks_before)[:places]
    names = {**({} if before is None else before.names), **now.names}

    def place(account: str) -> PlaceResponse:
        """Say where an account stands now and stood before."""
        return PlaceResponse(
            account=account,
            name=names[account],
            rank=now.ranks.get(account),
            before=ranks_before.get(account),
            score=now.scores.get(account),
            score_before=None if before is None else before.scores.get(account),
        )

    # of those who are tied any may stand among the first
    same = {each for each, rank in now.ranks.items() if rank == ranks_before.get(each)}
    return BoardChanges(
        changed=changed,
        entered=tuple(place(each) for each in first if each not in {*first_before, *same}),
        left=tuple(place(each) for each in first_before if each not in {*first, *same}),
        moved=tuple(place(each) for each in first if each in first_before and each not in same),
        stayed=tuple(one for one in map(place, first) if one.account in same and _is_otherwise(one)),
    )


def _is_otherwise(place: PlaceResponse) -> bool:
    return None not in (place.score, place.score_before) and not place.has_shown_score


def board_before(facts: BoardFacts, series: list[BoardFacts]) -> BoardFacts | None:
    """Return the board of a series, the latest first, that comes before one."""
    ids = [each.id for each in series]
    place = ids.index(facts.id) + 1 if facts.id in ids else len(ids)
    return series[place] if place < len(series) else None


def latest(facts: BoardFacts) -> tuple[str, str]:
    """Return what sorts boards by the time they speak of, then by when they were made."""
    return show_instant(facts.request.as_of), show_instant(facts.made_at or facts.request.as_of)


def made_otherwise(now: BoardFacts, before: BoardFacts) -> Iterator[str]:
    """Yield what two boards were made from otherwise, in the words of a history where it has them."""
    after, asked = now.request, before.request
    differs = {
        "inputs": after.dataset_digest != asked.dataset_digest,
        "method": now.method != before.method,
        "root": after.trust_root.digest != asked.trust_root.digest,
        "topic": now.topic.digest != before.topic.digest,
        "window": after.window_days != asked.window_days or after.profile != asked.profile,
        "time": after.as_of != asked.as_of,
    }
    return (name for name, is_other in differs.items() if is_other)


def note_of(facts: BoardFacts) -> str | None:
    """Return what to know of a board, in words.

    Why it is empty; else that its records do not hang together, that trusted accounts are not in them, or
    that scores rest on replies.
    """
    if not facts.people:
        return _why_empty(facts)
    return (
        " ".join(filter(None, (note_on_links_of(facts.owner, facts.request), _absent(facts), _replies(facts)))) or None
    )


def _absent(facts: BoardFacts) -> str | None:
    if not facts.absent:
        return None
    trusted = facts.request.trust_root.size
    if facts.absent == trusted:
        return (
            f"None of the trusted accounts ({trusted}) is in these records, so nobody can have an expertise score: "
            "look whether they are written as the records write them."
        )
    return (
        f"Not in these records: {facts.absent} of the {trusted} trusted accounts. They still count as trusted people, "
        "and that can lower scores."
    )


def _replies(facts: BoardFacts) -> str | None:
    return ON_REPLIES if facts.on_replies else None


def _why_empty(facts: BoardFacts) -> str:
    """Say why nobody is on a board: a tag that nobody used, records that all came later, or a time too long ago."""
    day, overview = show_instant(facts.request.as_of).partition("T")[0], _overview(facts)
    if overview is not None and overview.first is not None and overview.first >= facts.request.as_of:
        first = show_instant(overview.first).partition("T")[0]
        return (
            f"All records of this data set are of {first} or later, and only what came before {day} was read. Ask with "
            "a later `as_of`, or correct the times in the records."
        )
    tags = {compact(each.label): each.label for each in overview.topics} if overview is not None else {}
    asked = facts.topic.id.removeprefix(TAG_PREFIX)
    if facts.topic.id.startswith(TAG_PREFIX) and 0 < len(tags) < MOST_TOPICS and compact(asked) not in tags:
        near = get_close_matches(compact(asked), tags, n=1)
        return f"No record has the tag {asked!r}" + (f": did you mean {tags[near[0]]!r}?" if near else ".")
    days = facts.request.window_days
    return (
        f"Nobody did anything on this topic in the {days} day{'s' if days > 1 else ''} before {day}. "
        "Ask for older records with an earlier `as_of`."
    )


def _overview(facts: BoardFacts) -> Overview | None:
    """Return the overview of the records that a board was made from; None where they are not here, or many.

    A list of jobs asks this too, and is answered whatever becomes of one data set.
    """
    request = facts.request
    with contextlib.suppress(LookupError, OSError, DamagedValueError, DamagedFileError):
        dataset = context().store.datasets.get(facts.owner, str(request.dataset))
        if dataset and dataset.digest == request.dataset_digest and dataset.records <= MOST_LOOKED_AT:
            return context().overviews.of(facts.owner, dataset.id)
    return None


class BoardPlace(Struct, frozen=True, kw_only=True):
    """Where the account stands on a board."""

    board_id: Annotated[str, Meta(description="Id of the board.")]
    board_url: Annotated[str, Meta(description="Where the board is.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of.")]
    dataset: Annotated[str, Meta(description="The data set that it ranks.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    rank: Annotated[int | None, Meta(description="Its place by expertise; null without a score.")]
    of: Annotated[int | None, Meta(description="How many people have a score there, or null.")]
    score: Annotated[float | None, Meta(description="Expertise, 0 to 100 points, or null.")]
    standing: Annotated[
        Standing, Meta(description="shared: the score is an estimate; exact: it is that of a document.")
    ]


PLACES_WORDS = (
    "The boards of the same data sets, topic and trust roots that are kept, oldest first, as far as the account is "
    f"among their first {MOST_LOOKED_THROUGH} rows: also those from which no document of it was made."
)


def places_on_boards(whose: AccountName, topic_id: str, steps: Iterable[HistoryStep]) -> list[BoardPlace]:
    """Return where an account stands on the boards of the questions that some of its scores answer, oldest first."""
    asked = {(step.dataset, root_names(step.trust_root)[0]) for step in steps if step.dataset is not None}
    found = (place for dataset, root in sorted(asked) for place in _on(whose, dataset, topic_id, root))
    return sorted(found, key=lambda place: place.as_of)


def _on(whose: AccountName, dataset_id: str, topic_id: str, root: str) -> Iterator[BoardPlace]:
    boards = context().store.boards
    for facts in reversed(boards.series_of(owner(), dataset_id, topic_id, root)):
        row = boards.row_of(facts, whose.account) if facts.request.network == whose.network else None
        if row is not None:
            yield BoardPlace(
                board_id=facts.id,
                board_url=f"/v1/boards/{facts.id}",
                as_of=facts.request.as_of,
                dataset=dataset_id,
                trust_root=fill(TrustRootRef, facts.request.trust_root),
                method=facts.method,
                rank=row.rank,
                of=row.position.of,
                score=row.expertise.score,
                standing=row.standing,
            )
