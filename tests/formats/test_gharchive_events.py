"""Events of GitHub as GH Archive wrote them over the years, and as tables that are made of it hold them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-01-05T08:36:41Z"
CHANGE = {"id": 9, "number": 6, "url": "https://api.github.com/repos/o/r/pulls/6", "head": {}, "base": {}}
REVIEW = {"id": 3, "user": {"login": "bo"}, "body": "Fine hops", "state": "approved"}
ROW = {"actor_login": "bo", "repo_name": "o/r", "created_at": "2026-01-05 08:36:41", "number": 5, "title": "Hops?"}


def event(kind: str, payload: dict[str, Any], login: str = "bo") -> dict[str, Any]:
    return {"type": kind, "actor": {"login": login}, "repo": {"name": "o/r"}, "created_at": AT, "payload": payload}


def read(tmp_path: Path, *things: dict[str, Any]) -> tuple[list[tuple[str, str | None, str | None, str | None]], Run]:
    path = tmp_path / "hour.json"
    path.write_text("\n".join(map(json.dumps, things)))
    run = Run("github")
    made = FORMATS["gharchive"].records([path], run)
    return [(each.type, each.actor, each.object, each.content) for each in made], run


def test_changes_of_late_2025_are_read_though_hardly_anything_is_said_of_them(tmp_path):
    made, _ = read(
        tmp_path,
        event("PullRequestEvent", {"action": "opened", "number": 6, "pull_request": CHANGE}, "ada"),
        event("PullRequestEvent", {"action": "merged", "number": 6, "pull_request": CHANGE}),
        event("PullRequestReviewEvent", {"action": "created", "review": REVIEW, "pull_request": CHANGE}),
    )
    assert made == [
        ("note", "ada", None, ""),
        ("accept", "bo", "o/r#6", None),
        ("review", "bo", "o/r#6", "Fine hops"),
    ]


def test_who_dismisses_a_review_is_not_taken_for_who_wrote_it(tmp_path):
    dismissed = {**REVIEW, "state": "dismissed"}
    made, run = read(
        tmp_path,
        event("PullRequestReviewEvent", {"action": "dismissed", "review": dismissed, "pull_request": CHANGE}, "cy"),
        event("PullRequestReviewEvent", {"action": "updated", "review": REVIEW, "pull_request": CHANGE}),
    )
    assert (made, run.left_out) == ([], {"other": 2})


def test_a_discussion_is_a_question_where_answers_can_be_accepted(tmp_path):
    def begun(number: int, *, answerable: bool) -> dict[str, Any]:
        said = {"number": number, "title": "Hops", "body": "b", "category": {"is_answerable": answerable}}
        return event("DiscussionEvent", {"action": "created", "discussion": said})

    made, _ = read(tmp_path, begun(1, answerable=True), begun(2, answerable=False))
    assert made == [("question", "bo", None, "Hops\n\nb"), ("note", "bo", None, "Hops\n\nb")]


def test_rows_of_clickhouse_are_read_as_the_events_that_they_were_made_of(tmp_path):
    made, run = read(
        tmp_path,
        {"event_type": "IssuesEvent", **ROW, "action": "opened", "body": "b", "labels": ["bug"], "comment_id": 0},
        {"event_type": "IssueCommentEvent", **ROW, "action": "created", "body": "c", "comment_id": 42}
        | {"author_association": "MEMBER", "creator_user_login": "ada"},
        {"event_type": "PullRequestEvent", **ROW, "action": "closed", "merged": 1, "merged_by": "bo"}
        | {"creator_user_login": "ada"},
        {"event_type": "PullRequestReviewEvent", **ROW, "action": "created", "review_state": "approved", "body": ""},
        {"event_type": "WatchEvent", **ROW, "action": "started"},
    )
    assert made == [
        ("question", "bo", None, "Hops?\n\nb"),
        ("reply", "bo", "o/r#5", "c"),
        ("accept", "bo", "o/r#5", None),
        ("review", "bo", "o/r#5", None),
    ]
    assert (list(run.trusted), run.left_out) == (["bo"], {"other": 1})
