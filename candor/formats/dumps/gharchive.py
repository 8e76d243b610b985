"""Hours of GH Archive: what happened in public on GitHub, one event a line; and payloads of webhooks as such events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.dumps.perceval_threads import object_of
from candor.formats.lenient import NEEDED, hidden_by
from candor.formats.reading import record
from candor.names.work_accounts import GHOST
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity


FACTS = FormatFacts(
    id="gharchive",
    label="GH Archive",
    files="hours, as .json.gz, or rows of BigQuery's githubarchive or ClickHouse's github_events as NDJSON or Parquet; "
    "payloads of webhooks, one a line or an array",
    network="github",
    account="login",
    question="an issue that is opened, a discussion that is begun where answers can be accepted; a pull request that "
    "is opened, and another discussion, is a note; all tagged with repository and labels",
    answer="a comment on an issue or pull request is a reply",
    accept="a pull request that somebody else merged",
    review="a review that approves (+1) or requests changes (-1)",
    trusted="who wrote as owner, member or collaborator of a repository",
    lost="what is edited later, reactions, stars, pushes, answers in discussions, who was asked to review; what "
    "began earlier; of the years "
    "before 2015 the texts of issues and comments, which are not in it",
)
TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_REPOSITORY = re.compile(r"https?://github\.(?:com|dev)/([^/\s]+/[^/\s]+)")
_ADDRESS = re.compile(r"/(?:issues|pull)/(\d+)(?:#(?:issuecomment-|discussion_r)(\d+))?$")
_SUBMITTED = frozenset({None, "none", "created", "submitted"})
_IS_EVENT = re.compile(rb'"type"\s*:\s*"\w+Event"')
_BOT = "[bot]"
_HEAD_BYTES = 1_000
_VERDICTS = {"approved": 1.0, "changes_requested": -1.0}


class _Login(msgspec.Struct):
    login: str


class _Repository(msgspec.Struct):
    name: str


class _OldRepository(msgspec.Struct):
    name: str
    owner: str
    url: str = ""


class _Event(msgspec.Struct):
    """An event; until 2015 with `repository` and `url`, and mostly with its actor as a text."""

    type: str
    created_at: Any
    actor: _Login | str | None = None
    repo: _Repository | None = None
    repository: _OldRepository | None = None
    url: str = ""
    payload: dict[str, Any] | str = {}
    public: Annotated[bool, NEEDED] = True  # GH Archive holds nothing else
    hidden: str | None = None

    @property
    def login(self) -> str | None:
        """Who did it; None for an account that is gone."""
        name = self.actor.login if isinstance(self.actor, _Login) else self.actor
        return None if name == GHOST else name or None

    @property
    def place(self) -> str:
        """The repository, as OWNER/NAME. Raises LookupError."""
        if self.repo is not None:
            return self.repo.name
        if self.repository is None:
            raise LookupError("no repository")
        found = _REPOSITORY.fullmatch(self.repository.url)
        return found[1] if found else f"{self.repository.owner}/{self.repository.name}"

    @property
    def said(self) -> dict[str, Any]:
        """The payload, also where BigQuery wrote it as a text. May raise one of MALFORMED."""
        told = msgspec.json.decode(self.payload, type=dict[str, Any]) if isinstance(self.payload, str) else self.payload
        is_old = self.repository is not None or isinstance(told.get("issue"), int) or "issue_id" in told
        return self._as_of_2015(told) if is_old else told

    def _as_of_2015(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return a payload of earlier years, which names by number what later ones hold, as later ones are."""
        found = _ADDRESS.search(self.url)
        number = told.get("number") or (int(found[1]) if found else None)
        if number is None:
            return told
        comment, change = told.get("comment"), told.get("pull_request")
        if not isinstance(comment, dict) and (key := told.get("comment_id") or (found and found[2])):
            comment = {"id": key}
        key = {"number": number}
        return {
            **({"action": "created"} if isinstance(comment, dict) else {}),
            **told,
            "issue": told["issue"] if isinstance(told.get("issue"), dict) else key,
            "pull_request": key | change if isinstance(change, dict) else key,
            "comment": comment,
        }


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of events. Raises UnreadableError."""
    yield from run.each_file(
        paths, lambda path: run.each(map(_event, objects_in(path)), _Event, lambda event: _said(event, run))
    )


def _event(thing: Any) -> Any:  # noqa: ANN401 JSON
    """Return an event as GH Archive has it, of a row of ClickHouse's table of them or a webhook's payload too."""
    if isinstance(thing, msgspec.Raw):
        if _IS_EVENT.search(bytes(memoryview(thing)[:_HEAD_BYTES])):
            return thing
        try:
            thing = msgspec.json.decode(thing, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeError):
            return thing
    if not isinstance(thing, dict):
        return thing
    if "event_type" in thing and "repo_name" in thing:
        return _of_row(thing)
    return event_of(thing) if is_payload(thing) else thing


def _of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Make an event of a row that holds the parts of its payload in columns."""
    kind, key = row["event_type"], row.get("comment_id") or str(row.get("created_at"))
    thing = {
        "number": row.get("number"),
        "title": row.get("title"),
        "labels": [{"name": label} for label in row.get("labels") or ()],
        "user": {"login": row["creator_user_login"]} if row.get("creator_user_login") else None,
        "merged": bool(row.get("merged")),
        "merged_by": {"login": row["merged_by"]} if row.get("merged_by") else None,
    }
    said = {
        "id": key,
        "body": row.get("body"),
        "state": row.get("review_state"),
        "user": {"login": row["actor_login"]},
        "author_association": row.get("author_association"),
    }
    is_said = kind.endswith(("CommentEvent", "ReviewEvent"))
    first = thing if is_said else said | thing | {"user": thing["user"] or said["user"]}
    return {
        "type": kind,
        "actor": row["actor_login"],
        "created_at": row.get("created_at"),
        "repo": {"name": row["repo_name"]},
        "payload": {
            "action": row.get("action"),
            "pull_request" if kind.startswith("PullRequest") else "issue": first,
            **({"review" if kind.endswith("ReviewEvent") else "comment": said} if is_said else {}),
        },
    }


