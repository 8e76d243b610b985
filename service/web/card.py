"""The score card: both numbers side by side, what each part was made from, how to dispute it, and a badge to copy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from flask import redirect, request
from msgspec.structs import replace

from candor import sample
from candor.messages.earned import acts_that_gave, only_replies
from candor.names.accounts import profile_url
from candor.scoring.account_kinds import NOBODY_SAYS
from candor.scoring.kinds import LABELS, REPLIES
from candor.scoring.method import load_method
from candor.scoring.sides import NOT_VOUCHED
from candor.store.disputes import left_out_by
from service.api.disputes import DisputeBodySchema, contest
from service.api.pictures import link_to
from service.api.scores import read_document
from service.auth import owner, used_signed_link
from service.context import context
from service.drawing import (
    SIDES,
    Look,
    draw_badge,
    draw_curve,
    draw_waterfall,
    points_shown,
    provenance_of,
    provenance_sentence,
)
from service.drawing.card import BADGE_WIDTH, badge_alternative
from service.drawing.provenance import is_trusted, position_sentence, rough_document
from service.drawing.waterfall import rounded_to_sum
from service.own_account import receipt_of_disputes
from service.schemas.base import show_instant
from service.taken_up import written_to
from service.web.compare import board_beside, comparable_scores, people_beside
from service.web.kept_records import (
    KeptRecords,
    kept_records,
    message_texts,
    message_url,
    names_beside,
    score_dataset,
)
from service.web.rendering import current_words, render_page, with_topic_in
from service.web.seeds import seeds_shown

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.document import Act, Expertise, Fact, Feature, ScoreDocument, Urls, Voice
    from service.drawing import Picture, SideName, Theme
    from service.words import Words

WIDE, NARROW, CURVE = 500, 300, 420  # pixels
VOICES_SHOWN = 5
ACTIVE = ("last_answered_on_topic", "last_active_on_topic", "last_active_anywhere")

MOST = 3
LEAST_SHOWN = 0.05  # points: less would be written as 0.0


@dataclass(frozen=True)
class FeatureShown:
    """A feature as the card shows it: with its curve, and whether it can give points at all.

    `points` are rounded so that they add up over the features, `by_kind` so that they add up to these.
    """

    feature: Feature
    points: float
    by_kind: dict[str, float]
    curve: Picture
    counts: bool

    @property
    def is_moved(self) -> bool:
        """Whether its points are others than they would be alone, so that all of them add up."""
        return f"{self.points:.2f}" != f"{self.feature.contribution:.2f}"


@dataclass(frozen=True)
class OwnRecord:
    """A post of the account's own, with its text and its page."""

    text: str
    url: str


@dataclass(frozen=True)
class SideShown:
    """One side of the card; `wide` and `narrow` are the same picture for two widths of a screen."""

    name: SideName
    wide: Picture
    narrow: Picture
    parts: tuple[FeatureShown, ...]


def show_card(score_id: str, own: str | None = None) -> Response:
    """Show a score; what needs a key is left out by a link, and for the person scored, who reads it at `own`."""
    words = current_words()
    document = with_topic_in(read_document(score_id), words)
    by_link = used_signed_link()
    keyed = not by_link and own is None
    if not keyed:
        document = replace(document, urls=_urls_without_key(document, own))
    records = kept_records(score_dataset(document))
    return render_page(
        "card.html",
        document=document,
        **_beside(document, keyed=keyed),
        **_expertise(document, records, words),
        sides=[_side(document, name, words) for name in SIDES],
        answers_and_questions=answers_and_questions(document.facts.get("answers_minus_questions"), words),
        keyed=keyed,
        nobody_says=NOBODY_SAYS,
        own=own,
        earned_url=f"/card/{score_id}/messages" + ("?" + urlencode({"link": request.args["link"]}) if by_link else ""),
        address=request.base_url,
        act_key=records.act_key,
        signs=context().settings.signing_key is not None and context().settings.signing_host is not None,
        provenance=provenance_sentence(provenance_of(document), words),
        last_active=last_active(document, words),
        profile=_profile(document, records if keyed or own else KeptRecords(None)),
        dated_facts=ACTIVE,
        safe_link=safe_link,
        disputes=(disputes := context().store.disputes.of_score(owner(), document)),
        left_out={each.id for each in disputes if left_out_by(document, each)},
        on=lambda at: words.date(show_instant(at)),
        recompute_words=_recompute_words(words),
        names=names_beside(document),
    )


