"""Items of each backend of Perceval, in the shapes that its own tests have: who did what, to what, called how."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.compression import UnreadableError
from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.activity import Activity

T1, T2, T3 = ("2026-01-05T08:36:41Z", "2026-01-05T09:36:41Z", "2026-01-05T10:36:41Z")


def github(login: str, number: int = 1, **more: Any) -> dict[str, Any]:
    user = {"login": login, "type": "User"}
    return {
        "id": number,
        "number": number,
        "user": user,
        "user_data": {"name": login.title()},
        "created_at": T1,
        **more,
    }


HEART = {"content": "heart", "created_at": T2, "user": {"login": "cy"}}
ISSUE = github(
    "ada",
    number=7,
    title="Slow",
    body="very",
    labels=[{"name": "bug"}],
    html_url="https://github.com/hops/kettle/issues/7",
    comments_data=[github("bo", 8, body="why?", author_association="MEMBER", reactions_data=[HEART])],
)
PULL = github(
    "ada",
    number=9,
    title="Faster",
    body=None,
    base={"repo": {"private": False}},
    merged_at=T3,
    merged_by={"login": "mo"},
    review_comments_data=[],
    reviews_data=[{**github("bo", 3, body="", state="APPROVED"), "submitted_at": T2}],
)
MEMBER = {"username": "bo", "name": "Bo"}
MERGE_REQUEST = {
    "iid": 4,
    "title": "Faster",
    "description": "",
    "author": {"username": "ada", "name": "Ada"},
    "created_at": T1,
    "web_url": "https://gitlab.com/hops/kettle/-/merge_requests/4",
    "labels": ["speed"],
    "merged_at": T3,
    "merged_by": {"username": "mo"},
    "award_emoji_data": [{"name": "thumbsup", "user": {"username": "cy"}, "created_at": T2}],
    "notes_data": [
        {"id": 1, "system": True, "body": "approved this merge request", "author": MEMBER, "created_at": T2},
        {"id": 2, "system": True, "body": "closed", "author": MEMBER, "created_at": T2},
        {"id": 3, "system": False, "body": "nice", "author": MEMBER, "created_at": T2},
        {"id": 5, "system": False, "internal": True, "body": "psst", "author": MEMBER, "created_at": T2},
    ],
}


def xml(text: str, **more: str) -> list[dict[str, str]]:
    return [{"__text__": text, **more}]


BUGZILLA = {
    "bug_id": xml("12"),
    "short_desc": xml("Slow"),
    "reporter": xml("ada@a.example", name="Ada"),
    "creation_ts": xml("2026-01-05 09:36:41 +0100"),
    "product": xml("kettle"),
    "component": xml("heat"),
    "long_desc": [
        {"isprivate": "0", "who": xml("ada@a.example"), "bug_when": xml(T1), "thetext": xml("very")},
        {"isprivate": "0", "who": xml("bo@a.example", name="Bo"), "bug_when": xml(T2), "thetext": xml("why?")},
        {"isprivate": "1", "who": xml("bo@a.example", name="Bo"), "bug_when": xml(T2), "thetext": xml("psst")},
    ],
}
REST = {
    "id": 12,
    "summary": "Slow",
    "creator": "ada@a.example",
    "creator_detail": {"real_name": "Ada"},
    "creation_time": T1,
    "product": "kettle",
    "component": "heat",
    "keywords": [],
    "groups": [],
    "comments": [
        {"id": 1, "creator": "ada@a.example", "time": T1, "text": "very", "is_private": False},
        {"id": 2, "creator": "bo@a.example", "time": T2, "text": "why?", "is_private": False},
        {"id": 3, "creator": "bo@a.example", "time": T2, "text": "psst", "is_private": True},
    ],
}
JIRA = {
    "key": "KET-12",
    "fields": {
        "summary": "Slow",
        "description": "very",
        "created": "2026-01-05T09:36:41.000+0100",
        "reporter": {"name": "ada", "displayName": "Ada"},
        "project": {"key": "KET"},
        "components": [{"name": "heat"}],
        "labels": ["hot"],
    },
    "comments_data": [
        {"id": "1", "author": {"accountId": "5b:bo", "displayName": "Bo"}, "created": T2, "body": "why?"},
        {"id": "2", "author": {"name": "bo"}, "created": T2, "body": "psst", "visibility": {"type": "role"}},
    ],
}
PHABRICATOR = {
    "id": 12,
    "fields": {
        "name": "Slow",
        "description": {"raw": "very"},
        "dateCreated": 1767602201,
        "authorData": {"userName": "ada", "realName": "Ada"},
        "policy": {"view": "public", "edit": "users"},
    },
    "projects": [{"name": "Kettle"}],
    "transactions": [
        {"transactionID": "1", "transactionType": "core:comment", "comments": "why?", "dateCreated": "1767605801"}
        | {"authorData": {"userName": "bo", "realName": "Bo"}},
        {"transactionID": "2", "transactionType": "status", "comments": None, "dateCreated": "1767605801"},
        {"transactionID": "3", "transactionType": "core:comment", "comments": None, "dateCreated": "1767605801"},
    ],
}
LAUNCHPAD = {
    "bug_target_name": "kettle",
    "bug_data": {
        "id": 12,
        "title": "Slow",
        "description": "very",
        "date_created": T1,
        "tags": ["hot"],
        "private": False,
    },
    "owner_data": {"name": "ada", "display_name": "Ada"},
    "messages_data": [
        {"date_created": T1, "content": "very", "owner_data": {"name": "ada"}},
        {"date_created": T2, "content": "why?", "owner_data": {"name": "bo", "display_name": "Bo"}},
    ],
}
REDMINE = {
    "id": 12,
    "subject": "Slow",
    "description": "very",
    "created_on": T1,
    "author": {"id": 3, "name": "Ada"},
    "project": {"id": 1, "name": "Kettle"},
    "is_private": False,
    "journals": [
        {"id": 1, "user": {"id": 4, "name": "Bo"}, "created_on": T2, "notes": "why?", "private_notes": False},
        {"id": 2, "user": {"id": 4, "name": "Bo"}, "created_on": T2, "notes": ""},
        {"id": 3, "user": {"id": 4, "name": "Bo"}, "created_on": T2, "notes": "psst", "private_notes": True},
    ],
}
PAGURE = {
    "id": 12,
    "title": "Slow",
    "content": "very",
    "date_created": "1767602201",
    "user": {"name": "ada", "fullname": "Ada"},
    "tags": ["hot"],
    "private": False,
    "comments": [
        {"id": 1, "comment": "why?", "date_created": "1767605801", "user": {"name": "bo", "fullname": "Bo"}},
        {"id": 2, "comment": "**Metadata Update**", "notification": True, "date_created": "1767605801"},
    ],
}
STACK = {
    "question_id": 1,
    "title": "Which &amp; why?",
    "body": "<p>hops</p>",
    "creation_date": 1767602201,
    "tags": ["hops"],
    "owner": {"user_id": 10, "display_name": "Ada"},
    "link": "https://beer.stackexchange.com/q/1",
    "answers": [
        {"answer_id": 2, "creation_date": 1767605801, "body": "<p>Saaz</p>", "is_accepted": True}
        | {
            "owner": {"user_id": 20, "display_name": "Bo"},
            "comments": [{"comment_id": 7, "creation_date": 1767605802}],
        },
        {
            "answer_id": 3,
            "creation_date": 1767605801,
            "body": "x",
            "is_accepted": False,
            "owner": {"display_name": "gone"},
        },
    ],
}
ASKBOT = {
    "id": 1,
    "title": "Which?",
    "summary": "hops",
    "added_at": "1767602201",
    "author": {"id": "10", "username": "ada"},
    "tags": ["hops"],
    "accepted_answer_id": None,
    "answers": [
        {"id": "2", "added_at": "1767605801.0", "summary": "Saaz", "accepted": True}
        | {"answered_by": {"id": "20", "username": "bo"}}
        | {
            "comments": [
                {"id": 7, "html": "<p>why</p>", "user_id": 10, "comment_added_at": "2026-01-05 10:36:41 -0600"}
            ]
        },
    ],
}
PAGE = {
    "id": "5",
    "type": "page",
    "title": "Hops",
    "version": {"number": 2, "when": "2026-01-05T08:36:41.000Z", "by": {"username": "ada", "displayName": "Ada"}},
    "body": {"storage": {"value": "<p>Saaz</p>"}},
}
WIKI = {"title": "Hops", "pageid": 5, "revisions": [{"revid": 9, "user": "Ada", "timestamp": T1, "comment": "more"}]}
SLACK = {
    "channel_info": {"name": "brewing", "is_channel": True},
    "user": "U1",
    "user_data": {"real_name": "Ada"},
    "text": "hops",
    "ts": "1767602201.000100",
    "type": "message",
}
POST = {
    "id": "m1",
    "create_at": 1767602201000,
    "message": "hops",
    "type": "",
    "root_id": "",
    "channel_data": {"type": "O", "display_name": "Brewing"},
    "user_data": {"username": "ada", "first_name": "Ada", "last_name": ""},
}
ROCKET = {
    "_id": "r1",
    "msg": "hops",
    "ts": T1,
    "u": {"username": "ada", "name": "Ada"},
    "channel_info": {"t": "c", "name": "brewing"},
}
GITTER = {"id": "g1", "text": "hops", "sent": T1, "fromUser": {"username": "ada", "displayName": "Ada"}, "mentions": []}
ZULIP = {
    "id": 1,
    "type": "stream",
    "display_recipient": "brewing",
    "subject": "hops",
    "content": "<p>Saaz</p>",
    "timestamp": 1767602201,
    "sender_email": "ada@z.example",
    "sender_full_name": "Ada",
}
TELEGRAM = {
    "update_id": 1,
    "message": {"message_id": 1, "date": 1767602201, "text": "hops", "from": {"id": 1, "first_name": "Ada"}}
    | {"chat": {"id": -1005, "type": "supergroup", "username": "brewing"}},
}


def item(backend: str, data: dict[str, Any], origin: str = "https://x.example/hops/kettle") -> dict[str, Any]:
    return {"backend_name": backend, "data": data, "origin": origin, "category": "x", "perceval_version": "1.0.0"}


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., tuple[list[Activity], Run]]:
    """Read items as an array, and return the records and the run."""

    def found(network: str, *items: dict[str, Any]) -> tuple[list[Activity], Run]:
        (tmp_path / "items.json").write_text(json.dumps(items, indent=1))
        run = Run(network)
        made = list(FORMATS["perceval"].records([tmp_path / "items.json"], run))
        run.left_out = +run.left_out
        return made, run

    return found


def short(each: Activity) -> str:
    return " ".join(filter(None, (each.type, each.id, each.actor, each.object and f">{each.object}")))


TICKET = ["question {key} {ada}", "reply {key}/{reply} {bo} >{key}"]


def ticket(key: str, ada: str, bo: str, reply: str = "1") -> list[str]:
    return [each.format(key=key, ada=ada, bo=bo, reply=reply) for each in TICKET]


@pytest.mark.parametrize(
    ("backend", "data", "makes", "left_out"),
    [
        ("Bugzilla", BUGZILLA, ticket("12", "ada@a.example", "bo@a.example"), {"private": 1}),
        ("BugzillaREST", REST, ticket("12", "ada@a.example", "bo@a.example", "2"), {"private": 1}),
        ("Jira", JIRA, ticket("KET-12", "ada", "5b:bo"), {"private": 1}),
        ("Phabricator", PHABRICATOR, ticket("T12", "ada", "bo"), {"deleted": 1}),
        ("Launchpad", LAUNCHPAD, ticket("12", "ada", "bo"), {}),
        ("Redmine", REDMINE, ticket("12", "3", "4"), {"private": 1}),
        ("Pagure", PAGURE, ticket("hops/kettle#12", "ada", "bo"), {}),
    ],
)
def test_a_ticket_is_a_question_and_its_public_comments_are_replies(imported, backend, data, makes, left_out):
    made, run = imported("custom:c", item(backend, data))
    assert ([short(each) for each in made if each.type != "account"], run.left_out) == (makes, left_out)
    assert (made[0].content, made[0].published.timestamp()) == ("Slow\n\nvery", 1767602201)
    assert "Ada" in {each.name for each in made if each.type == "account"}


def test_issues_and_pull_requests_of_github_are_under_the_ids_of_gh_archive(imported):
    origin = "https://github.com/hops/kettle"
    made, run = imported("github", item("GitHub", ISSUE, origin), item("GitHub", PULL, origin))
    assert [short(each) for each in made if each.type != "account"] == [
        "question hops/kettle#7 ada",
        "reply hops/kettle#7/8 bo >hops/kettle#7",
        "like hops/kettle#7/8/like/cy cy >hops/kettle#7/8",
        "note hops/kettle#9 ada",
        "review hops/kettle#9/review/3 bo >hops/kettle#9",
        "accept hops/kettle#9/merge mo >hops/kettle#9",
    ]
    assert (made[0].tags, list(run.trusted), run.left_out) == (("hops/kettle", "bug"), ["bo"], {})


def test_a_merge_request_of_gitlab_has_approvals_and_who_merged_it(imported):
    made, run = imported("gitlab:gitlab.com", item("GitLab", MERGE_REQUEST, "https://gitlab.com/hops/kettle"))
    assert [(each.type, each.actor) for each in made if each.type != "account"] == [
        ("note", "ada"),
        ("like", "cy"),
        ("review", "bo"),
        ("reply", "bo"),
        ("accept", "mo"),
    ]
    assert run.left_out == {"private": 1}


@pytest.mark.parametrize(
    ("backend", "network", "data"),
    [
        ("GitHub", "github", {**PULL, "base": {"repo": {"private": True}}}),
        ("GitLab", "gitlab:gitlab.com", {**MERGE_REQUEST, "confidential": True}),
        ("Launchpad", "custom:c", {**LAUNCHPAD, "bug_data": {**LAUNCHPAD["bug_data"], "private": True}}),
        ("Pagure", "custom:c", {**PAGURE, "private": True}),
        ("Slack", "custom:c", {**SLACK, "channel_info": {"name": "x", "is_private": True}}),
        ("Mattermost", "custom:c", {**POST, "channel_data": {"type": "P"}}),
        ("RocketChat", "custom:c", {**ROCKET, "channel_info": {"t": "p"}}),
        ("Zulip", "zulip:z.example", {**ZULIP, "type": "private"}),
        ("Telegram", "custom:c", {"message": {**TELEGRAM["message"], "chat": {"id": 1, "type": "supergroup"}}}),
        (
            "Telegram",
            "custom:c",
            {"message": {**TELEGRAM["message"], "chat": {"id": 1, "type": "private", "username": "ada"}}},
        ),
    ],
)
def test_what_is_for_some_only_is_counted_and_not_read(imported, backend, network, data):
    made, run = imported(network, item(backend, data))
    assert (made, set(run.left_out)) == ([], {"private"})


def of_launchpad(**more: Any) -> dict[str, Any]:
    bug = {name: value for name, value in LAUNCHPAD["bug_data"].items() if name != "private"}
    return {**LAUNCHPAD, "bug_data": {**bug, **more}}


def of_phabricator(**more: Any) -> dict[str, Any]:
    fields = {name: value for name, value in PHABRICATOR["fields"].items() if name != "policy"}
    return {**PHABRICATOR, "fields": {**fields, **more}}


@pytest.mark.parametrize(
    ("backend", "data"),
    [
        ("BugzillaREST", {**REST, "groups": ["core-security"]}),
        ("Bugzilla", {**BUGZILLA, "group": xml("core-security", id="12")}),
        ("Jira", {**JIRA, "fields": {**JIRA["fields"], "security": {"id": "10", "name": "Staff"}}}),
        ("Phabricator", of_phabricator(policy={"view": "PHID-PROJ-security"})),
        ("Phabricator", of_phabricator(policy={"view": "users"})),
        ("Launchpad", of_launchpad(information_type="Private Security")),
        ("Launchpad", of_launchpad(information_type="Embargoed", private=False)),
        ("Launchpad", of_launchpad(information_type="Public", private=True)),
        ("Redmine", {**REDMINE, "is_private": True}),
    ],
)
def test_a_ticket_for_some_only_is_not_read_nor_what_is_said_on_it(imported, backend, data):
    made, run = imported("custom:c", item(backend, data))
    assert (made, set(run.left_out)) == ([], {"private"})


@pytest.mark.parametrize("kind", ["Public", "Public Security"])
def test_a_bug_of_launchpad_is_public_by_its_kind_alone(imported, kind):
    made, run = imported("custom:c", item("Launchpad", of_launchpad(information_type=kind)))
    assert ("question" in {each.type for each in made}, run.left_out) == (True, {})


@pytest.mark.parametrize("more", [{"jsdPublic": False}, {"visibility": {"type": "group"}}])
def test_a_comment_in_jira_that_customers_or_others_do_not_see_is_counted(imported, more):
    said = {"id": "9", "author": {"name": "bo"}, "created": T2, "body": "psst", **more}
    made, run = imported("custom:c", item("Jira", {**JIRA, "comments_data": [said]}))
    assert ({each.type for each in made} - {"account"}, run.left_out) == ({"question"}, {"private": 1})


@pytest.mark.parametrize(("status", "why"), [("draft", "private"), ("trashed", "deleted")])
def test_a_page_of_confluence_that_is_not_published_is_counted(imported, status, why):
    made, run = imported("custom:c", item("Confluence", {**PAGE, "status": status}))
    assert (made, run.left_out) == ([], {why: 1})


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


@pytest.mark.parametrize(
    ("backend", "network", "data"),
    [
        ("BugzillaREST", "custom:c", without(REST, "groups")),
        ("Phabricator", "custom:c", of_phabricator()),
        ("Launchpad", "custom:c", of_launchpad()),
        ("Redmine", "custom:c", without(REDMINE, "is_private")),
        ("Pagure", "custom:c", without(PAGURE, "private")),
        ("GitHub", "github", {**PULL, "base": {"repo": {}}}),
        ("GitLab", "gitlab:gitlab.com", {**MERGE_REQUEST, "web_url": "https://gitlab.com/hops/kettle/-/issues/4"}),
        ("Slack", "custom:c", without(SLACK, "channel_info")),
        ("Mattermost", "custom:c", without(POST, "channel_data")),
        ("RocketChat", "custom:c", without(ROCKET, "channel_info")),
        ("Zulip", "zulip:z.example", without(ZULIP, "type")),
        ("Telegram", "custom:c", {"message": {**TELEGRAM["message"], "chat": {"id": 1, "username": "brewing"}}}),
        ("Discourse", "discourse:f.example", {"title": "T", "post_stream": {"posts": [{"id": 1}]}}),
    ],
)
def test_what_does_not_say_whether_it_is_for_everybody_is_counted_and_not_read(imported, backend, network, data):
    data = without(data, "merge_status", "source_branch")
    made, run = imported(network, item(backend, data))
    assert (made, set(run.left_out)) == ([], {"unclear"})


def test_a_channel_of_slack_says_in_either_of_two_ways_that_it_is_public(imported):
    told = [{"is_channel": True}, {"is_channel": True, "is_private": False}, {"is_channel": True, "is_private": None}]
    items = [item("Slack", {**SLACK, "channel_info": each, "ts": f"176760220{n}.1"}) for n, each in enumerate(told)]
    made, run = imported("custom:c", *items)
    assert ([each.type for each in made].count("note"), run.left_out) == (2, {"unclear": 1})


@pytest.mark.parametrize(
    "more",
    [
        {"user": "192.0.2.17"},
        {"user": "2001:db8::1"},
        {"user": "~2026-1234-5"},
        {"user": None},
        {"temp": ""},
        {"anon": True},
    ],
)
def test_an_edit_without_an_account_is_by_nobody(imported, more):
    edit = {**WIKI["revisions"][0], **more}
    made, _ = imported("custom:c", item("MediaWiki", {**WIKI, "revisions": [edit]}))
    assert [short(each) for each in made] == ["note 9"]


def test_who_did_not_sign_in_to_redmine_is_nobody(imported):
    nobody = {"id": 4, "name": "Anonymous"}
    said = {**REDMINE["journals"][0], "user": nobody}
    made, _ = imported("custom:c", item("Redmine", {**REDMINE, "author": nobody, "journals": [said]}))
    assert [short(each) for each in made] == ["question 12", "reply 12/1 >12"]


def test_a_program_that_merged_a_change_is_known_as_one_and_who_merged_their_own_accepts_nothing(imported):
    merged = {**PULL, "reviews_data": [], "merged_by": {"login": "mergify[bot]", "type": "Bot"}}
    own = {**merged, "number": 10, "merged_by": {"login": "ADA", "type": "User"}}
    made, _ = imported("github", item("GitHub", merged), item("GitHub", own))
    assert [each.actor for each in made if each.type == "accept"] == ["mergify[bot]"]
    assert {each.actor: each.kind for each in made if each.type == "account"}["mergify[bot]"] == "bot"


def test_a_question_of_stack_exchange_is_under_the_ids_of_its_dump(imported):
    made, _ = imported("stackexchange:beer", item("StackExchange", STACK))
    assert [short(each) for each in made if each.type != "account"] == [
        "question 1 10",
        "answer 2 20 >1",
        "answer 3 >1",
        "reply comment-7 >2",
        "accept accept-1 10 >2",
    ]
    assert made[0].content == "Which & why?\n\nhops"


def test_a_question_of_mozilla_s_forum_is_solved_by_an_answer(imported):
    data = {
        "id": 7,
        "title": "Hops?",
        "content": "<p>Which</p>",
        "created": "2026-01-05T08:36:41Z",
        "solution": 9,
        "creator": {"username": "ada", "display_name": "Ada"},
        "tags": [{"name": "saaz"}],
        "product": "beer",
        "answers_data": [
            {"id": 8, "content": "None", "creator": {"username": "cy"}, "created": "2026-01-05T09:00:00Z"},
            {"id": 9, "content": "Saaz", "creator": {"username": "bo"}, "created": "2026-01-05T10:00:00Z"},
            {
                "id": 10,
                "content": "Buy",
                "creator": {"username": "x"},
                "created": "2026-01-05T10:00:00Z",
                "is_spam": True,
            },
        ],
    }
    made, run = imported("custom:c", item("Kitsune", data))
    assert [short(each) for each in made if each.type != "account"] == [
        "question 7 ada",
        "answer answer-8 cy >7",
        "answer answer-9 bo >7",
        "accept accept-7 ada >answer-9",
    ]
    assert (made[0].tags, run.left_out) == (("saaz", "beer"), {})


def test_a_question_of_askbot_has_its_accepted_answer_and_comments(imported):
    made, _ = imported("custom:c", item("Askbot", ASKBOT))
    assert [short(each) for each in made if each.type != "account"] == [
        "question 1 10",
        "answer 1/2 20 >1",
        "accept 1/accept 10 >1/2",
        "reply 1/2/comment-7 10 >1/2",
    ]


@pytest.mark.parametrize(("backend", "data", "makes"), [("Confluence", PAGE, "5/v2 ada"), ("MediaWiki", WIKI, "9 Ada")])
def test_each_version_of_a_page_is_a_note_by_who_wrote_it(imported, backend, data, makes):
    made, _ = imported("custom:c", item(backend, data))
    assert short(made[0]) == f"note {makes}"
    assert "Hops" in str(made[0].content)


@pytest.mark.parametrize(
    ("backend", "network", "first", "second"),
    [
        ("Slack", "custom:c", SLACK, {**SLACK, "user": "U2", "ts": "1767602301.000100", "thread_ts": SLACK["ts"]}),
        ("Mattermost", "custom:c", POST, {**POST, "id": "m2", "root_id": "m1"}),
        ("RocketChat", "custom:c", ROCKET, {**ROCKET, "_id": "r2", "tmid": "r1"}),
        ("Gitter", "custom:c", GITTER, {**GITTER, "id": "g2", "parentId": "g1"}),
        ("Zulip", "zulip:z.example", ZULIP, {**ZULIP, "id": 2}),
        (
            "Telegram",
            "custom:c",
            TELEGRAM,
            {"message": {**TELEGRAM["message"], "message_id": 2, "reply_to_message": {"message_id": 1}}},
        ),
    ],
)
def test_a_message_in_a_thread_of_a_chat_answers_what_began_it(imported, backend, network, first, second):
    made, run = imported(network, item(backend, first), item(backend, second))
    note, reply = [each for each in made if each.type != "account"]
    assert (note.type, reply.type, reply.object, run.left_out) == ("note", "reply", note.id, {})
    assert (note.published.timestamp() // 1, made[2].name) == (1767602201, "Ada")


@pytest.mark.parametrize(
    ("backend", "first", "by", "second"),
    [
        ("Slack", SLACK, {"user": "U2"}, {"ts": "1767602301.000100", "thread_ts": SLACK["ts"]}),
        ("Mattermost", POST, {"user_data": {"username": "bo"}}, {"id": "m2", "root_id": "m1"}),
        ("RocketChat", ROCKET, {"u": {"username": "bo"}}, {"_id": "r2", "tmid": "r1"}),
    ],
)
def test_who_begins_a_thread_of_a_chat_goes_on_under_the_last_message_of_somebody_else(
    imported, backend, first, by, second
):
    key = next(iter({"ts", "id", "_id"} & second.keys()))
    thanks = {**first, **second, key: f"{second[key]}9"}
    made, _ = imported("custom:c", *(item(backend, each) for each in (first, {**first, **by, **second}, thanks)))
    asked, answer, follow_up = [each for each in made if each.type in {"note", "reply"}]
    assert (answer.object, follow_up.object, follow_up.actor) == (asked.id, answer.id, asked.actor)


def test_a_message_that_zulip_shows_with_a_quote_replies_to_that(imported):
    place = "/#narrow/channel/3-beer/topic/hops/near/2"
    shown = f'<p><span class="user-mention silent" data-user-id="2">Bo</span> <a href="{place}">said</a>:</p><p>thx</p>'
    said = [{**ZULIP, "id": number, "stream_id": 3} for number in (1, 2)]
    made, _ = imported(
        "zulip:z.example", *(item("Zulip", each) for each in (*said, {**said[0], "id": 3, "content": shown}))
    )
    assert [each.object for each in made if each.id == "3"] == ["2"]


def test_a_comment_on_a_file_in_slack_is_of_who_wrote_it(imported):
    data = {name: value for name, value in SLACK.items() if name != "user"}
    made, _ = imported("custom:c", item("Slack", {**data, "subtype": "file_comment", "comment": {"user": "U3"}}))
    assert made[0].actor == "U3"


def test_items_of_other_backends_are_counted_and_refused_where_there_are_no_others(imported):
    assert imported("custom:c", item("Jenkins", {}), item("Slack", SLACK))[1].left_out == {"other": 1}
    with pytest.raises(UnreadableError, match="items of Jenkins"):
        imported("custom:c", item("Jenkins", {}))
