"""Followed boards: kept up to date when their data set changes, with who entered and who left the first places."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import marshmallow as ma
import msgspec
from flask import request
from marshmallow import validate
from msgspec import Meta, Struct
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.store.client import DamagedValueError
from candor.store.followed_boards import FollowedBoard
from service.auth import owner
from service.board_notes import BoardChanges, PlaceResponse, changes_between, first_rows
from service.components import fill
from service.context import context
from service.following import source_of
from service.http import match_checker, tagged
from service.job_inputs import resolve_topic
from service.named_dataset import faults_of_id
from service.paging import Listed, Page, page_of
from service.problems import Fault, ProblemError, invalid, no_dataset, no_trust_root
from service.resource import Resource
from service.sample import find_dataset, find_root
from service.schemas.base import PageQuerySchema, WholeNumber, text
from service.schemas.parameters import ETAG_HEADER, IF_MATCH, IF_NEW, IF_NONE_MATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from service.board_notes import Ranked


resource = Resource("followed boards", "Boards that are made again when their data set has changed.")
FOLLOWED_BODY_EXAMPLE = {
    "dataset": "sample",
    "topic": "space-technology",
    "trust_root": "sample",
    "every": 60,
    "places": 10,
}


class FollowedBoardBodySchema(ma.Schema):
    """Which board to keep up to date."""

    dataset = text("Id of the data set to rank.", required=True)
    topic = text("Id of the topic: of the catalogue, of your own, or `tag:NAME`.", required=True)
    trust_root = text("Whose word counts: the id of a trust root, `network` or `none`.", required=True)
    window_days = WholeNumber(
        load_default=1825,
        validate=validate.Range(min=1, max=36_500),
        metadata={"description": "How many days back to read."},
    )
    every = WholeNumber(
        load_default=60,
        validate=validate.Range(min=1, max=43_200),
        metadata={"description": "How many minutes are at least between two boards."},
    )
    places = WholeNumber(
        load_default=10,
        validate=validate.Range(min=1, max=100),
        metadata={
            "description": "Of how many at the top it is said who entered and who left. Nobody without a score is."
        },
    )


class UpdateResponse(BoardChanges, frozen=True, kw_only=True):
    """A board that took the place of the one before, of those that are still kept."""

    board_id: Annotated[str, Meta(description="Id of the board.")]
    board_url: Annotated[str, Meta(description="Where the board is.")]
    made_at: Annotated[Instant, Meta(description="When it was made.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of: only what happened before it was read.")]


class FollowedBoardResponse(Struct, frozen=True, kw_only=True):
    """A board that is kept up to date."""

    id: Annotated[str, Meta(description="Its id.")]
    dataset: Annotated[str, Meta(description="The data set that is ranked.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    trust_root: Annotated[str, Meta(description="Whose word counts.")]
    window_days: Annotated[int, Meta(description="How many days back are read.")]
    every: Annotated[int, Meta(description="How many minutes are at least between two boards.")]
    places: Annotated[int, Meta(description="How many people count as the first places.")]
    board_url: Annotated[str | None, Meta(description="Where the newest board is; null before the first is made.")]
    job_url: Annotated[str | None, Meta(description="The job that makes the next board, or null.")]
    next_at: Annotated[Instant | None, Meta(description="From when on the next board may be made, or null.")]
    error: Annotated[str | None, Meta(description="Why there was no board the last time, or null.")]
    updates: Annotated[
        tuple[UpdateResponse, ...],
        Meta(description="The boards made so far, the newest first: the last fifty, but for those deleted or over."),
    ]


_EXAMPLE = FollowedBoardResponse(
    id="space-experts",
    dataset="sample",
    topic="space-technology",
    trust_root="sample",
    window_days=1825,
    every=60,
    places=10,
    board_url="/v1/boards/bd_3f",
    job_url=None,
    next_at=datetime(2026, 11, 1, 10, tzinfo=UTC),
    error=None,
    updates=(
        UpdateResponse(
            board_id="bd_3f",
            board_url="/v1/boards/bd_3f",
            made_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
            as_of=datetime(2026, 11, 1, 9, tzinfo=UTC),
            changed=(),
            entered=(
                PlaceResponse(
                    account="p03", name="Teodora Vasile", rank=1, before=None, score=66.760736, score_before=None
                ),
            ),
            left=(),
            moved=(),
            stayed=(),
        ),
    ),
)


@resource.operation(
    "PUT",
    "/v1/followed-boards/<followed_id>",
    scope="write",
    problems=("precondition_failed", "too_large", "unsupported_media_type", "invalid"),
    parameters=[IF_MATCH, IF_NEW],
)
@resource.body(FollowedBoardBodySchema, example=FOLLOWED_BODY_EXAMPLE)
@resource.response(
    200, FollowedBoardResponse, description="It is followed as asked.", example=_EXAMPLE, headers=ETAG_HEADER
)
@resource.other_response(
    201, FollowedBoardResponse, description="It is followed from now on.", example=_EXAMPLE, headers=ETAG_HEADER
)
def write_followed_board(given: dict[str, Any], followed_id: str) -> Response:
    """Keep a board up to date: it is made now, and again when its data set has changed.

    Webhooks that ask for `board.updated` are told each time; who entered and who left the first places is read here.
    Asked for the same board again, the history stays.

    What an id follows is replaced by another data set, topic, trust root or number of days only with `If-Match`: its
    history begins anew then. Otherwise delete it first, or choose another id.

    A board speaks of the time when it is made; where the last record is more than thirty days older, of the midnight
    after that record, as a board asked for on the pages does.
    """
    before = context().store.followed_boards.get(owner(), followed_id)
    _check_match(before)
    board = _asked(given, followed_id)
    if before is not None and not request.if_match:
        _refuse_another(before, board)
    if before is not None and before.asks == board.asks:
        board = replace(before, every_minutes=board.every_minutes, places=board.places)
    is_new = context().store.followed_boards.put(board)
    return tagged(_bytes(board), status=201 if is_new else 200)


@resource.operation("GET", "/v1/followed-boards", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(
    200, Page[FollowedBoardResponse], description="Your followed boards, by id.", example=Page(data=[_EXAMPLE])
)
def list_followed_boards(query: dict[str, Any]) -> Listed[FollowedBoardResponse]:
    """List your followed boards."""
    return page_of(context().store.followed_boards.list(owner()), lambda board: board.id, query, _response)


@resource.operation(
    "GET",
    "/v1/followed-boards/<followed_id>",
    scope="read",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.response(200, FollowedBoardResponse, description="The followed board.", example=_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_followed_board(followed_id: str) -> Response:
    """Say where the newest board is, which were before it, and who entered and who left the first places each time."""
    board = context().store.followed_boards.get(owner(), followed_id)
    if board is None:
        raise _unknown()
    return tagged(_bytes(board))


@resource.operation(
    "DELETE",
    "/v1/followed-boards/<followed_id>",
    scope="write",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_MATCH],
)
@resource.response(204, description="It is followed no longer.")
def delete_followed_board(followed_id: str) -> None:
    """Follow a board no longer. The boards made so far stay as long as any."""
    _check_match(context().store.followed_boards.get(owner(), followed_id))
    if not context().store.followed_boards.delete(owner(), followed_id):
        raise _unknown()


def _asked(given: dict[str, Any], followed_id: str) -> FollowedBoard:
    """Return what is asked for. Raises ProblemError 422 with every fault."""
    faults = [replace(fault, pointer="/followed_id") for fault in faults_of_id(followed_id)]
    if find_dataset(given["dataset"]) is None and source_of(given["dataset"]) is None:
        faults.append(Fault("/dataset", no_dataset(given["dataset"])))
    root = given["trust_root"]
    if root not in {"network", "none"} and find_root(root) is None:
        faults.append(Fault("/trust_root", no_trust_root(root)))
    try:
        topic = resolve_topic(owner(), given["topic"], given["dataset"])
    except ValueError as error:
        raise invalid(*faults, Fault("/topic", str(error))) from None
    if faults:
        raise invalid(*faults)
    return FollowedBoard(
        id=followed_id,
        owner=owner(),
        dataset=given["dataset"],
        topic=topic,
        trust_root=root,
        window_days=given["window_days"],
        every_minutes=given["every"],
        places=given["places"],
    )


def _refuse_another(there: FollowedBoard, asked: FollowedBoard) -> None:
    """Refuse to make another board of one that is followed. Raises ProblemError 422."""
    after, before = _question(asked), _question(there)
    faults = [
        Fault(
            f"/{name}",
            f"the followed board {there.id!r} has {before[name]!r} here: send its ETag as If-Match to replace it, "
            "delete it first, or choose another id",
        )
        for name in after
        if after[name] != before[name]
    ]
    if faults:
        raise invalid(*faults)


def _question(board: FollowedBoard) -> dict[str, str]:
    return {
        "dataset": board.dataset,
        "topic": board.topic.id,
        "trust_root": board.trust_root,
        "window_days": str(board.window_days),
    }


def _bytes(board: FollowedBoard) -> bytes:
    return msgspec.json.encode(_response(board))


_check_match = match_checker(_bytes)


def _response(board: FollowedBoard) -> FollowedBoardResponse:
    updates = tuple(_updates(board))
    return fill(
        FollowedBoardResponse,
        board,
        topic=board.topic.id,
        every=board.every_minutes,
        board_url=updates[0].board_url if updates else None,
        job_url=None if board.job_id is None else f"/v1/jobs/{board.job_id}",
        updates=updates,
    )


def _first_places(board_id: str) -> Ranked | None:
    """Return the first places of a board; None where it is no longer kept, or damaged."""
    with contextlib.suppress(DamagedValueError):
        facts = context().store.boards.get(owner(), board_id)
        return None if facts is None else first_rows(facts)
    return None


def _updates(board: FollowedBoard) -> Iterator[UpdateResponse]:
    """Yield the boards that are still kept, the newest first, each compared with the one before that is."""
    firsts = [(update, _first_places(update.board_id)) for update in board.updates]
    there = [(update, now) for update, now in firsts if now is not None]
    for place in range(len(there) - 1, -1, -1):
        update, now = there[place]
        yield fill(
            UpdateResponse,
            changes_between(now, there[place - 1][1] if place else None, board.places),
            board_id=update.board_id,
            board_url=f"/v1/boards/{update.board_id}",
            made_at=update.made_at,
            as_of=now.facts.request.as_of,
        )


def _unknown() -> ProblemError:
    return ProblemError("not_found", "There is no such followed board.")
