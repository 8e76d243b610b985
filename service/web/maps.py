"""The index of maps: the newest of each community, topic and trust root."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request

from service.auth import owner
from service.context import context
from service.schemas.base import show_instant
from service.web.rendering import current_words, render_page, topic_label

if TYPE_CHECKING:
    from flask import Response

    from candor.store.models import BoardFacts

MAPS_SHOWN = 20  # on a page


def show_maps() -> Response:
    """Show the newest map of each community, topic and trust root, the latest first; `about` and `dataset` filter."""
    store = context().store
    datasets = sorted(dataset.id for dataset in store.datasets.all_of(owner()))
    chosen, about = request.args.get("dataset_id", ""), request.args.get("about", "").strip()
    names = [chosen] if chosen in datasets else datasets
    found = [facts for name in names for facts in store.boards.of_dataset(owner(), name) if _is_about(facts, about)]
    found.sort(key=lambda facts: (show_instant(facts.request.as_of), facts.id), reverse=True)
    number = request.args.get("page", "")
    first = MAPS_SHOWN * (max(1, int(number)) - 1 if number.isdecimal() and len(number) < len("1000000") else 0)
    asked = {"dataset_id": chosen, "about": about}
    return render_page(
        "maps.html",
        maps=[(f"/map?{urlencode({'board': facts.id})}", facts) for facts in found[first : first + MAPS_SHOWN]],
        total=len(found),
        dates={facts.id: show_instant(facts.request.as_of) for facts in found[first : first + MAPS_SHOWN]},
        datasets=datasets,
        asked=asked,
        before=_page(asked, first - MAPS_SHOWN) if first else None,
        after=_page(asked, first + MAPS_SHOWN) if first + MAPS_SHOWN < len(found) else None,
    )


def _is_about(facts: BoardFacts, about: str) -> bool:
    """Say whether a topic is called so, in the reader's language or by its id."""
    names = (facts.topic.id, facts.topic.label, topic_label(facts.topic, current_words()))
    return any(about.casefold() in name.casefold() for name in names)


def _page(asked: dict[str, str], first: int) -> str:
    return f"/map?{urlencode({**asked, 'page': first // MAPS_SHOWN + 1})}"
