"""Places on boards: where somebody stood on each board that is kept, whether or not a document of it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.scoring.board_row import Standing
from candor.scoring.document import TrustRootRef
from candor.scoring.trust_root import root_names
from candor.store.boards import MOST_LOOKED_THROUGH
from service.auth import owner
from service.components import fill
from service.context import context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from candor.store.history import HistoryStep
    from candor.store.models import AccountName


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
