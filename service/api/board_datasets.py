"""Boards by data set: who comes first on one topic in each of a caller's communities, side by side."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.scoring.document import TrustRootRef
from candor.scoring.words import compact
from service.api.boards import kept_board
from service.auth import owner
from service.board_notes import latest, ranked
from service.components import fill
from service.context import context
from service.resource import Resource
from service.schemas.queries import PLACES, FirstPlacesQuerySchema

if TYPE_CHECKING:
    from candor.scoring.topics import Topic
    from candor.store.models import BoardFacts

MOST_BOARDS = 6

resource = Resource("boards by data set", "Who comes first on one topic in each of your communities.")


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


_EXAMPLE = BoardDatasetsResponse(
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


@resource.operation("GET", "/v1/boards/<board_id>/datasets", scope="read", problems=("not_found", "invalid"))
@resource.query(FirstPlacesQuerySchema)
@resource.response(200, BoardDatasetsResponse, description="The first places.", example=_EXAMPLE)
def read_board_datasets(query: dict[str, Any], board_id: str) -> BoardDatasetsResponse:
    """List who comes first on a board, and on the newest boards of your other data sets on the same topic.

    It makes no board. Tags that differ in case or separators alone are the same topic. A score says where somebody
    stands among the people of that data set, under that trust root: do not compare it with one of another.
    """
    return first_by_dataset(kept_board(board_id), query["kind"], query["places"])


def first_by_dataset(facts: BoardFacts, kind: str, places: int = PLACES) -> BoardDatasetsResponse:
    """Return who comes first on a board and on the newest boards of the owner's other data sets on its topic."""
    boards = (facts, *_others(facts)[: MOST_BOARDS - 1])
    return BoardDatasetsResponse(boards=tuple(_board(each, kind, places) for each in boards))


def _others(facts: BoardFacts) -> list[BoardFacts]:
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
    found = ranked(facts, kind)
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
