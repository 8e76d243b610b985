"""Hours of GH Archive: what happened in public on GitHub, one event a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.reading import record
from candor.scoring.activity import Instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="gharchive",
    label="GH Archive",
    files="hours, as .json.gz",
    network="github",
    account="login",
    question="an issue that is opened; a pull request that is opened is a note; both tagged with repository and labels",
    answer="a comment on an issue or pull request is a reply",
    accept="a pull request that somebody else merged",
    review="a review that approves (+1) or requests changes (-1)",
    lost="what is edited later, reactions, stars, pushes, who was asked to review; what began before the hours given",
)
_VERDICTS = {"approved": 1.0, "changes_requested": -1.0}


class _Login(msgspec.Struct):
    login: str


class _Repository(msgspec.Struct):
    name: str


class _Event(msgspec.Struct):
    id: str
    type: str
    actor: _Login
    repo: _Repository
    created_at: Instant
    payload: dict[str, Any] = {}
    public: bool = True


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of events. Raises UnreadableError."""
    for path in paths:
        yield from run.each(objects_in(path), _Event, lambda event: _said(event, run))


def _said(event: _Event, run: Run) -> Iterator[Activity]:
    made = list(_MAKERS[event.type](event)) if event.type in _MAKERS and event.public else []
    if not made:
        run.left_out["other"] += 1
    yield from made


def _act(event: _Event) -> dict[str, Any]:
    return {"actor": event.actor.login, "published": event.created_at}


def _key(event: _Event, number: object) -> str:
    return f"{event.repo.name}#{number}"


def _opened(event: _Event, name: str, kind: str) -> Iterator[Activity]:
    thing: Mapping[str, Any] = event.payload[name]
    labels = [label["name"] for label in thing.get("labels") or () if isinstance(label, dict)]
    text = f"{thing.get('title') or ''}\n\n{thing.get('body') or ''}".strip()
    said = {"content": text, "tags": [event.repo.name, *labels], "url": thing.get("html_url")}
    yield record(type=kind, id=_key(event, thing["number"]), **said, **_act(event))


def _issue(event: _Event) -> Iterator[Activity]:
    if event.payload.get("action") == "opened":
        yield from _opened(event, "issue", "question")


def _pull_request(event: _Event) -> Iterator[Activity]:
    action, change = event.payload.get("action"), event.payload["pull_request"]
    if action == "opened":
        yield from _opened(event, "pull_request", "note")
    elif action == "merged" or (action == "closed" and change.get("merged")):
        by = (change.get("merged_by") or {}).get("login") or event.actor.login
        author = (change.get("user") or {}).get("login")
        if by != author:
            key = _key(event, change["number"])
            act = {"actor": by, "published": event.created_at, "target_actor": author}
            yield record(type="accept", id=f"{key}/merge", object=key, **act)


def _comment(event: _Event) -> Iterator[Activity]:
    if event.payload.get("action") == "created":
        thing = event.payload.get("issue") or event.payload["pull_request"]
        said, key = event.payload["comment"], _key(event, thing["number"])
        yield record(type="reply", id=f"{key}/{said['id']}", object=key, content=said.get("body") or "", **_act(event))


def _review(event: _Event) -> Iterator[Activity]:
    said, key = event.payload["review"], _key(event, event.payload["pull_request"]["number"])
    value = _VERDICTS.get(str(said.get("state")).lower())
    text = {"content": said["body"]} if said.get("body") else {}
    if value is not None:
        yield record(type="review", id=f"{key}/review/{said['id']}", object=key, value=value, **text, **_act(event))
    elif text:
        yield record(type="reply", id=f"{key}/review/{said['id']}", object=key, **text, **_act(event))


_MAKERS: dict[str, Callable[[_Event], Iterator[Activity]]] = {
    "IssuesEvent": _issue,
    "PullRequestEvent": _pull_request,
    "IssueCommentEvent": _comment,
    "PullRequestReviewCommentEvent": _comment,
    "PullRequestReviewEvent": _review,
}
FORMAT = Format(FACTS, read)
