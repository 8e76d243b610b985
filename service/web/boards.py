"""Boards of one question on several days or under several trust roots, and which are made again by themselves."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from flask import redirect, request

from candor.scoring.activity import ACCOUNT_KINDS
from candor.scoring.trust_root import root_names
from candor.store.followed_boards import FollowedBoard
from service.api.board_comparisons import places_by_root
from service.api.boards import delete_board, kept_board
from service.auth import owner
from service.board_notes import board_before, changes_between, first_rows, latest
from service.context import context
from service.problems import ProblemError
from service.schemas.base import show_instant
from service.schemas.queries import GROUPS
from service.web.rendering import current_words, render_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.store.models import BoardFacts
    from service.board_notes import BoardChanges

PLACES = 10
EVERY_MINUTES = 5
MOST_SHOWN = 20
EARLIER_SHOWN = 3


@dataclass(frozen=True)
class Since:
    """What the page of a board says of those of other days: `days` are all of them, by id, the latest first.

    `before` is the board before, and `changes` what is different; both are None on the first. On the board before
    there was perhaps `nobody_before` with a place: then nobody came in.
    """

    days: dict[str, str]
    before: BoardFacts | None = None
    changes: BoardChanges | None = None
    places: int = PLACES
    nobody_before: bool = False

    @property
    def is_dated(self) -> bool:
        """Whether the time is all that the two were made from otherwise."""
        return self.changes is not None and self.changes.changed == ("time",)


@dataclass(frozen=True)
class BoardShown:
    """The newest board of a question with those of earlier days, and the followed one that makes it again if any."""

    facts: BoardFacts
    day: str
    earlier: dict[str, str]
    followed: FollowedBoard | None
    can_be_followed: bool
    is_of_now: bool


def since_the_board_before(facts: BoardFacts, kind: str) -> Since:
    """Compare a board with the one before it, as far as accounts of a kind are concerned."""
    series = context().store.boards.series(facts)
    before = board_before(facts, series)
    days = _days(series if any(each.id == facts.id for each in series) else [facts, *series])
    if before is None:
        return Since(days)
    here, there = first_rows(facts, kind), first_rows(before, kind)
    nobody_before = bool(here.ranks) and not there.ranks
    return Since(days, before, changes_between(here, there, PLACES), nobody_before=nobody_before)


def show_board_roots() -> Response:
    """Show where the first people of a board stand under other trust roots. Raises ProblemError."""
    facts = kept_board(request.args.get("board", ""))
    kind = request.args.get("kind", "")
    found = places_by_root(facts, kind if kind in (*GROUPS, *ACCOUNT_KINDS) else "people")
    return render_page("board_roots.html", facts=facts, found=found, places=PLACES, again=ask_again(facts))


def ask_again(facts: BoardFacts) -> str:
    """Return the first page with the community and topic of a board chosen, and no trusted people."""
    return "/?" + urlencode({"dataset": facts.request.dataset, "topic": facts.topic.id})


def delete_map(board_id: str) -> AnyResponse:
    """Delete a board, and go to the page of its data set. Raises ProblemError."""
    facts = kept_board(board_id)
    delete_board(board_id)
    is_there = context().store.datasets.get(owner(), str(facts.request.dataset)) is not None
    return redirect(f"/dataset/{facts.request.dataset}#boards" if is_there else "/map", 303)


def boards_of_dataset(dataset_id: str) -> list[BoardShown]:
    """Return the newest boards of a data set, of each topic and trust root the newest by any method."""
    store = context().store
    followed = {_question(each): each for each in store.followed_boards.list(owner()) if each.dataset == dataset_id}
    newest: dict[tuple[str, str, int], BoardFacts] = {}
    for facts in sorted(store.boards.of_dataset(owner(), dataset_id), key=latest, reverse=True):
        newest.setdefault(_asked(facts), facts)
    return [_shown(facts, followed.get(_asked(facts))) for facts in itertools.islice(newest.values(), MOST_SHOWN)]


def follow_board(dataset_id: str, board_id: str) -> AnyResponse:
    """Have a board made again whenever its data set changes, and go back to the data set. Raises ProblemError."""
    facts = kept_board(board_id)
    root, *_ = root_names(facts.request.trust_root)
    if facts.request.dataset != dataset_id or not _is_named(facts):
        raise ProblemError("not_found", "There is no such board, or it is no longer kept.")
    digest = hashlib.sha256(msgspec.json.encode([dataset_id, *_asked(facts)])).hexdigest()
    name, followed_boards = f"board-{digest[:12]}", context().store.followed_boards
    if followed_boards.get(owner(), name) is None:
        followed_boards.put(
            FollowedBoard(
                id=name,
                owner=owner(),
                dataset=dataset_id,
                topic=facts.topic,
                trust_root=root,
                window_days=facts.request.window_days,
                every_minutes=EVERY_MINUTES,
                places=PLACES,
            )
        )
    return redirect(f"/dataset/{dataset_id}#boards", 303)


def unfollow_board(dataset_id: str, followed_id: str) -> AnyResponse:
    """Follow a board no longer, and go back to the data set. Raises ProblemError."""
    if not context().store.followed_boards.delete(owner(), followed_id):
        raise ProblemError("not_found", "There is no such followed board.")
    return redirect(f"/dataset/{dataset_id}#boards", 303)


def _shown(facts: BoardFacts, followed: FollowedBoard | None) -> BoardShown:
    series = context().store.boards.series(facts)
    days = _days(series)
    earlier = {each.id: days[each.id] for each in series if each.id != facts.id}
    return BoardShown(
        facts,
        days.get(facts.id) or current_words().date(show_instant(facts.request.as_of)),
        dict(itertools.islice(earlier.items(), EARLIER_SHOWN)),
        followed,
        _is_named(facts),
        dataset_now(facts) == "same",
    )


def dataset_now(facts: BoardFacts) -> str:
    """Say whether the data set is the same as when the board was made, has changed or is gone."""
    dataset = context().store.datasets.get(owner(), str(facts.request.dataset))
    if dataset is None:
        return "gone"
    return "same" if dataset.digest == facts.request.dataset_digest else "changed"


def _is_named(facts: BoardFacts) -> bool:
    """Say whether the trust root is kept under a name: others cannot be asked about again."""
    root = facts.request.trust_root
    return root.kind in ("network", "none") or root.id is not None


def _days(series: Iterable[BoardFacts]) -> dict[str, str]:
    """Say of which day each board is; of several of one day also when they were made."""
    words, boards = current_words(), list(series)
    days = {each.id: words.date(show_instant(each.request.as_of)) for each in boards}
    several = Counter(days.values())
    made = {each.id: words("since.made", at=f"{each.made_at:%H:%M:%S}") for each in boards if each.made_at}
    return {name: f"{day} ({made[name]})" if several[day] > 1 and name in made else day for name, day in days.items()}


def _question(board: FollowedBoard) -> tuple[str, str, int]:
    return board.topic.digest, board.trust_root, board.window_days


def _asked(facts: BoardFacts) -> tuple[str, str, int]:
    root, *_ = root_names(facts.request.trust_root)
    return facts.topic.digest, root, facts.request.window_days
