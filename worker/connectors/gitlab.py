"""GitLab, gitlab.com or a server of one's own: issues and merge requests with what was said about them."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import msgspec

from candor.formats.lenient import NEEDED
from candor.names.work_accounts import GHOST
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from candor.scoring.markup import own_words
from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    one,
    public_profile,
    record,
    unavailable_profile,
)
from worker.connectors.network_client import check_same, next_link, read, read_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

OWN_HOST = "gitlab.com"
_NAMED = re.compile(r"(?<![\w/`@.])@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?)(?![\w/])")
_GROUP = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
_KINDS = {"Issue": "issues", "WorkItem": "issues", "MergeRequest": "merge_requests"}
_VERDICTS = (("approved this merge request", 1.0), ("requested changes", -1.0), ("unapproved this merge request", 0.0))
_NOT_IF_PRIVATE = frozenset({"created_at", "followers"})
_VOUCHES = 10
_DAY = timedelta(days=1)


class User(msgspec.Struct):
    """An account. One that stands for all that were deleted is called ghost."""

    username: str
    id: int = 0
    name: str | None = None
    state: str = ""
    bio: str | None = None
    web_url: str | None = None
    followers: int | None = None
    bot: bool | None = None

    @property
    def account(self) -> str:
        """Return the name in lower case: GitLab takes no notice of case."""
        return self.username.lower()

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: a server tells bots apart, and no more."""
        return by_sign("gitlab", "bot true" if self.bot else "")


class Note(msgspec.Struct):
    """What somebody said in a thread; a `system` note tells what was done to it."""

    id: int
    created_at: Instant
    body: str = ""
    author: User | None = None
    system: Annotated[bool, NEEDED] = False
    internal: Annotated[bool, NEEDED] = False
    confidential: Annotated[bool | None, NEEDED] = None
    noteable_type: str | None = None
    noteable_iid: int | None = None

    @property
    def readable(self) -> bool:
        """Say whether it is for everybody."""
        return not (self.internal or self.confidential)

    @property
    def verdict(self) -> float | None:
        """Return what a review says: that the change is good, or that it is not; 0 where that was taken back."""
        return next((value for words, value in _VERDICTS if self.system and self.body.startswith(words)), None)


class _Event(msgspec.Struct):
    """What the account did, as its page shows it."""

    created_at: Instant
    project_id: int | None = None
    action_name: str = ""
    target_type: str | None = None
    target_iid: int | None = None
    note: Note | None = None

    @property
    def place(self) -> tuple[int, str, int] | None:
        """Return the project, the kind and the number of the thread, None where it is about something else.

        What belongs to a group, such as an epic, is in no project.
        """
        of = (self.note.noteable_type, self.note.noteable_iid) if self.note else (self.target_type, self.target_iid)
        kind = _KINDS.get(of[0] or "")
        return None if self.project_id is None or kind is None or of[1] is None else (self.project_id, kind, of[1])


class _Discussion(msgspec.Struct):
    notes: list[Note]


