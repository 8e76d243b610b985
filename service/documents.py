"""Score documents of the caller's, read back as structs."""

from __future__ import annotations

from functools import cache

import msgspec

from candor.scoring.document import ScoreDocument
from service.auth import owner
from service.context import context
from service.problems import ProblemError


def read_document(score_id: str) -> ScoreDocument:
    """Return a score of the caller's. Raises ProblemError 404."""
    stored = context().store.scores.get(owner(), score_id)
    if stored is None:
        raise no_score()
    return decode_document(stored.body)


def decode_document(body: bytes) -> ScoreDocument:
    """Return the document that stored bytes hold."""
    return _decoder().decode(body)


def no_score() -> ProblemError:
    """Make the error for a score that is not there, or not the caller's."""
    return ProblemError("not_found", "There is no such score, or it is no longer kept.")


@cache
def _decoder() -> msgspec.json.Decoder[ScoreDocument]:
    return msgspec.json.Decoder(ScoreDocument)
