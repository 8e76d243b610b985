"""Renders a page: its template, in the reader's language, with what every page has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, g, render_template, request

from candor.scoring.catalogue import load_catalogue
from candor.scoring.topics import Topic
from service.context import context
from service.sessions import TOKEN_FIELD, csrf_token
from service.web.assets import asset
from service.web.language import PARAMETER, spoken
from service.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.document import TopicRef
    from service.words import Words


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page. Its template finds `t`, the words, beside the values. It asks no store, which may be away."""
    t = spoken()
    html = render_template(
        template,
        t=t,
        asset=asset,
        topic_label=topic_label,
        csrf=csrf_token(),
        csrf_field=TOKEN_FIELD,
        languages=list(_languages()),
        signed_in=g.get("in_session", False),
        contact=context().settings.operator_contact,
        path=request.path,
        **values,
    )
    answer = Response(html, status, mimetype="text/html")
    answer.headers["Content-Language"] = t.language
    return answer


def topic_label(topic: Topic | TopicRef, t: Words) -> str:
    """Name a topic in the reader's language, where the topic or the catalogue has a name for it."""
    own = topic.labels if isinstance(topic, Topic) else {}
    built_in = load_catalogue().get(topic.id)
    if built_in is not None and built_in.label == topic.label:
        own = built_in.labels
    return own.get(t.language, topic.label)


def _languages() -> Iterator[tuple[str, str]]:
    """Yield each language with the address of this very page in it."""
    for language in LANGUAGES:
        query = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
        yield language, "?" + urlencode([*query, (PARAMETER, language)])
