"""Tickets in what Perceval writes of trackers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from candor.formats.dumps.perceval_threads import Post, dicts, known, object_of, text_of, thread
from candor.formats.lenient import hidden_by
from candor.formats.reading import items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from candor.formats.dumps.dump import Run
    from candor.scoring.activity import Activity

_PUBLIC_BUGS = frozenset({"Public", "Public Security"})
_BLOCKS = frozenset({"paragraph", "heading", "codeBlock", "listItem", "hardBreak", "tableRow"})
_ANONYMOUS = frozenset({"Anonymous", "Anonym", "Anonyme", "Anónimo", "Anonimo", "Anoniem"})
"""As Redmine calls whoever did not sign in, in the language of the server."""


@dataclass(frozen=True)
class _Said:
    """What somebody wrote on a ticket; `hidden` says why it is left out, as private or unclear."""

    key: object
    by: object
    at: object
    text: object
    name: object = None
    hidden: str | None = None


def _ticket(
    key: object,
    title: object,
    opened: _Said,
    *,
    comments: Sequence[_Said],
    tags: Sequence[object],
    url: object,
    run: Run,
) -> Iterator[Activity]:
    """Yield a ticket as a question and its comments as replies; what is for some only is counted."""
    comments = [each for each in comments if text_of(each.text)]
    if opened.hidden:
        run.left_out[opened.hidden] += 1 + len(comments)
        return
    run.left_out.update(each.hidden for each in comments if each.hidden)
    first = Post(
        str(key), known(run, opened.by, opened.name, opened.at), opened.at, text_of(title, opened.text), "question"
    )
    said = [
        Post(f"{key}/{each.key}", known(run, each.by, each.name, each.at), each.at, text_of(each.text))
        for each in comments
        if not each.hidden
    ]
    yield from thread(first, tags, url, said, run)


def _inner(data: Mapping[str, Any], name: str, attribute: str = "__text__") -> object:
    """Return the text of the first element of that name, as Perceval writes XML."""
    return next((each.get(attribute) for each in dicts(data.get(name))), None)


def bugzilla(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of a bug, as Bugzilla's XML has it: its first comment describes it."""
    told = [
        _Said(
            _inner(each, "commentid") or place,
            _inner(each, "who"),
            _inner(each, "bug_when"),
            _inner(each, "thetext"),
            _inner(each, "who", "name"),
            hidden=hidden_by(each.get("isprivate")),
        )
        for place, each in enumerate(dicts(data.get("long_desc")))
    ]
    # groups stand there only where the bug is for their members
    key, hidden = _inner(data, "bug_id"), "private" if data.get("group") else told[0].hidden if told else None
    by, name = _inner(data, "reporter"), _inner(data, "reporter", "name")
    opened = _Said("", by, _inner(data, "creation_ts"), told[0].text if told else "", name, hidden=hidden)
    tags, url = [_inner(data, "product"), _inner(data, "component")], f"{origin}/show_bug.cgi?id={key}"
    yield from _ticket(key, _inner(data, "short_desc"), opened, comments=told[1:], tags=tags, url=url, run=run)


