"""Which messages earned a score: their points add up to it exactly, for everybody in the sample."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import msgspec
import pytest

from candor import sample
from candor.messages.earned import earning_messages
from candor.scoring.activity import Activity
from candor.scoring.curves import in_points
from candor.scoring.kinds import KINDS
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import load_catalogue
from candor.scoring.trust_root import FACE_VALUE


@cache
def documents(profile: str, *, trusted: bool = True) -> tuple:
    records = msgspec.json.Decoder(Activity).decode_lines(sample.records_path().read_bytes())
    question = Question(
        network=sample.NETWORK,
        accounts=tuple(sorted({record.actor for record in records if record.type == "account"})),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=sample.trust_root() if trusted else FACE_VALUE,
        as_of=sample.AS_OF,
        profile=profile,
    )
    return tuple(score(records, question, load_method()))


@pytest.mark.parametrize("profile", ["qa", "forum", "microblog"])
@pytest.mark.parametrize("trusted", [True, False])
def test_points_by_message_add_up_to_the_score_exactly(profile, trusted):
    scored = [d for d in documents(profile, trusted=trusted) if d.expertise.score]
    assert len(scored) > 10
    for document in scored:
        rows = earning_messages(document, load_method()).rows()
        assert sum(Decimal(repr(row.points)) for row in rows) == Decimal(repr(document.expertise.score))


def test_the_points_of_a_feature_add_up_to_its_contribution():
    document = next(d for d in documents("qa") if d.account.account == sample.EXPERT)
    rows = earning_messages(document, load_method()).rows()
    for feature in document.expertise.features:
        points = sum(Decimal(repr(row.by_feature.get(feature.id, 0.0))) for row in rows)
        assert points == Decimal(repr(feature.contribution))


def test_every_message_is_named_by_an_act_of_the_document():
    document = next(d for d in documents("qa") if d.account.account == sample.EXPERT)
    acts = {act.of for voice in document.expertise.evidence for act in voice.acts}
    assert {row.id for row in earning_messages(document, load_method()).rows()} <= acts


def test_points_by_message_say_the_same_as_points_by_kind():
    document = next(d for d in documents("forum") if d.account.account == sample.EXPERT)
    rows = earning_messages(document, load_method()).rows()
    accepted = sum(row.points for row in rows if "accepted" in row.acts)
    by_kind = sum(
        share.contribution for f in document.expertise.features for share in f.by_kind if share.kind == "accepted"
    )
    assert accepted == pytest.approx(by_kind, rel=0.2)


def test_acts_on_a_message_stand_in_the_order_of_the_kinds_in_every_process():
    order = [kind.id for kind in KINDS]
    rows = (row for document in documents("forum") for row in earning_messages(document, load_method()).rows())
    several = [[*row.acts] for row in rows if len(row.acts) > 1]
    assert several
    assert several == [sorted(kinds, key=order.index) for kinds in several]


def test_a_part_of_the_messages_is_that_part_of_all():
    document = next(d for d in documents("qa") if d.account.account == sample.EXPERT)
    earning = earning_messages(document, load_method())
    rows = earning.rows()
    assert len(rows) == len(earning.points) > 10
    assert earning.rows(3, 4) == rows[3:7]
    given = [in_points(points) for points in earning.points.values()]
    assert given == sorted((row.points for row in rows), reverse=True)