class Top(msgspec.Struct):
    """An issue, or a merge request; what only the latter has is set there."""

    iid: int
    web_url: str
    created_at: Instant
    title: str = ""
    description: str | None = None
    author: User | None = None
    labels: list[str] = []
    confidential: Annotated[bool, NEEDED] = False
    user_notes_count: int = 0
    merged_at: Instant | None = None
    merge_user: User | None = None
    merged_by: User | None = None

    def parts(self, kind: str, discussions: Iterable[list[Note]]) -> Iterator[Iterator[Activity]]:
        """Yield the records of each post and act in the thread. To go on with one may raise one of MALFORMED."""
        text = f"{self.title}\n\n{self.description or ''}".strip()
        yield _post(kind, self.web_url, self.author, self.created_at, text, tags=self.labels)
        verdicts: dict[str, tuple[Note, float]] = {}
        for notes in discussions:
            under = self.web_url
            for note in (each for each in notes if each.readable):
                if not note.system:
                    url = f"{self.web_url}#note_{note.id}"
                    yield _post("reply", url, note.author, note.created_at, note.body, object=under)
                    under = url if under == self.web_url else under
                elif (value := note.verdict) is not None and (by := account_of(note.author)) is not None:
                    verdicts[by] = (note, value)
        yield from self._judged(verdicts)

    def _judged(self, verdicts: dict[str, tuple[Note, float]]) -> Iterator[Iterator[Activity]]:
        """Yield the last word of each reviewer, that the change was taken, and with it the reviews before."""
        author = account_of(self.author)
        kept = {by: said for by, said in verdicts.items() if by != author and said[1]}
        reviews = {by: (f"{self.web_url}#review-{by}", *said) for by, said in kept.items()}
        of = {"object": self.web_url, "target_actor": author, "url": self.web_url}
        for by, (key, note, value) in reviews.items():
            yield one(type="review", id=key, actor=by, published=note.created_at, value=value, **of)
        merger = account_of(self.merge_user or self.merged_by)
        if self.merged_at is None or merger is None:
            return
        act = {"type": "accept", "actor": merger, "published": self.merged_at, "url": self.web_url}
        if merger != author:
            yield one(id=f"{self.web_url}#merged", object=self.web_url, target_actor=author, **act)
        for by, (key, note, _) in reviews.items():
            if by != merger and note.created_at <= self.merged_at:
                yield one(id=f"{key}-taken", object=key, target_actor=by, **act)


