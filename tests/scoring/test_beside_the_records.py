"""What comes to a score beside its records: gaps, accounts of which nothing is said, vouches seen earlier."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from candor.scoring.activity import Activity
from candor.scoring.document import encode
from candor.scoring.method import load_method
from candor.scoring.question import OptedOut, Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.verify import verify
from candor.scoring.vouches import vouches_in

AT = datetime(2026, 10, 1, tzinfo=UTC)
ROOT = TrustRoot(kind="accounts", network="mastodon", accounts=(RootAccount(account="@root@a.example"),))
QUESTION = Question(
    network="mastodon",
    accounts=("@ada@a.example",),
    topics=(Topic(id="rockets", label="Rockets", terms=("rocket",)),),
    trust_root=ROOT,
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
)
POST = Activity(type="note", id="p1", actor="@ada@a.example", published=AT, content="my rocket")
RESHARE = Activity(type="reshare", id="s1", actor="@bo@a.example", object="p1", published=AT)
LISTED = Activity(type="list", id="l1", actor="@cy@a.example", target_actor="@bo@a.example", published=AT)
GONE = OptedOut(account="@ada@a.example", status="gone", reason="suspended")


def scored(*records, **asked):
    (document,) = score(records, msgspec.structs.replace(QUESTION, **asked), load_method())
    return document


def test_gaps_stand_in_the_document():
    assert scored(POST, gaps=("a.example: failed",)).inputs.gaps == ("a.example: failed",)


def test_the_same_records_with_other_gaps_are_another_score():
    assert scored(POST).id != scored(POST, gaps=("a.example: failed",)).id


@pytest.mark.parametrize("status", ["declined", "gone"])
def test_of_an_account_that_opted_out_nothing_is_said_but_why(status):
    document = scored(POST, RESHARE, opted_out=(msgspec.structs.replace(GONE, status=status),))
    assert (document.expertise.status, document.interest.status) == (status, status)
    assert (document.expertise.needs, document.interest.needs) == ("suspended", "suspended")
    assert (document.matched.records, document.expertise.evidence, document.facts) == (0, (), {})


@pytest.mark.parametrize("status", ["declined", "gone"])
def test_the_document_of_an_account_that_opted_out_can_be_verified(status):
    document = scored(POST, opted_out=(msgspec.structs.replace(GONE, status=status),))
    assert verify(msgspec.json.decode(encode(document))) == []


def test_standing_flows_through_vouches_seen_earlier():
    voices = scored(POST, RESHARE, vouches=(("@root@a.example", "@bo@a.example"),)).expertise.evidence
    assert [voice.standing for voice in voices if voice.scope == "on_topic"] == [pytest.approx(0.5)]


def test_a_vouch_that_is_in_the_records_too_counts_once():
    known = Activity(
        type="list", id="l2", actor="@root@a.example", target_actor="@bo@a.example", published=AT, content="friends"
    )
    apart = scored(POST, RESHARE, known)
    both = scored(POST, RESHARE, known, vouches=(("@root@a.example", "@bo@a.example"),))
    assert both.expertise == apart.expertise


def test_a_score_names_the_snapshot_it_used_whatever_its_order():
    pairs = (("@root@a.example", "@bo@a.example"), ("@bo@a.example", "@cy@a.example"))
    used = scored(POST, vouches=pairs).inputs.vouches
    assert used == scored(POST, vouches=pairs[::-1]).inputs.vouches
    assert used.size == 2


def test_without_a_snapshot_none_is_named():
    assert scored(POST).inputs.vouches is None


def test_reshares_and_lists_are_vouches_with_their_time():
    assert set(vouches_in((POST, RESHARE, LISTED), QUESTION, load_method())) == {
        ("@bo@a.example", "@ada@a.example", AT),
        ("@cy@a.example", "@bo@a.example", AT),
    }