def bugzillarest(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of a bug, as Bugzilla's REST interface has it: its first comment describes it."""
    told = [
        _Said(
            each.get("id"),
            each.get("creator"),
            each.get("time"),
            each.get("text"),
            hidden=hidden_by(each.get("is_private")),
        )
        for each in dicts(data.get("comments"))
    ]
    text, hidden = (told[0].text, told[0].hidden) if told else ("", None)
    if (groups := data.get("groups")) != []:
        hidden = hidden_by(groups)
    name = object_of(data.get("creator_detail")).get("real_name")
    opened = _Said("", data.get("creator"), data.get("creation_time"), text, name, hidden=hidden)
    key, tags = data["id"], [data.get("product"), data.get("component"), *items(data.get("keywords"))]
    url = f"{origin}/show_bug.cgi?id={key}"
    yield from _ticket(key, data.get("summary"), opened, comments=told[1:], tags=tags, url=url, run=run)


def _document(text: object) -> object:
    """Return a text, also of a document as Jira's cloud has them: objects within objects, each block on its line."""
    if not isinstance(text, dict):
        return text
    parts, waiting = list[str](), [text]
    while waiting:
        each = waiting.pop()
        if isinstance(said := each.get("text"), str):
            parts.append(said)
        elif each.get("type") in _BLOCKS:
            parts.append("\n")
        waiting += reversed(dicts(each.get("content")))
    return "".join(parts).strip()


def jira(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of an issue; people go by name, or in the cloud by account id."""

    def said(by: object, key: object, at: object, text: object, *, is_private: bool) -> _Said:
        who = object_of(by)
        account = who.get("name") or who.get("accountId")
        hidden = "private" if is_private else None
        return _Said(key, account, at, _document(text), who.get("displayName"), hidden=hidden)

    fields, key = object_of(data.get("fields")), data["key"]
    # a level, a role and whether customers see it are there only where a server uses them
    told = [
        said(
            each.get("author"),
            each.get("id"),
            each.get("created"),
            each.get("body"),
            is_private=bool(each.get("visibility")) or each.get("jsdPublic", True) is not True,
        )
        for each in dicts(data.get("comments_data"))
    ]
    by, text = fields.get("reporter") or fields.get("creator"), fields.get("description")
    opened = said(by, "", fields.get("created"), text, is_private=bool(fields.get("security")))
    parts = [each.get("name") for each in dicts(fields.get("components"))]
    tags = [object_of(fields.get("project")).get("key"), *parts, *items(fields.get("labels"))]
    url = f"{origin}/browse/{key}"
    yield from _ticket(key, fields.get("summary"), opened, comments=told, tags=tags, url=url, run=run)


def phabricator(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of a task that can be seen without signing in; its comments are among its transactions."""
    fields, key = object_of(data.get("fields")), f"T{data['id']}"
    view = object_of(fields.get("policy")).get("view")
    hidden = None if view == "public" else hidden_by(view)

    def said(thing: Mapping[str, Any], key: object, text: object) -> _Said:
        who = object_of(thing.get("authorData"))
        return _Said(key, who.get("userName"), thing.get("dateCreated"), text, who.get("realName"), hidden=hidden)

    told = [
        said(each, each.get("transactionID"), each.get("comments"))
        for each in dicts(data.get("transactions"))
        if each.get("transactionType") == "core:comment"
    ]
    if not hidden:
        run.left_out["deleted"] += sum(not text_of(each.text) for each in told)  # a comment that was removed is empty
    text = object_of(fields.get("description")).get("raw")
    tags = [each.get("name") for each in dicts(data.get("projects"))]
    opened = said(fields, "", text)
    yield from _ticket(key, fields.get("name"), opened, comments=told, tags=tags, url=f"{origin}/{key}", run=run)


def launchpad(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of a bug; the first of its messages describes it."""
    del origin
    bug = object_of(data.get("bug_data"))
    kind, is_private = bug.get("information_type"), bug.get("private")
    hidden = None if kind in _PUBLIC_BUGS and not is_private else hidden_by(kind or is_private)

    def said(thing: Mapping[str, Any], key: object, at: object, text: object) -> _Said:
        who = object_of(thing.get("owner_data"))
        return _Said(key, who.get("name"), at, text, who.get("display_name"), hidden=hidden)

    told = [
        said(each, place, each.get("date_created"), each.get("content"))
        for place, each in enumerate(dicts(data.get("messages_data")))
    ]
    opened = said(data, "", bug.get("date_created") or data.get("date_created"), bug.get("description"))
    tags = [data.get("bug_target_name"), *items(bug.get("tags"))]
    title, url = bug.get("title"), data.get("web_link")
    yield from _ticket(bug["id"], title, opened, comments=told[1:], tags=tags, url=url, run=run)


def redmine(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of an issue; people go by their numbers."""

    def said(who: object, key: object, at: object, text: object, hidden: object) -> _Said:
        person = object_of(who)
        account = None if person.get("name") in _ANONYMOUS else person.get("id")
        return _Said(key, account, at, text, person.get("name"), hidden=hidden_by(hidden))

    told = [
        said(each.get("user"), each.get("id"), each.get("created_on"), each.get("notes"), each.get("private_notes"))
        for each in dicts(data.get("journals"))
    ]
    key, private = data["id"], data.get("is_private")
    opened = said(data.get("author"), "", data.get("created_on"), data.get("description"), private)
    tags = [object_of(data.get(name)).get("name") for name in ("project", "tracker", "category")]
    url = f"{origin}/issues/{key}"
    yield from _ticket(key, data.get("subject"), opened, comments=told, tags=tags, url=url, run=run)


def pagure(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of an issue, which has its number in its project; what Pagure notes of itself is no comment."""

    def said(thing: Mapping[str, Any], text: object) -> _Said:
        who, hidden = object_of(thing.get("user")), hidden_by(data.get("private"))
        name, at = who.get("fullname"), thing.get("date_created")
        return _Said(thing.get("id"), who.get("name"), at, text, name, hidden=hidden)

    key, tags = f"{urlsplit(origin).path.strip('/')}#{data['id']}", items(data.get("tags"))
    told = [said(each, each.get("comment")) for each in dicts(data.get("comments")) if not each.get("notification")]
    opened, url = said(data, data.get("content")), f"{origin}/issue/{data['id']}"
    yield from _ticket(key, data.get("title"), opened, comments=told, tags=tags, url=url, run=run)
