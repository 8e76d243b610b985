"""Lines of `gerrit stream-events`: each says what happened to a change, as far as a query would tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.formats.dumps.perceval_threads import dicts, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_ON_CHANGES = frozenset({"patchset-created", "change-restored", "change-abandoned", "wip-state-changed"})


def change_of(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the change with what the event adds to it, as `gerrit query` prints it; None where it is on none."""
    change, kind, at = object_of(event.get("change")), event.get("type"), event["eventCreatedOn"]
    if not change:
        return None
    told: dict[str, Any] = {"createdOn": at, "lastUpdated": at, **change}
    if kind == "comment-added":
        by = object_of(event.get("author"))
        key = f"{at}-{by.get('email') or by.get('username')}"
        comment = {"timestamp": at, "message": event.get("comment"), "reviewer": by, "key": key}
        votes = [_vote(each, by, at) for each in dicts(event.get("approvals")) if _is_new(each)]
        return told | {"comments": [comment], "patchSets": [{"approvals": votes}]}
    if kind == "change-merged":
        votes = [_vote({"type": "SUBM", "value": 1}, object_of(event.get("submitter")), at)]
        return told | {"status": "MERGED", "patchSets": [{"approvals": votes}]}
    return told if kind in _ON_CHANGES else None


def _vote(vote: Mapping[str, Any], by: Mapping[str, Any], at: object) -> dict[str, Any]:
    return {"type": vote.get("type"), "value": vote.get("value"), "grantedOn": at, "by": by}


def _is_new(vote: Mapping[str, Any]) -> bool:
    """Say whether a vote was given with the comment, which names those that stand already too."""
    return str(vote.get("value")) != str(vote.get("oldValue", ""))
