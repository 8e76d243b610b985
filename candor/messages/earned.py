"""Earned: which messages earned a score, in points that add up to it exactly, from its document alone."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from candor.scoring.curves import in_points, millionths, share_out
from candor.scoring.features import EXPERTISE
from candor.scoring.kinds import KINDS, REPLIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from candor.scoring.document import Act, Expertise, Feature, ScoreDocument, Voice, VoiceTotals
    from candor.scoring.method import Method, VoiceRule

_SOFT = {kind.id for kind in KINDS if kind.soft}
_SCOPES = {feature.facts.id: feature.scope for feature in EXPERTISE}


class EarningMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message, or whatever else was taken up, and what it gave to a score."""

    id: Annotated[str, Meta(description="Id of what was taken up, as the acts in the document name it.")]
    url: Annotated[str | None, Meta(description="Where to see it, if a record says so.")]
    points: Annotated[
        float, Meta(description="What it gave to the score, in points; over all messages they add up to it exactly.")
    ]
    by_feature: Annotated[dict[str, float], Meta(description="The same by feature, in points.")]
    on_topic: Annotated[
        bool,
        Meta(description="Whether it is on the topic; others count only for how much is still used today."),
    ]
    people: Annotated[int, Meta(description="How many different people took it up.")]
    acts: Annotated[dict[str, int], Meta(description="By what acts, counted by kind of recognition.")]
    first: Annotated[str, Meta(description="When it was first taken up.")]
    last: Annotated[str, Meta(description="When it was last taken up.")]


def only_replies(expertise: Expertise) -> str | None:
    """Say by whose replies alone an account is recognised, `asker` or `anybody`; None where somebody did more.

    A reply counts whatever it says, so that it does not show that anybody used the help.
    """
    kinds = {share.kind for feature in expertise.features for share in feature.by_kind or () if share.contribution}
    kinds = kinds or {act.kind for voice in expertise.evidence if voice.scope == "on_topic" for act in voice.acts}
    return "asker" if kinds == {"thanked"} else "anybody" if kinds and kinds <= {*REPLIES} else None


@dataclass(frozen=True, eq=False)
class EarningMessages:
    """The messages behind a score, the largest first; each is written out when it is asked for, as they are thousands.

    `points` are what each gave, by its id, in millionths of a point; over all they add up to the score exactly.
    """

    points: dict[str, int]
    by_feature: dict[str, dict[str, int]]
    evidence: tuple[Voice, ...]

    def rows(self, first: int = 0, most: int | None = None) -> list[EarningMessage]:
        """Write out the messages from a place on."""
        ids = list(itertools.islice(self.points, first, None if most is None else first + most))
        taken: dict[str, list[tuple[Voice, Act]]] = {message: [] for message in ids}
        for voice in self.evidence:
            for act in voice.acts:
                if act.of in taken:
                    taken[act.of].append((voice, act))
        return [_row(message, self.points[message], self.by_feature, taken[message]) for message in ids]


def earning_messages(document: ScoreDocument, method: Method) -> EarningMessages:
    """Return the messages behind expertise; `document` has all of its evidence.

    A feature's contribution is divided among messages as it is among kinds of recognition: in proportion to what each
    gave to the voices that the feature adds up.
    """
    expertise = document.expertise
    gave = {
        scope: _by_message([voice for voice in expertise.evidence if voice.scope == scope], expertise.totals, method)
        for scope in ("on_topic", "recent")
    }
    by_feature = {feature.id: _shares(feature, gave) for feature in expertise.features}
    points: dict[str, int] = {}
    for shares in by_feature.values():
        for message, share in shares.items():
            points[message] = points.get(message, 0) + share
    ordered = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    return EarningMessages(dict(ordered), by_feature, expertise.evidence)


def _shares(feature: Feature, gave: dict[str, dict[str, float]]) -> dict[str, int]:
    scope = "recent" if _SCOPES[feature.id] == "recent" else "on_topic"
    return share_out(millionths(feature.contribution), gave[scope])


def _by_message(voices: list[Voice], totals: VoiceTotals, method: Method) -> dict[str, float]:
    """Return what each message gave to the voices, on the side of the minimum that holds."""
    gave: dict[str, float] = {}
    for _, act, amount in acts_that_gave(voices, totals, method):
        gave[act.of] = gave.get(act.of, 0.0) + amount
    return gave


def acts_that_gave(voices: Sequence[Voice], totals: VoiceTotals, method: Method) -> Iterator[tuple[Voice, Act, float]]:
    """Yield each act that gave something to the voices of one scope, by whom, and how much, in supporters."""
    rule = method.voice
    of_posts = bool(voices) and voices[0].scope == "on_topic" and totals.all_kinds > totals.help + totals.posts
    for voice, act, amount in _capped(voices, rule) if of_posts else _in_full(voices, rule):
        if amount > 0:
            yield voice, act, amount


def _in_full(voices: Iterable[Voice], rule: VoiceRule) -> Iterator[tuple[Voice, Act, float]]:
    for voice in voices:
        credited = [(act, _weighed(act, voice, rule)) for act in voice.acts if act.credited]
        whole = math.fsum(amount for _, amount in credited)
        yield from ((voice, act, voice.voice * amount / whole) for act, amount in credited if whole > 0)


def _capped(voices: Iterable[Voice], rule: VoiceRule) -> Iterator[tuple[Voice, Act, float]]:
    """Yield help in full, and of what endorsements give to a post no more than a post may give."""
    posts: list[tuple[Voice, Act, float]] = []
    for voice in voices:
        helped = [(act, _weighed(act, voice, rule)) for act in voice.acts if act.kind not in _SOFT]
        whole = math.fsum(amount for _, amount in helped)
        alone = voice.standing * min(math.log2(1 + whole), rule.most)
        yield from ((voice, act, alone * amount / whole) for act, amount in helped if whole > 0)
        soft = (act for act in voice.acts if act.kind in _SOFT)
        posts += ((voice, act, voice.standing * _weighed(act, voice, rule)) for act in soft)
    of_post: dict[str, float] = {}
    for _, act, amount in posts:
        of_post[act.of] = of_post.get(act.of, 0.0) + amount
    for voice, act, amount in posts:
        if amount > 0:
            yield voice, act, amount * min(rule.post_cap, of_post[act.of]) / of_post[act.of]


def _weighed(act: Act, voice: Voice, rule: VoiceRule) -> float:
    power: float = rule.soft_reciprocity if act.kind in _SOFT else rule.help_reciprocity
    return float(act.strength * voice.reciprocity**power)


def _row(
    message: str, points: int, by_feature: dict[str, dict[str, int]], taken: list[tuple[Voice, Act]]
) -> EarningMessage:
    distinct = {(voice.by, act.kind, act.at) for voice, act in taken}  # one act may stand in both scopes
    counts = Counter(kind for _, kind, _ in distinct)
    return EarningMessage(
        id=message,
        url=next((act.url for _, act in taken if act.url), None),
        points=in_points(points),
        by_feature={feature: in_points(shares[message]) for feature, shares in by_feature.items() if message in shares},
        on_topic=any(voice.scope == "on_topic" for voice, _ in taken),
        people=len({voice.by for voice, _ in taken}),
        acts={kind.id: counts[kind.id] for kind in KINDS if kind.id in counts},
        first=min(at for _, _, at in distinct),
        last=max(at for _, _, at in distinct),
    )
