"""What was said that mattered: the messages on a topic, one message with its path, and those that earned a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from flask import redirect, request

from candor.messages.earned import earning_messages
from candor.scoring.curves import in_points
from candor.scoring.kinds import LABELS
from candor.scoring.method import load_method
from candor.scoring.trust_root import root_names
from candor.store.models import Job
from service.api.messages import messages_page, topic_in
from service.api.paths import draw, read_path
from service.api.scores import decode_document, read_document
from service.auth import owner, used_signed_link
from service.context import context
from service.drawing import (
    Look,
    outline,
    path_facts,
    path_sentences,
    provenance_of,
    provenance_sentence,
    uptake_sentences,
)
from service.findings import find
from service.http import address_asked
from service.schemas.base import show_instant
from service.schemas.queries import FindingQuerySchema
from service.taken_up import written_to
from service.web.card import safe_link
from service.web.kept_records import (
    accepted_in,
    kind_label,
    message_texts,
    message_url,
    names_beside,
    score_dataset,
    whose_word,
)
from service.web.progress import to_progress
from service.web.rendering import LANGUAGE_PARAMETER, current_words, render_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.document import ScoreDocument
    from candor.store.models import FindingFacts
    from service.api.messages import MessagesResponse

WIDE, NARROW = 760, 330  # pixels
MOST_EARNING = 200


def show_messages() -> AnyResponse:
    """Show the messages on a topic in a data set; where they are not known yet, the job that finds them."""
    if not request.args.get("topic") or not request.args.get("dataset"):
        return redirect("/map", 303)
    query = _query("topic")
    topic = topic_in(query["dataset"], request.args["topic"])
    facts = find("messages", query, topics=(topic,))
    if isinstance(facts, Job):
        return to_progress(facts.id, address_asked())
    shown, _ = messages_page(facts, query)
    board = context().store.boards.newest(
        owner(), shown.dataset, topic.id, root_names(facts.request.trust_root)[0], shown.method
    )
    return render_page(
        "messages.html",
        shown=shown,
        topic=topic,
        date=show_instant(shown.as_of),
        board=None if board is None else board.id,
        cards={} if board is not None else _cards(shown, str(facts.request.network)),
        pages=[message_url(shown.dataset, row.id, facts.request) for row in shown.data],
        following=f"/messages?{urlencode({**request.args, 'cursor': shown.next_cursor})}" if shown.has_more else None,
        map_url=f"/map?{urlencode(_asked(facts) | {'topic': topic.id})}",
        kind_label=kind_label,
        safe_link=safe_link,
    )


def show_message(dataset_id: str, message_id: str) -> AnyResponse:
    """Show a message and how it went from person to person; where that is not known yet, the job that finds it."""
    found = find("message", {**_query(), "dataset": dataset_id}, message=message_id)
    if isinstance(found, Job):
        return to_progress(found.id, address_asked())
    facts, path, steps = read_path(found.id)
    words, names_people = current_words(), facts.request.trust_root.kind not in ("network", "none")
    return render_page(
        "message.html",
        message=path,
        asked=facts.request,
        date=show_instant(facts.request.as_of),
        path_id=facts.id,
        facts=list(path_facts(path, steps, words, names_trusted=names_people)),
        alone=len(steps) == 1,
        names={author.account: author.name for taken in path.taken_up for author in taken.by if author.name},
        taken_up=list(zip(uptake_sentences(path, words), path.taken_up, strict=True)),
        pictures=tuple(draw(facts, path, steps, Look(words, width, name=f"path-{width}")) for width in (WIDE, NARROW)),
        sentences=list(path_sentences(outline(path, steps), steps, words)),
        json_url=f"/v1/datasets/{dataset_id}/messages/{quote(message_id, safe='')}?{whose_word(facts.request)}",
        safe_link=safe_link,
    )


def show_earning_messages(score_id: str) -> AnyResponse:
    """Show which messages earned a score, in points that add up to it. Raises ProblemError 404."""
    document, words = read_document(score_id), current_words()
    stored = context().store.scores.evidence(owner(), score_id)
    whole = None if stored is None else decode_document(stored.body)
    counts = whole is not None and document.expertise.score is not None
    earning = earning_messages(whole, load_method()) if whole is not None and counts else None
    points = () if earning is None else earning.points.values()
    gave = [in_points(each) for each in points if each]  # off topic, some give nothing
    first = _first(len(gave))
    shown = [] if earning is None else earning.rows(first, min(MOST_EARNING, len(gave) - first))
    dataset = None if used_signed_link() else score_dataset(document)
    link = {"link": request.args["link"]} if used_signed_link() else {}
    return render_page(
        "earned.html",
        document=document,
        rows=shown,
        before=_together(gave[:first]),
        rest=_together(gave[first + MOST_EARNING :]),
        following=f"{request.path}?{urlencode({**link, 'first': first + MOST_EARNING})}",
        kept=whole is not None,
        has_texts=dataset is not None,
        texts={} if dataset is None else message_texts(document, dataset, [row.id for row in shown]),
        pages={row.id: message_url(dataset, row.id, document) for row in shown} if dataset else {},
        wrote=written_to(whole, dataset, {row.id for row in shown}) if whole is not None else {},
        taken_by=_who(whole, {row.id for row in shown}) if not used_signed_link() and whole is not None else {},
        names=names_beside(document),
        card_url=f"/card/{score_id}?{urlencode(link)}" if link else f"/card/{score_id}",
        provenance=provenance_sentence(provenance_of(document), words),
        kind_labels={**LABELS, "accepted": accepted_in(document)},
        safe_link=safe_link,
    )


def _first(many: int) -> int:
    """Return at which of so many messages the page begins that the address asks for."""
    asked = request.args.get("first", "")
    first = int(asked) if asked.isdecimal() and len(asked) <= len(str(many)) else 0
    return first if first < many else 0


def _together(points: Sequence[float]) -> tuple[int, float]:
    """Return how many messages gave these points, and all together."""
    return len(points), sum(points)


def _who(document: ScoreDocument, messages: set[str]) -> dict[str, list[str]]:
    """Return who took up each of some messages, by its id, those who count most first."""
    found: dict[str, dict[str, None]] = {}
    for voice in document.expertise.evidence:
        for act in voice.acts:
            if act.of in messages:
                found.setdefault(act.of, {})[voice.by] = None
    return {message: [*people] for message, people in found.items()}


def _query(*aside: str) -> dict[str, Any]:
    """Read what the address asks for, as the API does; `aside` names what is read elsewhere."""
    given = {name: value for name, value in request.args.items() if value and name not in {*aside, LANGUAGE_PARAMETER}}
    partial = () if "topic" in aside else ("dataset",)
    loaded: dict[str, Any] = FindingQuerySchema(partial=partial).load(given)
    return loaded


def _asked(facts: FindingFacts) -> dict[str, str]:
    return {"dataset": str(facts.request.dataset), "trust_root": root_names(facts.request.trust_root)[0]}


def _cards(shown: MessagesResponse, network: str) -> dict[str, str]:
    """Return the cards of the authors on this topic and root, by account, as far as there are any."""
    cards: dict[str, str] = {}
    for account in {row.author.account for row in shown.data}:
        for score in context().store.scores.newest(owner(), network, account):
            if score.topic == shown.topic and score.trust_root.digest == shown.trust_root.digest:
                cards[account] = f"/card/{score.score_id}"
    return cards
