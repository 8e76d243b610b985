"""Asking scoring/ about a random world, and the numbers that the invariants speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import HealthCheck, settings

from candor.scoring.method import load_method
from candor.scoring.score import score
from tests.effort import examples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity
    from candor.scoring.document import ScoreDocument
    from properties.worlds import Setting

TOLERANCE = 1e-9
METHOD = load_method()

Documents = dict[tuple[str, str], "ScoreDocument"]


def tried(count: int) -> settings:
    """The same examples every day, more and others in the thorough profile; the machine may be busy."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=examples(count), deadline=None, suppress_health_check=slow)


def ask(setting: Setting, more: Iterable[Activity] = (), **changes: Any) -> Documents:
    """Score the setting with more records and another question."""
    question = msgspec.structs.replace(setting.question, **changes)
    documents = score([*setting.activities, *more], question, METHOD)
    return {(document.account.account, document.topic.id): document for document in documents}


def raws(document: ScoreDocument) -> dict[str, float]:
    """The raw values of expertise: where none rises, no profile's score does."""
    return {feature.id: feature.raw for feature in document.expertise.features}


def number(document: ScoreDocument) -> float:
    """The points of expertise, whatever the status."""
    return sum(feature.contribution for feature in document.expertise.features)


def risen(before: ScoreDocument, after: ScoreDocument) -> dict[str, tuple[float, float]]:
    """Those of A, A_help and the raw values that rose, with both values."""
    return {
        name: (was, now)
        for name, was, now in _side_by_side(before, after)
        if now > was + TOLERANCE * max(1.0, abs(was))
    }


def fallen(before: ScoreDocument, after: ScoreDocument) -> dict[str, tuple[float, float]]:
    """Those of A, A_help and the raw values that fell, with both values."""
    return {name: (was, now) for name, (now, was) in risen(after, before).items()}


def _side_by_side(before: ScoreDocument, after: ScoreDocument) -> Iterable[tuple[str, float, float]]:
    yield "A", before.expertise.totals.on_topic, after.expertise.totals.on_topic
    yield "R", before.expertise.totals.recent, after.expertise.totals.recent
    now = raws(after)
    for name, was in raws(before).items():
        yield name, was, now[name]
