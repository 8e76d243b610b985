"""Payloads of GitHub's webhooks, as whoever received them kept them, as events of GH Archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.formats.dumps.perceval_threads import object_of
from candor.formats.lenient import hidden_by

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = (
    (("pull_request", "review"), "PullRequestReviewEvent", "submitted_at"),
    (("pull_request", "comment"), "PullRequestReviewCommentEvent", "created_at"),
    (("issue", "comment"), "IssueCommentEvent", "created_at"),
    (("discussion", "comment"), "DiscussionCommentEvent", "created_at"),
    (("issue",), "IssuesEvent", "created_at"),
    (("discussion",), "DiscussionEvent", "created_at"),
    (("pull_request",), "PullRequestEvent", "created_at"),
)
"""What a payload is about, the first that fits: only the header beside it names its event. What says when it was."""


def is_payload(thing: Mapping[str, Any]) -> bool:
    """Say whether an object is a payload, which says where it happened and who did it, and not what kind of event."""
    return isinstance(thing.get("repository"), dict) and isinstance(thing.get("sender"), dict) and "type" not in thing


def event_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload as an event, `hidden` where the repository is not said to be public."""
    names, kind, time = next((each for each in _KINDS if all(name in payload for name in each[0])), ((), "", ""))
    repository, last = object_of(payload["repository"]), object_of(payload.get(names[-1])) if names else {}
    return {
        "type": kind,
        "actor": payload["sender"],
        "created_at": last.get("merged_at") or last.get(time),
        "repo": {"name": repository.get("full_name")},
        "payload": payload,
        "hidden": hidden_by(repository.get("private")),
    }
