"""Trust in answers: whom it reaches comes first, a ring never does, and anybody can check the order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from candor.questions.answering import QuestionRequest, answer
from candor.questions.formula import load_formula
from candor.questions.trust import RecognitionRules, reach
from candor.questions.verify import findings
from candor.scoring.method import load_method
from candor.scoring.trust_root import RootAccount, TrustRoot
from service.commands.ask import verify_from_records
from service.commands.sources import HowWritten
from tests.questions.town import NOW, TOWN, index_of, record

if TYPE_CHECKING:
    from pathlib import Path

RING = tuple(
    each
    for n in range(6)
    for each in (
        record("question", f"fake{n}", f"fake-{n}", 9, content="sourdough bread starter smell", tags=("baking",)),
        record("answer", f"fake{n}-a", "centre", 8, object=f"fake{n}"),
        record("accept", f"fake{n}-c", f"fake-{n}", 7, object=f"fake{n}-a"),
    )
)
RECORDS = (*TOWN, *RING)


def found(*trusted, records=RECORDS, limit=5):
    index, formula = index_of(records), load_formula()
    asked = QuestionRequest(
        text="sourdough smell", tags=(), network="custom:town", profile="qa", as_of=NOW, limit=limit
    )
    root = TrustRoot(
        kind="accounts", network="custom:town", accounts=tuple(RootAccount(account=name) for name in trusted)
    )
    community = RecognitionRules(profile="qa", method=load_method(), granted_rights=False)
    trust = reach(index, community, root, formula, NOW) if trusted else "nobody_chosen"
    return answer(index, formula, asked, {}, trust)


def places(made):
    return [(person.account, person.trust and person.trust.trusted) for person in made.people]


def test_without_trusted_people_the_ring_leads_and_the_answer_says_that_it_is_easy_to_manipulate():
    made = found()
    assert places(made)[0] == ("centre", None)
    assert made.trust.status == "nobody_chosen"
    assert "easy to manipulate" in made.trust.words["en"]


def test_people_whose_help_a_trusted_person_used_come_first_however_high_the_sum_of_the_others():
    made = found("asker-sourdough")
    assert places(made)[:2] == [("baker", 1), ("centre", 0)]
    assert made.people[1].sum > made.people[0].sum
    assert made.people[1].trust.people == 6
    assert "No trusted person used this help: people who did: 6" in made.people[1].trust.words["en"]
    assert made.trust.status == "trust_first"


def test_who_is_trusted_comes_first_too_and_strangers_reach_nobody():
    assert found("lawyer").people[0].account == "lawyer"
    assert found("lawyer").people[0].trust.chosen
    assert found("stranger").trust.status == "none_reached"


def test_what_was_used_later_than_asked_about_reaches_nobody():
    late = record("accept", "late", "judge", -1, object="fake0-a")
    assert dict(places(found("judge", records=(*RECORDS, late))))["centre"] == 0


def test_the_vouch_of_a_person_makes_nobody_a_trusted_user_of_their_own_help():
    """The centre is vouched for by trusted people and vouches for its fakes: their word for it does not count."""
    vouched = [
        each
        for n in range(6)
        for each in (
            record("question", f"c{n}", "centre", 6, content="odd smell"),
            record("answer", f"c{n}-a", f"judge-{n}", 5, object=f"c{n}"),
            record("answer", f"c{n}-f", f"fake-{n}", 5, object=f"c{n}"),
            record("accept", f"c{n}-c", "centre", 4, object=f"c{n}-f"),
        )
    ]
    made = found(*(f"judge-{n}" for n in range(6)), records=(*RECORDS, *vouched), limit=50)
    assert dict(places(made))["centre"] == 0


def test_the_order_can_be_checked_from_the_answer_and_from_the_records(tmp_path: Path):
    made = json.loads(msgspec.json.encode(found("asker-sourdough")))
    assert findings(made) == []
    lines = tmp_path / "town.ndjson"
    lines.write_bytes(b"\n".join(msgspec.json.encode(each) for each in RECORDS))
    assert verify_from_records(made, str(lines), HowWritten({})) == 0
    few = json.loads(msgspec.json.encode(found("asker-sourdough", limit=1)))
    assert verify_from_records(few, str(lines), HowWritten({})) == 0


@pytest.mark.parametrize("change", [("chosen", True), ("trusted", 3)])
def test_somebody_put_among_the_trusted_out_of_order_is_found(change):
    made = json.loads(msgspec.json.encode(found("asker-sourdough")))
    made["people"][-1]["trust"] |= dict([change])
    assert any("/rank" in each for each in findings(made))
