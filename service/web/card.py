"""The score card: both numbers side by side, never added up, and beneath each part what it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import redirect, request
from msgspec.structs import replace

from candor.scoring import curves
from candor.scoring.kinds import LABELS
from candor.scoring.method import load_method
from service import drawing
from service.api.disputes import contest
from service.auth import owner
from service.context import context
from service.documents import read_document
from service.drawing import SIDES, Look, curve, waterfall
from service.drawing.card import made_long
from service.schemas.disputes import DisputeBodySchema
from service.web.rendering import page, spoken, topic_label

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.document import Backer, Feature, ScoreDocument
    from candor.scoring.method import VoiceRule
    from service.drawing import Picture
    from service.drawing.side import SideName
    from service.words import Words


BACKERS_SHOWN = 8

LOOKED_AT = 30
OFFERED = 50

WIDE, NARROW = 500, 300
VOICES_SHOWN = 5


@dataclass(frozen=True)
class BackingShown:
    """Who is behind the voices, the largest first, in voices; `most_points` is what the root allows anybody.

    `allowed` is what the backers count together, `voices` what the voices count by themselves: the less of both holds.
    """

    first: tuple[Backer, ...]
    more: tuple[Backer, ...]
    rest: float
    allowed: float
    voices: float
    seed_cap: float
    halved: int
    most: float
    most_points: float

    @property
    def holds(self) -> bool:
        """Whether those who are behind the voices hold them down."""
        return self.allowed < self.voices


def backing_shown(document: ScoreDocument) -> BackingShown | None:
    """Return whose trust the score rests on; None where nobody's trust is borrowed or its method is gone."""
    expertise, method = document.expertise, load_method()
    rule, totals = method.voice, expertise.totals
    nothing_said = not is_rooted(document) or not expertise.features
    if document.method.version != method.version or totals.backed is None or nothing_said:
        return None
    backers = tuple(backer for backer in expertise.backers if backer.scope == "on_topic")
    most = most_voices(rule, document.trust_root.size)
    return BackingShown(
        first=backers[:BACKERS_SHOWN],
        more=backers[BACKERS_SHOWN:],
        rest=expertise.backers_rest,
        allowed=totals.backed,
        voices=min(totals.all_kinds, totals.help + totals.posts),
        seed_cap=rule.seed_cap,
        halved=rule.halved,
        most=most,
        most_points=sum(_points(feature, most) for feature in expertise.features),
    )


def is_rooted(document: ScoreDocument) -> bool:
    """Say whether people are named whose trust the score rests on."""
    return document.trust_root.kind not in ("network", "none")


def most_voices(rule: VoiceRule, people: int) -> float:
    """Return how many voices nobody reaches under a root of so many people."""
    return rule.seed_cap * (people - min(people, rule.halved) / 2)


def _points(feature: Feature, voices: float) -> float:
    """Return what a feature of expertise gives at most where both A and R are below so many voices."""
    return feature.weight * curves.curve(voices, feature.curve.p50, feature.curve.p90)


def others_like(document: ScoreDocument) -> dict[str, str]:
    """Return ids of scores that were asked for in the same words, newest first, and whose they are."""
    jobs, _ = context().store.jobs.list(owner(), limit=LOOKED_AT)
    found: dict[str, str] = {}
    for job in jobs:
        if job.request.trust_root.digest != document.trust_root.digest:
            continue
        for result in job.results:
            alike = result.topic == document.topic.id and result.score_id not in {None, document.id}
            if alike and result.account is not None and result.account.network == document.account.network:
                found.setdefault(str(result.score_id), result.account.account)
    return dict(list(found.items())[:OFFERED])


def show_dispute(score_id: str) -> Response:
    """Show the form."""
    document = read_document(score_id)
    people = list(dict.fromkeys(voice.by for voice in document.expertise.evidence))
    return page("dispute.html", document=document, people=people)


def open_dispute(score_id: str) -> AnyResponse:
    """Open the dispute as POST /v1/scores/{id}/disputes does, and lead back to the card, which shows it."""
    said = {name: request.form.get(name, "").strip() or None for name in ("by", "reason", "contact")}
    contest(DisputeBodySchema().load({name: value for name, value in said.items() if value is not None}), score_id)
    return redirect(f"/card/{score_id}#disputes", 303)


@dataclass(frozen=True)
class Part:
    """A feature as the card shows it: with its curve, and whether it can give points at all."""

    feature: Feature
    curve: Picture
    counts: bool


@dataclass(frozen=True)
class SideShown:
    """One side of the card; `wide` and `narrow` are the same picture for two widths of a screen."""

    name: SideName
    wide: Picture
    narrow: Picture
    parts: tuple[Part, ...]


def show_card(score_id: str) -> Response:
    """Show a score."""
    words = spoken()
    document = _in_words(read_document(score_id), words)
    voices = document.expertise.evidence
    return page(
        "card.html",
        document=document,
        sides=[_side(document, name, words) for name in SIDES],
        first_voices=[voice for voice in voices if voice.scope == "on_topic"][:VOICES_SHOWN],
        more_voices=[voice for voice in voices if voice.scope == "on_topic"][VOICES_SHOWN:],
        backing=backing_shown(document),
        others=others_like(document),
        circumstances=made_long(drawing.circumstances(document), words),
        link_of=web_address,
        kind_labels=LABELS,
        disputes=context().store.disputes.of_score(
            owner(), document.account.network, document.account.account, score_id
        ),
        recompute_words=_recompute_words(words),
    )


def web_address(url: str | None) -> str | None:
    """Return an address that a page may link: of the web, or none. What networks say is not to be trusted further."""
    return url if url is not None and url.startswith(("https://", "http://")) else None


def _in_words(document: ScoreDocument, words: Words) -> ScoreDocument:
    """Name the topic in the reader's language, for the pictures too."""
    return replace(document, topic=replace(document.topic, label=topic_label(document.topic, words)))


def _side(document: ScoreDocument, name: SideName, words: Words) -> SideShown:
    part = document.expertise if name == "expertise" else document.interest
    return SideShown(
        name=name,
        wide=waterfall(document, name, Look(words, WIDE, name=f"{name}-wide")),
        narrow=waterfall(document, name, Look(words, NARROW, name=f"{name}-narrow")),
        parts=tuple(_part(feature, words) for feature in part.features),
    )


def _part(feature: Feature, words: Words) -> Part:
    return Part(feature, curve(feature, Look(words, 420, name=f"curve-{feature.id}")), feature.weight > 0)


def _recompute_words(words: Words) -> dict[str, str]:
    """Return what the script says; it fills the placeholders in itself."""
    mark = "recompute."
    said = {key.removeprefix(mark): text for key, text in words.texts.items() if key.startswith(mark)}
    return {**said, **{name: words(f"side.{name}") for name in SIDES}}
