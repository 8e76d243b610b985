"""Boards by trust root: who stands where on the boards of one question, depending on whose word counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.scoring.document import TrustRootRef
from candor.scoring.trust_root import root_names
from candor.store.boards import PAGE_ROWS
from service.api.boards import kept_board
from service.auth import owner
from service.board_notes import latest, made_otherwise, ranked
from service.components import fill
from service.context import context
from service.resource import Resource
from service.schemas.queries import PLACES, FirstPlacesQuerySchema

if TYPE_CHECKING:
    from candor.store.models import BoardFacts
    from service.board_notes import Ranked

MOST_BOARDS = 6

resource = Resource("boards by trust root", "How the places on a board depend on whose word counts.")


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


_EXAMPLE = BoardRootsResponse(
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


@resource.operation("GET", "/v1/boards/<board_id>/trust-roots", scope="read", problems=("not_found", "invalid"))
@resource.query(FirstPlacesQuerySchema)
@resource.response(200, BoardRootsResponse, description="The places.", example=_EXAMPLE)
def read_board_roots(query: dict[str, Any], board_id: str) -> BoardRootsResponse:
    """Compare the first places of a board with those of the same question asked under other trust roots.

    It makes no board: of each trust root that the data set was ranked under on this topic, by the same method, the
    newest board is taken. A place that holds whoever is trusted says more than one that does not.
    """
    return places_by_root(kept_board(board_id), query["kind"], query["places"])


def places_by_root(facts: BoardFacts, kind: str, places: int = PLACES) -> BoardRootsResponse:
    """Return where the first people of a board stand under the trust roots of the newest boards beside it."""
    boards = [ranked(each, kind) for each in (facts, *_others(facts)[: MOST_BOARDS - 1])]
    firsts = [[account for account, rank in board.ranks.items() if rank <= places] for board in boards]
    listed = sorted({account for first in firsts for account in first}, key=lambda each: _order(each, boards))
    on_all = [each for each in listed if len(boards) > 1 and all(each in first for first in firsts)]
    return BoardRootsResponse(
        boards=tuple(_under_root(board.facts, facts) for board in boards),
        accounts=tuple(_places(account, boards) for account in listed),
        on_all=tuple(on_all),
    )


def _others(facts: BoardFacts) -> list[BoardFacts]:
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