def _said(event: _Event, run: Run) -> Iterator[Activity]:
    if why := event.hidden or (None if event.public else "private"):
        run.left_out[why] += 1
        return
    if event.login is not None and event.login.endswith(_BOT) and (at := _act(event)["published"]) is not None:
        run.name(event.login, None, at, "bot")
    for name in ("issue", "pull_request", "discussion", "comment", "review"):
        _trust(event.said.get(name), run)
    made = list(_MAKERS[event.type](event)) if event.type in _MAKERS else []
    if not made:
        run.left_out["other"] += 1
    yield from made


def _trust(thing: object, run: Run) -> None:
    """Take down who wrote something as one of those who own or look after the repository."""
    by = thing.get("user") if isinstance(thing, dict) and thing.get("author_association") in TRUSTED else None
    if isinstance(by, dict) and isinstance(login := by.get("login"), str) and by.get("type") != "Bot":
        run.trusted[login] = None


def _act(event: _Event) -> dict[str, Any]:
    at = event.created_at.replace("/", "-") if isinstance(event.created_at, str) else event.created_at  # of 2012
    return {"actor": event.login, "published": time_of(at)[0]}


def _key(event: _Event, number: object) -> str:
    return f"{event.place}#{number}"


def _opened(event: _Event, name: str, kind: str) -> Iterator[Activity]:
    thing: Mapping[str, Any] = event.said[name]
    labels = [label["name"] for label in thing.get("labels") or () if isinstance(label, dict) and label.get("name")]
    text = f"{thing.get('title') or ''}\n\n{thing.get('body') or ''}".strip()
    said = {"content": text, "tags": [event.place, *labels], "url": thing.get("html_url")}
    yield record(type=kind, id=_key(event, thing["number"]), **said, **_act(event))


def _issue(event: _Event) -> Iterator[Activity]:
    if event.said.get("action") == "opened":
        yield from _opened(event, "issue", "question")


def _discussion(event: _Event) -> Iterator[Activity]:
    if event.said.get("action") == "created":
        is_asked = (event.said["discussion"].get("category") or {}).get("is_answerable")
        yield from _opened(event, "discussion", "question" if is_asked else "note")


def _pull_request(event: _Event) -> Iterator[Activity]:
    action, change = event.said.get("action"), event.said["pull_request"]
    if action == "opened":
        yield from _opened(event, "pull_request", "note")
    elif action == "merged" or (action == "closed" and change.get("merged")):
        by = (change.get("merged_by") or {}).get("login") or event.login
        author = (change.get("user") or {}).get("login")
        by, author = (None if name == GHOST else name for name in (by, author))
        if by is None or by != author:
            key = _key(event, change["number"])
            act = {**_act(event), "actor": by, "target_actor": author}
            yield record(type="accept", id=f"{key}/merge", object=key, **act)


def _comment(event: _Event) -> Iterator[Activity]:
    if event.said.get("action") == "created":
        thing = event.said.get("issue") or event.said["pull_request"]
        said, key = event.said["comment"], _key(event, thing["number"])
        yield record(type="reply", id=f"{key}/{said['id']}", object=key, content=said.get("body") or "", **_act(event))


def _review(event: _Event) -> Iterator[Activity]:
    if event.said.get("action") not in _SUBMITTED:  # who dismisses a review of somebody else says nothing of their own
        return
    said, key = event.said["review"], _key(event, event.said["pull_request"]["number"])
    value = _VERDICTS.get(str(said.get("state")).lower())
    text = {"content": said["body"]} if said.get("body") else {}
    if value is not None:
        yield record(type="review", id=f"{key}/review/{said['id']}", object=key, value=value, **text, **_act(event))
    elif text:
        yield record(type="reply", id=f"{key}/review/{said['id']}", object=key, **text, **_act(event))


_MAKERS: dict[str, Callable[[_Event], Iterator[Activity]]] = {
    "IssuesEvent": _issue,
    "DiscussionEvent": _discussion,
    "PullRequestEvent": _pull_request,
    "IssueCommentEvent": _comment,
    "PullRequestReviewCommentEvent": _comment,
    "PullRequestReviewEvent": _review,
}
FORMAT = Format(FACTS, read)


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