def _beside(document: ScoreDocument, *, keyed: bool) -> dict[str, Any]:
    """Return what a card shows of a score's data set, board and other scores, which only a key opens."""
    dataset = score_dataset(document) if keyed else None
    board = board_beside(document, dataset) if dataset else None
    return {
        "dataset": dataset,
        "board": board and board.id,
        "people": people_beside(board, document.account.account) if board else {},
        "others": comparable_scores(document) if keyed and board is None else {},
        "own_records": _own_records(document, dataset),
        "wrote": _wrote(document, dataset),
    }


def _expertise(document: ScoreDocument, records: KeptRecords, words: Words) -> dict[str, Any]:
    """Return what a card says of expertise beside its parts: place, reasons, supporters, and whose trust is behind."""
    voices = [voice for voice in document.expertise.evidence if voice.scope == "on_topic"]
    accepted = records.accepted(act for voice in voices for act in voice.acts)
    face, seeds = document.expertise.at_face_value, seeds_shown(document)
    return {
        "raising": [reason.replace(LABELS["accepted"], accepted) for reason in document.expertise.reasons.up],
        "coverage": _coverage(document, records),
        "first_voices": voices[:VOICES_SHOWN],
        "more_voices": voices[VOICES_SHOWN:],
        "seeds": seeds,
        "cheat_points": _points_of_one(document) if seeds else 0.0,
        "is_trusted": is_trusted(document),
        "kind_labels": {**LABELS, "accepted": accepted},
        "rough": rough_document(document, words),
        "place": position_sentence(document.expertise.position, words),
        "face_place": face and position_sentence(face.position, words),
        "reasons": telling_reasons(document.expertise),
        "only_replies": only_replies(document.expertise),
        "backing": msgspec.structs.asdict(load_method().backing),
    }


def last_active(document: ScoreDocument, words: Words) -> str:
    """Say when the account last answered and last did something; nothing where the document has no such date."""
    answered, on_topic, anywhere = (_date(document.facts.get(name), words) for name in ACTIVE)
    said = [words("card.last_active.answered", date=answered)] if answered else []
    if on_topic and not answered and ACTIVE[0] in document.facts:
        said = [words("card.last_active.no_answers")]
    if anywhere and anywhere != answered:
        same = "anywhere" if on_topic == answered else "both"
        which = "topic" if on_topic == anywhere else same if on_topic else "elsewhere"
        said.append(words(f"card.last_active.{which}", date=on_topic, anywhere=anywhere))
    return " ".join(said)


def answers_and_questions(fact: Fact | None, words: Words) -> str:
    """Say how many answers a and questions q on the topic are in the fact (a - q)/√(a + q), of which n is a + q."""
    if fact is None or not fact.n or not isinstance(fact.value, int | float):
        return ""
    answers = round((fact.n + fact.value * math.sqrt(fact.n)) / 2)
    parts = (("answers", answers), ("questions", fact.n - answers))
    return ", ".join(words.count(f"fact.counts.{name}", count) for name, count in parts)


def _points_of_one(document: ScoreDocument) -> float:
    """Return how many points one trusted person could add by cheating, where it is as much as a card shows."""
    points = document.robustness.points_per_corrupt_standing.get("1", 0.0)
    return points if points >= LEAST_SHOWN else 0.0


def _coverage(document: ScoreDocument, records: KeptRecords) -> dict[str, str]:
    """Return which kinds the source cannot show, and why; changes only where there may be any."""
    unknown = document.expertise.coverage.unknown
    return {k: why for k, why in unknown.items() if k != "took" or why != NOT_VOUCHED or records.may_have_changes}


