"""Issues, pull and merge requests in what Perceval writes of GitHub and GitLab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.formats.dumps.gharchive import TRUSTED
from candor.formats.dumps.perceval_threads import Post, dicts, known, object_of, text_of, thread
from candor.formats.lenient import hidden_by
from candor.names.work_accounts import GHOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.formats.dumps.dump import Run
    from candor.scoring.activity import Activity

_LIKES = frozenset({"+1", "heart", "hooray", "rocket", "thumbsup", "tada", "clap", "100"})
_VERDICTS = {"APPROVED": 1.0, "CHANGES_REQUESTED": -1.0}
_APPROVED = "approved this merge request"


def github(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of an issue or a pull request, under the ids that GH Archive's records have."""
    place = "/".join(origin.rstrip("/").split("/")[-2:])
    repository = object_of(data.get("base")).get("repo") or data.get("repository")
    # an issue has no word of its repository: whoever brings it says that everybody may read it
    is_told = "base" in data or repository is not None
    if is_told and (why := hidden_by(object_of(repository).get("private"))):
        run.left_out[why] += 1
        return
    key = f"{place}#{data['number']}"
    is_change = "pull_request" in data or "base" in data
    first = Post(
        key,
        _login(data, run),
        data["created_at"],
        text_of(data.get("title"), data.get("body")),
        "note" if is_change else "question",
        likes=_reactions(data),
    )
    told = [*dicts(data.get("comments_data")), *dicts(data.get("review_comments_data"))]
    said = [
        Post(
            f"{key}/{each.get('id')}",
            _login(each, run),
            each.get("created_at"),
            text_of(each.get("body")),
            likes=_reactions(each),
        )
        for each in told
    ]
    said += [each for review in dicts(data.get("reviews_data")) for each in _review(key, review, run)]
    merger, merged_at = object_of(data.get("merged_by")), data.get("merged_at")
    merged_by = known(run, merger.get("login"), None, merged_at, is_bot=merger.get("type") == "Bot")
    if merged_at and merged_by and merged_by.lower() != str(first.by).lower():
        said.append(Post(f"{key}/merge", merged_by, merged_at, "", "accept"))
    labels = [each.get("name") for each in dicts(data.get("labels"))]
    yield from thread(first, [place, *labels], data.get("html_url"), said, run)


def _login(thing: Mapping[str, Any], run: Run) -> str | None:
    user = object_of(thing.get("user"))
    if user.get("login") == GHOST:
        return None
    if thing.get("author_association") in TRUSTED and isinstance(user.get("login"), str) and user.get("type") != "Bot":
        run.trusted[user["login"]] = None
    name = object_of(thing.get("user_data")).get("name")
    return known(run, user.get("login"), name, thing.get("created_at"), is_bot=user.get("type") == "Bot")


def _reactions(thing: Mapping[str, Any]) -> list[tuple[str | None, object]]:
    found = dicts(thing.get("reactions_data"))
    return [
        (object_of(each.get("user")).get("login"), each.get("created_at"))
        for each in found
        if each.get("content") in _LIKES
    ]


def _review(key: str, review: Mapping[str, Any], run: Run) -> Iterator[Post]:
    value, text = _VERDICTS.get(str(review.get("state")).upper()), text_of(review.get("body"))
    if value is not None or text:
        by, at = _login(review, run), review.get("submitted_at")
        yield Post(
            f"{key}/review/{review.get('id')}", by, at, text, "reply" if value is None else "review", value=value
        )


def gitlab(data: Mapping[str, Any], origin: str, run: Run) -> Iterator[Activity]:
    """Yield the records of an issue or a merge request, under the addresses that GitLab's own records have."""
    key = str(data.get("web_url") or f"{origin}/-/issues/{data['iid']}")
    is_change = "merge_status" in data or "source_branch" in data or "/merge_requests/" in key
    # an issue says whether it is confidential; a merge request cannot be
    if ("confidential" in data or not is_change) and (why := hidden_by(data.get("confidential"))):
        run.left_out[why] += 1
        return
    text, kind = text_of(data.get("title"), data.get("description")), "note" if is_change else "question"
    first = Post(key, _member(data, "author", run), data["created_at"], text, kind, likes=_awards(data))
    said = [each for note in dicts(data.get("notes_data")) for each in _note(key, note, run)]
    merger, merged_at = object_of(data.get("merge_user") or data.get("merged_by")), data.get("merged_at")
    merged_by = known(run, merger.get("username"), merger.get("name"), merged_at, is_bot=bool(merger.get("bot")))
    if merged_at and merged_by and merged_by != first.by:
        said.append(Post(f"{key}#merged", merged_by, merged_at, "", "accept"))
    labels = data.get("labels")
    yield from thread(first, labels if isinstance(labels, list) else [], data.get("web_url"), said, run)


def _note(key: str, note: Mapping[str, Any], run: Run) -> Iterator[Post]:
    by, body, at = _member(note, "author", run), text_of(note.get("body")), note.get("created_at")
    if note.get("confidential") or note.get("internal"):  # servers that know no such notes have no such field
        run.left_out["private"] += 1
    elif not note.get("system"):
        yield Post(f"{key}#note_{note.get('id')}", by, at, body, likes=_awards(note))
    elif body == _APPROVED:
        yield Post(f"{key}#note_{note.get('id')}", by, at, "", "review", value=1.0)


def _member(thing: Mapping[str, Any], field_name: str, run: Run) -> str | None:
    who = object_of(thing.get(field_name))
    if who.get("username") == GHOST:
        return None
    return known(run, who.get("username"), who.get("name"), thing.get("created_at"), is_bot=bool(who.get("bot")))


def _awards(thing: Mapping[str, Any]) -> list[tuple[str | None, object]]:
    found = dicts(thing.get("award_emoji_data"))
    return [
        (object_of(each.get("user")).get("username"), each.get("created_at"))
        for each in found
        if each.get("name") in _LIKES
    ]
