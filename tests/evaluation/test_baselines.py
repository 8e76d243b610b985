"""Simple rankings: what they count, how it fades, and shares."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from candor.evaluation.baselines import ActCounts, simple_rankings
from candor.scoring.activity import Activity
from candor.scoring.question import Question
from candor.scoring.record_columns import build_columns
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import FACE_VALUE

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


def note(number, days, tag):
    return Activity(id=f"n{number}", type="note", actor="ada", published=AS_OF - timedelta(days=days), tags=(tag,))


@pytest.fixture
def ada():
    """Ada wrote on bread one and two years ago, and twice on chess."""
    records = [note(0, 365, "bread"), note(1, 730, "bread"), note(2, 1, "chess"), note(3, 2, "chess")]
    question = Question(
        network="custom:x",
        accounts=(),
        topics=(tag_topic("tag:bread"),),
        trust_root=FACE_VALUE,
        as_of=AS_OF,
        window_days=2000,
    )
    columns = build_columns(records, question)
    counts = (ActCounts(columns, columns.topics[:, 0]), ActCounts(columns, np.ones(len(columns.records), np.bool_)))
    person = columns.person_of["ada"]
    return {name: float(figure[person]) for name, figure in simple_rankings(*counts).items()}


def test_a_record_of_one_half_life_counts_half(ada):
    assert ada["notes on topic"] == 2
    assert ada["notes on topic, 365 d"] == pytest.approx(0.5 + 0.25)
    assert ada["notes on topic, 730 d"] == pytest.approx(0.5**0.5 + 0.5)


def test_times_share_is_times_the_share_of_what_somebody_did_that_was_on_the_topic(ada):
    assert ada["topic share"] == 0.5
    assert ada["notes on topic, 365 d x share"] == pytest.approx(0.375)
