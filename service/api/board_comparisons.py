"""Boards side by side: one question under several trust roots, and one topic in several data sets."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.scoring.made_from import TrustRootRef
from candor.scoring.trust_root import root_names
from candor.scoring.words import compact
from candor.store.findings import PAGE_ROWS
from service.api.boards import kept_board
from service.auth import owner
from service.board_notes import first_rows, latest, made_otherwise
from service.components import fill
from service.context import context
from service.resource import Resource
from service.schemas.queries import PLACES, FirstPlacesQuerySchema

if TYPE_CHECKING:
    from candor.scoring.topics import Topic
    from candor.store.models import BoardFacts
    from service.board_notes import Ranked


MOST_BOARDS = 6

by_root = Resource("boards by trust root", "How the places on a board depend on whose word counts.")


class BoardUnderRoot(Struct, frozen=True, kw_only=True):
    """A board of the same data set and topic, and whose word counted on it."""

    board_id: Annotated[str, Meta(description="Id of the board.")]
    board_url: Annotated[str, Meta(description="Where the board is.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    differs: Annotated[
        tuple[str, ...],
        Meta(
            description="What it was made from otherwise, beside the trust root: `inputs` (the records), `topic` (its "
            "words), `window` (how many days back). Empty where only the trust root is another, or the time."
        ),
    ]


class PlacesOfAccount(Struct, frozen=True, kw_only=True):
    """Where an account stands on each of the boards, in their order."""

    account: Annotated[str, Meta(description="The account's id on its network.")]
    name: Annotated[str | None, Meta(description="Its name, if a record says so.")]
    ranks: Annotated[
        tuple[int | None, ...],
        Meta(description=f"Its place by expertise; null without one in the first {PAGE_ROWS} rows of that board."),
    ]
    scores: Annotated[tuple[float | None, ...], Meta(description="Its expertise, 0 to 100 points; null likewise.")]


class BoardRootsResponse(Struct, frozen=True, kw_only=True):
    """The first places of one question, under each trust root."""

    boards: Annotated[
        tuple[BoardUnderRoot, ...],
        Meta(description=f"The board asked for, then the newest under other trust roots: at most {MOST_BOARDS}."),
    ]
    accounts: Annotated[
        tuple[PlacesOfAccount, ...],
        Meta(description="Who is among the first places on any of them, by their best place."),
    ]
    on_all: Annotated[
        tuple[str, ...],
        Meta(description="Ids of those who are among the first places on every board; empty where there is only one."),
    ]


_ROOTS_EXAMPLE = BoardRootsResponse(
    boards=(
        BoardUnderRoot(
            board_id="bd_3f",
            board_url="/v1/boards/bd_3f",
            trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:11e0…", size=41),
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
            differs=(),
        ),
        BoardUnderRoot(
            board_id="bd_91",
            board_url="/v1/boards/bd_91",
            trust_root=TrustRootRef(id=None, kind="network", digest="sha256:0b7d…", size=0),
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
            differs=(),
        ),
    ),
    accounts=(
        PlacesOfAccount(account="u19", name="Ada", ranks=(1, 4), scores=(62.5, 48.1)),
        PlacesOfAccount(account="u7", name=None, ranks=(12, 1), scores=(31.4, 55.0)),
    ),
    on_all=("u19",),
)


@by_root.operation("GET", "/v1/boards/<board_id>/trust-roots", scope="read", problems=("not_found", "invalid"))
@by_root.query(FirstPlacesQuerySchema)
@by_root.response(200, BoardRootsResponse, description="The places.", example=_ROOTS_EXAMPLE)
def read_board_roots(query: dict[str, Any], board_id: str) -> BoardRootsResponse:
    """Compare the first places of a board with those of the same question asked under other trust roots.

    It makes no board: of each trust root that the data set was ranked under on this topic, by the same method, the
    newest board is taken. A place that holds whoever is trusted says more than one that does not.
    """
    return places_by_root(kept_board(board_id), query["kind"], query["places"])


def places_by_root(facts: BoardFacts, kind: str, places: int = PLACES) -> BoardRootsResponse:
    """Return where the first people of a board stand under the trust roots of the newest boards beside it."""
    boards = [first_rows(each, kind) for each in (facts, *_under_other_roots(facts)[: MOST_BOARDS - 1])]
    firsts = [[account for account, rank in board.ranks.items() if rank <= places] for board in boards]
    listed = sorted({account for first in firsts for account in first}, key=lambda each: _order(each, boards))
    on_all = [each for each in listed if len(boards) > 1 and all(each in first for first in firsts)]
    return BoardRootsResponse(
        boards=tuple(_under_root(board.facts, facts) for board in boards),
        accounts=tuple(_places(account, boards) for account in listed),
        on_all=tuple(on_all),
    )


def _under_other_roots(facts: BoardFacts) -> list[BoardFacts]:
    """Return the newest board on the same topic under each other trust root, by the same method, the latest first."""
    kept = context().store.boards.of_dataset(owner(), str(facts.request.dataset))
    alike = [
        each
        for each in kept
        if (each.topic.id, each.method) == (facts.topic.id, facts.method) and each.request.trust_root.kind != "none"
    ]
    newest: dict[str, BoardFacts] = {}
    for each in sorted(alike, key=latest, reverse=True):
        newest.setdefault(root_names(each.request.trust_root)[0], each)
    newest.pop(root_names(facts.request.trust_root)[0], None)
    return list(newest.values())


def _under_root(facts: BoardFacts, shown: BoardFacts) -> BoardUnderRoot:
    return BoardUnderRoot(
        board_id=facts.id,
        board_url=f"/v1/boards/{facts.id}",
        trust_root=fill(TrustRootRef, facts.request.trust_root),
        as_of=facts.request.as_of,
        differs=tuple(name for name in made_otherwise(facts, shown) if name != "root"),
    )


def _places(account: str, boards: list[Ranked]) -> PlacesOfAccount:
    names = (board.names.get(account) for board in boards)
    return PlacesOfAccount(
        account=account,
        name=next((name for name in names if name), None),
        ranks=tuple(board.ranks.get(account) for board in boards),
        scores=tuple(board.scores.get(account) for board in boards),
    )


def _order(account: str, boards: list[Ranked]) -> tuple[list[int], str]:
    """Sort by the best place, then the next best, and so on."""
    return sorted(board.ranks.get(account, PAGE_ROWS + 1) for board in boards), account


by_dataset = Resource("boards by data set", "Who comes first on one topic in each of your communities.")


class FirstPlace(Struct, frozen=True, kw_only=True):
    """Somebody among the first of a board."""

    account: Annotated[str, Meta(description="The account's id on its network.")]
    name: Annotated[str | None, Meta(description="Its name, if a record says so.")]
    rank: Annotated[int, Meta(description="Its place by expertise on this board.")]
    score: Annotated[float | None, Meta(description="Its expertise on this board, 0 to 100 points; null without one.")]


class BoardOfDataset(Struct, frozen=True, kw_only=True):
    """A board on the topic, which data set it is of, and who comes first on it."""

    board_id: Annotated[str, Meta(description="Id of the board.")]
    board_url: Annotated[str, Meta(description="Where the board is.")]
    dataset: Annotated[str, Meta(description="Id of the data set.")]
    network: Annotated[str, Meta(description="The network that its accounts are on.")]
    topic: Annotated[str, Meta(description="The topic as it was asked for: a tag may be written otherwise.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    first: Annotated[tuple[FirstPlace, ...], Meta(description="Who comes first, by place.")]


class BoardDatasetsResponse(Struct, frozen=True, kw_only=True):
    """Who comes first on one topic in each data set. No score is added up or compared over data sets."""

    boards: Annotated[
        tuple[BoardOfDataset, ...],
        Meta(description=f"The board asked for, then the newest of each other data set: at most {MOST_BOARDS}."),
    ]


_DATASETS_EXAMPLE = BoardDatasetsResponse(
    boards=(
        BoardOfDataset(
            board_id="bd_3f",
            board_url="/v1/boards/bd_3f",
            dataset="space",
            network="custom:space",
            topic="tag:cubesat",
            trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:11e0…", size=41),
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
            method="2.0.0",
            first=(FirstPlace(account="u19", name="Ada", rank=1, score=62.5),),
        ),
        BoardOfDataset(
            board_id="bd_91",
            board_url="/v1/boards/bd_91",
            dataset="makers",
            network="custom:makers",
            topic="tag:CubeSat",
            trust_root=TrustRootRef(id=None, kind="network", digest="sha256:0b7d…", size=0),
            as_of=datetime(2026, 10, 1, tzinfo=UTC),
            method="2.0.0",
            first=(FirstPlace(account="kim", name=None, rank=1, score=31.4),),
        ),
    ),
)


@by_dataset.operation("GET", "/v1/boards/<board_id>/datasets", scope="read", problems=("not_found", "invalid"))
@by_dataset.query(FirstPlacesQuerySchema)
@by_dataset.response(200, BoardDatasetsResponse, description="The first places.", example=_DATASETS_EXAMPLE)
def read_board_datasets(query: dict[str, Any], board_id: str) -> BoardDatasetsResponse:
    """List who comes first on a board, and on the newest boards of your other data sets on the same topic.

    It makes no board. Tags that differ in case or separators alone are the same topic. A score says where somebody
    stands among the people of that data set, under that trust root: do not compare it with one of another.
    """
    return first_by_dataset(kept_board(board_id), query["kind"], query["places"])


def first_by_dataset(facts: BoardFacts, kind: str, places: int = PLACES) -> BoardDatasetsResponse:
    """Return who comes first on a board and on the newest boards of the owner's other data sets on its topic."""
    boards = (facts, *_of_other_datasets(facts)[: MOST_BOARDS - 1])
    return BoardDatasetsResponse(boards=tuple(_board(each, kind, places) for each in boards))


