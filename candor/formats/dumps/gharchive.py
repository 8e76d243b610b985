"""Hours of GH Archive: what happened in public on GitHub, one event a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.lenient import NEEDED
from candor.formats.reading import record
from candor.scoring.loose_values import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="gharchive",
    label="GH Archive",
    files="hours, as .json.gz, or rows of BigQuery's githubarchive as NDJSON or Parquet",
    network="github",
    account="login",
    question="an issue that is opened; a pull request that is opened is a note; both tagged with repository and labels",
    answer="a comment on an issue or pull request is a reply",
    accept="a pull request that somebody else merged",
    review="a review that approves (+1) or requests changes (-1)",
    trusted="who wrote as owner, member or collaborator of a repository",
    lost="what is edited later, reactions, stars, pushes, who was asked to review; what began earlier, or before 2015",
)
_TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_VERDICTS = {"approved": 1.0, "changes_requested": -1.0}


class _Login(msgspec.Struct):
    login: str


class _Repository(msgspec.Struct):
    name: str


class _Event(msgspec.Struct):
    type: str
    actor: _Login
    repo: _Repository
    created_at: Any
    payload: dict[str, Any] | str = {}
    public: Annotated[bool, NEEDED] = True

    @property
    def said(self) -> dict[str, Any]:
        """The payload, also where BigQuery wrote it as a text. May raise one of MALFORMED."""
        return msgspec.json.decode(self.payload, type=dict[str, Any]) if isinstance(self.payload, str) else self.payload


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of events. Raises UnreadableError."""
    for path in paths:
        yield from run.each(objects_in(path), _Event, lambda event: _said(event, run))


def _said(event: _Event, run: Run) -> Iterator[Activity]:
    for name in ("issue", "pull_request", "comment", "review"):
        _trust(event.said.get(name), run)
    made = list(_MAKERS[event.type](event)) if event.type in _MAKERS and event.public else []
    if not made:
        run.left_out["other"] += 1
    yield from made


def _trust(thing: object, run: Run) -> None:
    """Take down who wrote something as one of those who own or look after the repository."""
    by = thing.get("user") if isinstance(thing, dict) and thing.get("author_association") in _TRUSTED else None
    if isinstance(by, dict) and isinstance(login := by.get("login"), str) and by.get("type") != "Bot":
        run.trusted[login] = None


def _act(event: _Event) -> dict[str, Any]:
    return {"actor": event.actor.login, "published": time_of(event.created_at)[0]}


def _key(event: _Event, number: object) -> str:
    return f"{event.repo.name}#{number}"


def _opened(event: _Event, name: str, kind: str) -> Iterator[Activity]:
    thing: Mapping[str, Any] = event.said[name]
    labels = [label["name"] for label in thing.get("labels") or () if isinstance(label, dict) and label.get("name")]
    text = f"{thing.get('title') or ''}\n\n{thing.get('body') or ''}".strip()
    said = {"content": text, "tags": [event.repo.name, *labels], "url": thing.get("html_url")}
    yield record(type=kind, id=_key(event, thing["number"]), **said, **_act(event))


def _issue(event: _Event) -> Iterator[Activity]:
    if event.said.get("action") == "opened":
        yield from _opened(event, "issue", "question")


def _pull_request(event: _Event) -> Iterator[Activity]:
    action, change = event.said.get("action"), event.said["pull_request"]
    if action == "opened":
        yield from _opened(event, "pull_request", "note")
    elif action == "merged" or (action == "closed" and change.get("merged")):
        by = (change.get("merged_by") or {}).get("login") or event.actor.login
        author = (change.get("user") or {}).get("login")
        if by != author:
            key = _key(event, change["number"])
            act = {**_act(event), "actor": by, "target_actor": author}
            yield record(type="accept", id=f"{key}/merge", object=key, **act)


def _comment(event: _Event) -> Iterator[Activity]:
    if event.said.get("action") == "created":
        thing = event.said.get("issue") or event.said["pull_request"]
        said, key = event.said["comment"], _key(event, thing["number"])
        yield record(type="reply", id=f"{key}/{said['id']}", object=key, content=said.get("body") or "", **_act(event))


def _review(event: _Event) -> Iterator[Activity]:
    said, key = event.said["review"], _key(event, event.said["pull_request"]["number"])
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