def _date(fact: Fact | None, words: Words) -> str:
    return words.date(fact.value) if fact is not None and isinstance(fact.value, str) else ""


def _own_records(document: ScoreDocument, dataset: str | None) -> list[OwnRecord]:
    """Return the latest of the account's own posts on the topic, as far as their texts are kept."""
    if dataset is None:
        return []
    texts = message_texts(document, dataset, document.matched.examples)
    found = ((name, texts.get(name)) for name in reversed(document.matched.examples))
    return [OwnRecord(text, message_url(dataset, name, document)) for name, text in found if text]


def _wrote(document: ScoreDocument, dataset: str | None) -> dict[str, str]:
    """Return what replies say that a card names as examples, by the record of each: they may be objections."""
    reasons = telling_reasons(document.expertise)
    acts = {reason.act.of for reason in reasons if reason.act is not None and reason.kind in REPLIES}
    return {each.id: each.text for said in written_to(document, dataset, acts).values() for each in said}


def _urls_without_key(document: ScoreDocument, own: str | None) -> Urls:
    """Return where the document is read by a link, or by the person scored."""
    if own is not None:
        return replace(document.urls, self=f"{own}/json", evidence=f"{own}/json?evidence=all")
    link = urlencode({"link": request.args["link"]})
    return replace(document.urls, self=f"{document.urls.self}?{link}", evidence=f"{document.urls.evidence}&{link}")


def safe_link(url: str | None) -> str | None:
    """Return an address that a page may link: of the web, or none. What networks say is not to be trusted further.

    Those of the sample are made up, and lead nowhere.
    """
    is_web = url is not None and url.startswith(("https://", "http://")) and not url.startswith(sample.URL)
    return url if is_web else None


def _profile(document: ScoreDocument, records: KeptRecords) -> str | None:
    is_silent = document.expertise.status in {"declined", "gone"}
    return None if is_silent else profile_link(document.account.network, document.account.account, records)


def profile_link(network: str, account: str, records: KeptRecords) -> str | None:
    """Return the address of somebody's profile to be linked: as their record says, else as their network has it.

    What was erased has neither a record here nor a page.
    """
    return safe_link(records.profile_url(account)) or profile_url(network, account)


def show_dispute(score_id: str) -> Response:
    """Show the form for a dispute."""
    document = read_document(score_id)
    people = list(dict.fromkeys(voice.by for voice in document.expertise.evidence))
    days = context().settings.dispute_answer_days
    return render_page("dispute.html", document=document, people=people, names=names_beside(document), answer_days=days)


def open_dispute(score_id: str) -> AnyResponse:
    """Open the dispute as POST /v1/scores/{id}/disputes does, and lead to its receipt; the card shows it as well."""
    fields = {name: request.form.get(name, "").strip() for name in ("by", "reason", "contact")}
    made = contest(DisputeBodySchema().load({name: value for name, value in fields.items() if value}), score_id)
    return redirect(f"{receipt_of_disputes((made.owner, made.id)).url}?{urlencode({'card': score_id})}", 303)


def _side(document: ScoreDocument, name: SideName, words: Words) -> SideShown:
    side = document.expertise if name == "expertise" else document.interest
    points = points_shown(side)
    return SideShown(
        name=name,
        wide=draw_waterfall(document, name, Look(words, WIDE, name=f"{name}-wide")),
        narrow=draw_waterfall(document, name, Look(words, NARROW, name=f"{name}-narrow")),
        parts=tuple(_part(feature, points[feature.id], words) for feature in side.features),
    )


def _part(feature: Feature, points: float, words: Words) -> FeatureShown:
    kinds = feature.by_kind or ()
    rounded = rounded_to_sum([share.contribution for share in kinds], 2, points)
    by_kind = {share.kind: shown for share, shown in zip(kinds, rounded, strict=True) if shown}
    curve = draw_curve(feature, Look(words, CURVE, name=f"curve-{feature.id}"), points)
    return FeatureShown(feature, points, by_kind, curve, counts=feature.weight > 0)