def _of_other_datasets(facts: BoardFacts) -> list[BoardFacts]:
    """Return of each other data set the newest board on the same topic that trusts anybody, the latest first."""
    store, newest = context().store, []
    for dataset in store.datasets.all_of(owner()):
        alike = [
            each
            for each in store.boards.of_dataset(owner(), dataset.id)
            if topic_key(each.topic) == topic_key(facts.topic) and each.request.trust_root.kind != "none"
        ]
        if alike and dataset.id != facts.request.dataset:
            newest.append(max(alike, key=latest))
    return sorted(newest, key=latest, reverse=True)


def topic_key(topic: Topic) -> tuple[str, bool]:
    """Return what is equal for topics that are the same: a tag is, however its letters and separators are written."""
    return (topic.id, False) if topic.tag is None else (compact(topic.tag), True)


def _board(facts: BoardFacts, kind: str, places: int) -> BoardOfDataset:
    found = first_rows(facts, kind)
    return BoardOfDataset(
        board_id=facts.id,
        board_url=f"/v1/boards/{facts.id}",
        dataset=str(facts.request.dataset),
        network=str(facts.request.network),
        topic=facts.topic.id,
        trust_root=fill(TrustRootRef, facts.request.trust_root),
        as_of=facts.request.as_of,
        method=facts.method,
        first=tuple(
            FirstPlace(account=account, name=found.names[account], rank=rank, score=found.scores[account])
            for account, rank in itertools.islice(found.ranks.items(), places)
        ),
    )
