"""A site of Stack Exchange as a whole: forward by activity, with all about each question, people in hundreds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from candor.store.sources import AskedSource
from worker.connectors.stackexchange_community import StackExchangeCommunity
from worker.outbound import BudgetSpentError

API = "https://api.stackexchange.com/2.3"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
BEGIN = int(SINCE.timestamp())
PER_PAGE = 2


def asked(tag=None):
    part = "tag" if tag else None
    return AskedSource(network="stackexchange:space", part=part, name=tag, max_requests=100, window_days=365)


def owner(number):
    return {"user_id": number, "display_name": f"User {number}", "user_type": "registered"}


@pytest.fixture
def site(requests_mock):
    """Five questions, an hour apart, each with an answer that was accepted; two on a page."""
    questions = {
        number: {
            "question_id": number,
            "creation_date": BEGIN + number,
            "last_activity_date": BEGIN + 3_600 * number,
            "title": f"Question {number}",
            "tags": ["orbits"],
            "owner": owner(number),
            "accepted_answer_id": 100 + number,
        }
        for number in range(1, 6)
    }
    listed = []

    def questions_page(request, _context):
        query = parse_qs(urlsplit(request.url).query)
        listed.append(query)
        least = int(query["min"][0])
        found = sorted(
            (each for each in questions.values() if each["last_activity_date"] >= least),
            key=lambda each: each["last_activity_date"],
        )
        begin = PER_PAGE * (int(query["page"][0]) - 1)
        return {"items": found[begin : begin + PER_PAGE], "has_more": begin + PER_PAGE < len(found)}

    def about(made):
        def answer(request, _context):
            numbers = [int(each) for each in re.findall(r"\d+", request.path.split("/")[3])]
            return {"items": [item for number in numbers for item in made(number)], "has_more": False}

        return answer

    def answers(number):
        at = BEGIN + number + 60
        said = {"answer_id": 100 + number, "question_id": number, "is_accepted": True, "score": 3, "body": "So."}
        return [{**said, "creation_date": at, "owner": owner(50 + number)}]

    def accepted(number):
        said = {"timeline_type": "accepted_answer", "question_id": number, "post_id": 100 + number}
        return [{**said, "creation_date": BEGIN + number + 120}]

    requests_mock.get(re.compile(rf"{API}/questions\?"), json=questions_page)
    requests_mock.get(re.compile(rf"{API}/questions/[^/]+/answers"), json=about(answers))
    requests_mock.get(re.compile(rf"{API}/questions/[^/]+/timeline"), json=about(accepted))
    requests_mock.get(re.compile(rf"{API}/(questions|answers)/[^/]+/comments"), json={"items": [], "has_more": False})
    requests_mock.get(re.compile(rf"{API}/users/"), json=about(lambda number: [owner(number)] if number < 9 else []))
    return questions, listed


def types(batches):
    return sorted(record.type for batch in batches for record in batch.records)


def test_a_site_is_read_by_activity_with_answers_accepts_and_votes(client, site):
    community = StackExchangeCommunity(client, "stackexchange:space")
    batches = list(community.batches(asked(), {}, SINCE))
    assert types(batches) == sorted(["question", "answer", "accept", "vote"] * 5)
    assert (batches[-1].complete, batches[-1].cursor) == (True, {"after": BEGIN + 5 * 3_600})
    assert [batch.complete for batch in batches[:-1]] == [False] * (len(batches) - 1)


def test_reading_goes_on_where_a_cursor_stands(client, site):
    community = StackExchangeCommunity(client, "stackexchange:space")
    first = next(community.batches(asked(), {}, SINCE))
    left = list(StackExchangeCommunity(client, "stackexchange:space").batches(asked(), first.cursor, SINCE))
    made = {record.id for batch in [first, *left] for record in batch.records if record.type == "question"}
    assert made == {f"space/{number}" for number in range(1, 6)}
    assert {record.id for batch in left for record in batch.records if record.type == "question"} < made


def test_a_question_that_moves_while_the_list_is_read_hides_no_other(client, site):
    questions, _ = site
    seen = []
    for batch in StackExchangeCommunity(client, "stackexchange:space").batches(asked(), {}, SINCE):
        seen += [record.id for record in batch.records if record.type == "question"]
        questions[1]["last_activity_date"] = BEGIN + 9 * 3_600
    assert set(seen) == {f"space/{number}" for number in range(1, 6)}


def test_questions_of_one_second_that_fill_a_page_do_not_stop_it(client, site):
    questions, _ = site
    for question in questions.values():
        question["last_activity_date"] = BEGIN + 60
    batches = list(StackExchangeCommunity(client, "stackexchange:space").batches(asked(), {}, SINCE))
    assert (types(batches).count("question"), batches[-1].complete) == (5, True)


def test_one_tag_alone_is_asked_for(client, site):
    _, listed = site
    list(StackExchangeCommunity(client, "stackexchange:space").batches(asked("orbits"), {}, SINCE))
    assert {query["tagged"][0] for query in listed} == {"orbits"}


def test_people_are_asked_about_together_and_who_is_not_shown_is_gone(client, site):
    found = {
        each.account.actor: each.status
        for each in StackExchangeCommunity(client, "stackexchange:space").profiles(["3", "51"])
    }
    assert found == {"3": "ok", "51": "gone"}
    assert client.outbound.spent == 1


def test_a_budget_that_ends_leaves_the_last_place(client, site, outbound):
    outbound.max_requests = 6
    batches = []
    with pytest.raises(BudgetSpentError):
        batches.extend(StackExchangeCommunity(client, "stackexchange:space").batches(asked(), {}, SINCE))
    assert not any(batch.complete for batch in batches)