class GitLab(Connector):
    """Threads are found by the account's events, and read whole where the operator has set a token."""

    facts = ConnectorFacts(
        family="gitlab",
        profile="forum",
        terms="the REST interface of gitlab.com or of another server, under its terms; public projects only",
        limits="500 requests a minute at gitlab.com, others as they say, told by RateLimit-Reset as epoch",
        consent=("private profile", "blocked", "banned", "deactivated", "deleted"),
        unseen={
            "threads": "what others said in a thread, reviews among it, is shown to those who bring a token",
            "older": "a server keeps an account's events for some years and shows threads by these only",
            "internal": "confidential issues and internal notes, also where the token would show them",
            "reactions": "who put an emoji on something",
            "addressees": "a name with an @ may be a group's: it is kept as it is",
        },
        operator_adds="a token opens what others said in threads, and members of groups, as trust roots",
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._host = self.network.partition(":")[2] or OWN_HOST
        self._ids: dict[str, int] = {}

    def profile(self, account: str) -> AccountProfile:
        """See Connector. Two requests: the number of the account, then what it says of itself."""
        name = str(self.canonical_name(account))
        reply = self.client.outbound.get_json(self._url("users", username=name))
        found = next((user for user in read_items(reply, User) if user.account == name), None)
        if found is None:
            return unavailable_profile(name, reply.fetched_at, f"account not found on {self._host}", gone=True)
        if found.account == GHOST:
            return unavailable_profile(name, reply.fetched_at, "it stands for every deleted account", gone=True)
        if found.state not in {"active", ""}:
            self.client.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, f"{found.state} by the server or its owner", gone=True)
        number = found.id
        reply = self.client.outbound.get_json(self._url(f"users/{number}"))
        found = read(reply, User)
        check_same(name, found.account, reply)
        if _is_private(reply):
            self.client.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, "its owner hides the profile")
        self._ids[name] = number
        facts = {"name": found.name or found.username, "bio": found.bio, "url": found.web_url}
        return public_profile(reply, found.kind, actor=name, followers=found.followers, **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Whole threads, that of the newest event first. What others said there comes along."""
        name = str(self.canonical_name(account))
        threads: dict[tuple[int, str, int], list[_Event]] = {}
        for event in self._events(name, after=f"{since - _DAY:%Y-%m-%d}", before=f"{until + _DAY:%Y-%m-%d}"):
            if event.place is not None:
                threads.setdefault(event.place, []).append(event)
        for place, events in threads.items():
            yield from self._thread(place, events, name)

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Nothing more: all of it stood in the threads."""
        del posts
        return iter(())

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. The changes it took, and with them reviews, among its newest events, at most ten."""
        name = str(self.canonical_name(account))
        taken = (event.place for event in self._events(name) if event.action_name in {"accepted", "merged"})
        for place in islice(dict.fromkeys(place for place in taken if place), _VOUCHES):
            yield from (each for each in self._thread(place, [], name) if (each.type, each.actor) == ("accept", name))

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. The members of a group: `GROUP` or `GROUP/SUBGROUP`, which needs a token mostly."""
        group = reference.removeprefix(f"https://{self._host}/").removeprefix("groups/").strip("/")
        if not _GROUP.fullmatch(group):
            raise UnknownAccountError(f"not a group of {self._host}: {reference!r}")
        url, named = self._url(f"groups/{quote(group, safe='')}/members/all", per_page=100), self._token()
        self.client.outbound.get_json(url, **named)
        pages = self.client.pages("members of the list", url, next_link, **named)
        found = (user for reply in pages for user in self.client.items("members of the list", reply, User))
        return (user.account for user in found if user.account != GHOST)

    def _url(self, path: str, **query: str | int) -> str:
        return f"{self.client.origin(self._host)}/api/v4/{path}" + (f"?{urlencode(query)}" if query else "")

    def _token(self) -> dict[str, Any]:
        """Name the token, which is for what strangers are not shown. What is private is never asked for with it."""
        return {"credential": self.client.bearer(self._host)}

    def _events(self, name: str, **between: str) -> Iterator[_Event]:
        if name not in self._ids and self.profile(name).status != "ok":
            return
        what, url = "events of the account", self._url(f"users/{self._ids[name]}/events", per_page=100, **between)
        for reply in self.client.pages(what, url, next_link):
            yield from self.client.items(what, reply, _Event)

    def _thread(self, place: tuple[int, str, int], events: list[_Event], name: str) -> Iterator[Activity]:
        """Read a thread, without a token, so that it is one for everybody; and what was said in it."""
        project, kind, number = place
        path = f"projects/{project}/{kind}/{number}"
        top = self.client.ask_for("threads", self._url(path), Top, apart=True)
        if top is None or top.confidential:
            return
        said = list(self._discussions(path, top))
        notes = [event.note for event in events if event.note is not None]
        known = {note.id for discussion in said for note in discussion}
        own = [[each] for each in notes if each.id not in known and account_of(each.author) == name]
        what = "question" if kind == "issues" else "note"
        yield from self.records_of_each("threads", self._host, top.parts(what, [*said, *own]))

    def _discussions(self, path: str, top: Top) -> Iterator[list[Note]]:
        """Yield what was said, one discussion after the other; nothing without a token, which is a gap."""
        what = "what others said in threads"
        if not (top.user_notes_count or path.split("/")[2] == "merge_requests"):
            return
        pages = self.client.pages(what, self._url(f"{path}/discussions", per_page=100), next_link, **self._token())
        shown, is_shown = 0, False
        for reply in pages:
            is_shown = True
            for each in self.client.items(what, reply, _Discussion):
                shown += sum(not note.system for note in each.notes)
                yield each.notes
        if is_shown:
            self.client.gaps.add_hidden(what, self._host, shown, top.user_notes_count)


def _is_private(reply: Reply) -> bool:
    """Tell whether a profile is private: then GitLab leaves out since when there is the account, and no more."""
    return "location" in reply.parts and not _NOT_IF_PRIVATE & reply.parts.keys()


def account_of(user: User | None) -> str | None:
    """Return the name of whoever it was, None where the account was deleted."""
    return user.account if user and user.account not in {"", GHOST} else None


def _post(kind: str, url: str, user: User | None, at: datetime, text: str, **more: Any) -> Iterator[Activity]:  # noqa: ANN401 fields of a record
    """Yield a post, by the address of its page, and whom it names: not in its code, nor in quotes."""
    actor = account_of(user)
    yield record(type=kind, id=url, url=url, actor=actor, published=at, content=text, **more)
    names = dict.fromkeys(name.lower() for name in _NAMED.findall(own_words(text)))
    for name in (each for each in names if each not in {GHOST, "all"}):
        yield record(
            type="mention", id=f"{url}#mention-{name}", actor=actor, published=at, object=url, target_actor=name
        )
