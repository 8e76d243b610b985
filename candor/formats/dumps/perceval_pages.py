"""Questions and pages in what Perceval writes of question sites and wikis.

Question sites give what is for everybody, and nothing that was deleted. Each version of a wiki's page is a note by who
wrote it; no item says who may read the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.formats.dumps.perceval_threads import Post, dicts, known, object_of, text_of, thread
from candor.formats.reading import items, record
from candor.names.work_accounts import is_unnamed
from candor.scoring.markup import plain
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.formats.dumps.dump import Run
    from candor.scoring.activity import Activity


def _body(thing: Mapping[str, Any], *names: str) -> str:
    """Return the text of the first of the fields that there is, without its HTML."""
    found = next((thing[name] for name in names if isinstance(thing.get(name), str)), "")
    return plain(found)


def stackexchange(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of a question, under the ids of the dump."""
    del origin

    def said(thing: Mapping[str, Any], key: object, kind: str, to: object = None) -> Post:
        who, at = object_of(thing.get("owner")), thing.get("creation_date")
        by = known(run, who.get("user_id"), who.get("display_name"), at)
        return Post(str(key), by, at, _body(thing, "body_markdown", "body"), kind, to=None if to is None else str(to))

    key = data["question_id"]
    first = said(data, key, "question")
    title = plain(str(data.get("title") or ""))
    first = Post(first.key, first.by, first.at, text_of(title, first.text), "question")
    answers = dicts(data.get("answers"))
    posts = [said(each, each.get("answer_id"), "answer") for each in answers]
    posts += [
        said(each, f"comment-{each.get('comment_id')}", "reply", of)
        for of, holder in [(key, data), *((each.get("answer_id"), each) for each in answers)]
        for each in dicts(holder.get("comments"))
    ]
    posts += [
        Post(f"accept-{key}", first.by, each.get("creation_date"), "", "accept", to=str(each.get("answer_id")))
        for each in answers
        if each.get("is_accepted")
    ]
    yield from thread(first, items(data.get("tags")), data.get("link"), posts, run)


def kitsune(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of a question of Mozilla's support forum; what is marked as spam is left out and counted."""
    del origin

    def by(thing: Mapping[str, Any]) -> str | None:
        who = object_of(thing.get("creator"))
        return known(run, who.get("username"), who.get("display_name"), thing.get("created"))

    if data.get("is_spam"):
        run.left_out["deleted"] += 1
        return
    key, tags = str(data["id"]), [each.get("name") or each.get("slug") for each in dicts(data.get("tags"))]
    text = text_of(plain(str(data.get("title") or "")), _body(data, "content"))
    first = Post(key, by(data), data.get("created"), text, "question")
    answers = [each for each in dicts(data.get("answers_data")) if not each.get("is_spam")]
    posts = [
        Post(f"answer-{each.get('id')}", by(each), each.get("created"), _body(each, "content"), "answer")
        for each in answers
    ]
    solved_by = known(run, object_of(data.get("solved_by")).get("username"), None, data.get("created")) or first.by
    posts += [
        Post(f"accept-{key}", solved_by, each.get("created"), "", "accept", to=f"answer-{each['id']}")
        for each in answers
        if each.get("id") is not None and each["id"] == data.get("solution")
    ]
    yield from thread(first, [*tags, data.get("topic"), data.get("product")], None, posts, run)


def askbot(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of a question; people go by their numbers."""
    del origin

    def said(who: object, thing: Mapping[str, Any], key: str, kind: str, at: object) -> Post:
        person = object_of(who[0] if isinstance(who, list) and who else who)
        return Post(
            key, known(run, person.get("id"), person.get("username"), at), at, _body(thing, "text", "summary"), kind
        )

    key = str(data["id"])
    opened = said(data.get("author"), data, key, "question", data.get("added_at"))
    first = Post(key, opened.by, opened.at, text_of(data.get("title"), opened.text), "question")
    answers, posts = dicts(data.get("answers")), []
    for each in answers:
        answer = said(each.get("answered_by"), each, f"{key}/{each.get('id')}", "answer", each.get("added_at"))
        posts.append(answer)
        if each.get("accepted") or (each.get("id") is not None and each.get("id") == data.get("accepted_answer_id")):
            posts.append(Post(f"{key}/accept", first.by, answer.at, "", "accept", to=answer.key))
    for of, holder in [(key, data), *((f"{key}/{each.get('id')}", each) for each in answers)]:
        for each in dicts(holder.get("comments")):
            at = each.get("comment_added_at")
            by = known(run, each.get("user_id"), each.get("user_display_name"), at)
            posts.append(Post(f"{of}/comment-{each.get('id')}", by, at, _body(each, "html"), to=of))
    yield from thread(first, items(data.get("tags")), data.get("url"), posts, run)


def confluence(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the record of one version of a page, or of a comment on none that is known."""
    del origin
    if data.get("type") not in {"page", "blogpost"}:
        run.left_out["other"] += 1
        return
    if (status := data.get("status")) in {"draft", "trashed"}:
        run.left_out["private" if status == "draft" else "deleted"] += 1
        return
    version = object_of(data.get("version"))
    who, at = object_of(version.get("by")), version.get("when")
    account = who.get("username") or who.get("accountId")
    text = object_of(object_of(data.get("body")).get("storage")).get("value")
    said = text_of(data.get("title"), plain(text) if isinstance(text, str) else "")
    key = f"{data['id']}/v{version.get('number')}"
    space = object_of(data.get("space")).get("name")
    yield from thread(
        Post(key, known(run, account, who.get("displayName"), at), at, said, "note"), [space], None, (), run
    )


def mediawiki(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the edits of a page, each with its comment."""
    del origin
    title = data.get("title")
    for each in dicts(data.get("revisions")):
        at, _ = time_of(each.get("timestamp"))
        if at is None:
            run.left_out["undated"] += 1
            continue
        text, by = text_of(title, each.get("comment")), str(each.get("user") or "")
        is_marked = any(each.get(name, False) is not False for name in ("anon", "temp"))
        is_nobody = is_marked or not by or is_unnamed(by)
        yield record(type="note", id=str(each["revid"]), actor=None if is_nobody else by, published=at, content=text)