def _recompute_words(words: Words) -> dict[str, str]:
    """Return what the script says; it fills the placeholders in itself."""
    prefix = "recompute."
    texts = {key.removeprefix(prefix): text for key, text in words.texts.items() if key.startswith(prefix)}
    return {**texts, **{name: words(f"side.{name}") for name in SIDES}}


@dataclass(frozen=True)
class Reason:
    """A kind of recognition, its points over all parts, and the act that gave most of them, with whose it is."""

    kind: str
    points: float
    voice: Voice | None
    act: Act | None


def telling_reasons(expertise: Expertise) -> list[Reason]:
    """Return the kinds that give most points, the largest first; none where there is no number."""
    if expertise.score is None:
        return []
    points: dict[str, float] = {}
    for share in (share for feature in expertise.features for share in feature.by_kind or ()):
        points[share.kind] = points.get(share.kind, 0.0) + share.contribution
    most = sorted(points.items(), key=lambda pair: -pair[1])[:MOST]
    best = _best_acts(expertise)
    return [Reason(kind, given, *best.get(kind, (None, None))) for kind, given in most if given >= LEAST_SHOWN]


def _best_acts(expertise: Expertise) -> dict[str, tuple[Voice, Act]]:
    """Return by kind the act on the topic that gave most to the score, and whose it is."""
    on_topic = [voice for voice in expertise.evidence if voice.scope == "on_topic"]
    gave = acts_that_gave(on_topic, expertise.totals, load_method())
    smallest_first = sorted(gave, key=lambda row: (row[2], row[1].url is not None))
    return {act.kind: (voice, act) for voice, act, _ in smallest_first}


SHADES: tuple[Theme, ...] = ("light", "dark")
_DARK = "(prefers-color-scheme: dark)"


@dataclass(frozen=True)
class Embedding:
    """What to copy into pages of one sort: light, dark, or both as the reader prefers."""

    fits: str
    code: str


def show_badge(score_id: str) -> Response:
    """Show the badge on a light and on a dark page, and the code for each where a link was made."""
    words = current_words()
    document = with_topic_in(read_document(score_id), words)
    linked = any(
        link.resource_id == score_id and link.opens == "pictures" for link in context().store.links.list(owner())
    )
    return render_page(
        "badge.html",
        document=document,
        badges={shade: draw_badge(document, Look(words, theme=shade, name=f"badge-{shade}")) for shade in SHADES},
        embeddings=list(_embeddings(document, words)) if linked else [],
    )


def change_badge(score_id: str) -> AnyResponse:
    """Make the link that the code needs, or revoke it."""
    if request.form.get("revoke"):
        context().store.links.revoke_all(owner(), score_id)
    else:
        link_to(score_id, "pictures", None)
    return redirect(f"/card/{score_id}/badge", 303)


def _embeddings(document: ScoreDocument, words: Words) -> list[Embedding]:
    """Write what to copy: the badge, which leads to the whole picture."""
    link, root, alt = (
        link_to(document.id, "pictures", None),
        request.url_root.rstrip("/"),
        badge_alternative(document, words),
    )
    chart, light, dark = (
        escape(f"{root}{url}&lang={words.language}{theme}")
        for url, theme in ((link.chart_url, ""), (link.badge_url, "&theme=light"), (link.badge_url, "&theme=dark"))
    )
    both = f'<picture><source media="{_DARK}" srcset="{dark}">{_image(light, alt)}</picture>'
    codes = (("light", _image(light, alt)), ("dark", _image(dark, alt)), ("both", both))
    return [Embedding(fits, f'<a href="{chart}">{code}</a>') for fits, code in codes]


def _image(address: str, alt: str) -> str:
    return f'<img src="{address}" width="{BADGE_WIDTH}" alt="{escape(alt)}">'
