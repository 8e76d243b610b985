"""Rendering: a page from its template, in the reader's language, with what every page has, and its files."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, g, render_template, request
from markupsafe import Markup, escape
from msgspec.structs import replace
from redis.exceptions import RedisError

from candor.names.networks import network_label
from candor.scoring.topics import Topic, load_catalogue
from service.auth import TOKEN_FIELD, csrf_token, key, known_key
from service.context import context
from service.drawing import stylesheet
from service.problems import ProblemError
from service.web.once import ONCE_FIELD, new_form_key
from service.web.short_names import name_apart
from service.words import LANGUAGES, language_of, typeset, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.document import ScoreDocument
    from candor.scoring.made_from import TopicRef
    from service.words import Words

LANGUAGE_PARAMETER = "lang"
LANGUAGE_COOKIE = "candor_lang"
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")
_CODE = re.compile(r"`([^`]+)`")
GUIDES_PATH = "/guides/"
_GUIDE = re.compile(rf"(?<![\w/]){GUIDES_PATH}[a-z-]+")
_YEAR_S = 365 * 86_400
_KEPT_A_YEAR = f"public, max-age={_YEAR_S}, immutable"


def asset(name: str) -> str:
    """Return the address of a file, which changes with its content."""
    return f"/static/{name}?{hashlib.sha256(_files()[name]).hexdigest()[:12]}"


def show_asset(name: str) -> Response:
    """Serve a file of the package. Raises ProblemError 404 for any other name."""
    if name not in _files():
        raise ProblemError("not_found", "There is no such file.")
    answer = Response(_files()[name], mimetype=_TYPES[name.rpartition(".")[2]])
    answer.headers["Cache-Control"] = _KEPT_A_YEAR
    return answer


@cache
def _files() -> dict[str, bytes]:
    folder = resources.files("service.web").joinpath("static")
    ours = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in _TYPES}
    return {**ours, "pictures.css": stylesheet().encode()}


def current_words() -> Words:
    """Return the words of the current request's language."""
    asked = request.args.get(LANGUAGE_PARAMETER)
    chosen = asked if asked in LANGUAGES else request.cookies.get(LANGUAGE_COOKIE)
    return words(language_of(request.headers.get("Accept-Language"), chosen))


def keep_choice(response: Response) -> Response:
    """Remember what the switch was set to."""
    chosen = request.args.get(LANGUAGE_PARAMETER) if response.mimetype == "text/html" else None
    if chosen in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, str(chosen), max_age=_YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return response


def render_page(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page. Its template finds `t`, the words, beside the values. It needs no store, which may be away."""
    t = current_words()
    html = render_template(
        template,
        t=t,
        asset=asset,
        topic_label=topic_label,
        topic_name=topic_name,
        network_label=network_label,
        name_apart=name_apart,
        csrf=csrf_token(),
        csrf_field=TOKEN_FIELD,
        once_field=ONCE_FIELD,
        new_form_key=new_form_key,
        languages=list(_languages()),
        signed_in=g.get("in_session", False),
        lacks_key=_lacks_key(),
        may_write=(used := known_key(request.environ)) is None or "write" in used.scopes,
        contact=context().settings.operator_contact,
        path=request.path,
        **values,
    )
    answer = Response(html, status, mimetype="text/html")
    answer.headers["Content-Language"] = t.language
    return answer


def _lacks_key() -> bool:
    """Say whether the reader has neither a key nor a session where pages ask for one; no store need answer."""
    if context().settings.on_loopback:
        return False
    with suppress(RedisError):
        return key() is None
    return False


def own_path(path: str | None) -> str | None:
    """Return a path of ours that a link names, None for any other address."""
    return path if path is not None and _OWN_PATH.fullmatch(path) else None


def sentence(words: str) -> str:
    """Write what is said as a sentence: with a capital letter and, unless it ends with another sign, a full stop."""
    said = f"{words[:1].upper()}{words[1:].rstrip('.')}"
    return said if said.endswith(("?", "!", "…", ":")) else f"{said}."


def tied(text: str) -> str:
    """Tie the signs that the reader's language sets apart to the word before, in what comes from an answer of ours."""
    return typeset(text, current_words().language)


def coded(words: str) -> Markup:
    """Mark what stands between backticks as code, and lead to the guides that are named."""
    marked = _CODE.sub(r"<code>\1</code>", str(escape(words)))
    return Markup(_GUIDE.sub(r'<a href="\g<0>">\g<0></a>', marked))  # noqa: S704 it is escaped


def topic_label(topic: Topic | TopicRef, t: Words) -> str:
    """Name a topic in the reader's language, where the topic or the catalogue has a name for it."""
    labels = topic.labels if isinstance(topic, Topic) else {}
    built_in = load_catalogue().get(topic.id)
    if built_in is not None and built_in.label == topic.label:
        labels = built_in.labels
    return labels.get(t.language, topic.label)


def with_topic_in(document: ScoreDocument, t: Words) -> ScoreDocument:
    """Name the topic of a document in the reader's language, for the pictures too."""
    return replace(document, topic=replace(document.topic, label=topic_label(document.topic, t)))


def topic_name(topic_id: str, t: Words, label: str | None = None) -> str:
    """Name a topic of which only the id, or also a label, is kept: as the catalogue does, else by what is kept."""
    built_in = load_catalogue().get(topic_id)
    if label is None:
        label = topic_id.removeprefix("tag:") if built_in is None else built_in.label
    return topic_label(Topic(id=topic_id, label=label), t)


def _languages() -> Iterator[tuple[str, str]]:
    """Yield each language with the address of this very page in it."""
    for language in LANGUAGES:
        query = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE_PARAMETER]
        yield language, "?" + urlencode([*query, (LANGUAGE_PARAMETER, language)])
