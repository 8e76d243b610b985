"""Explain: the voices and seeds behind a number written out, what each kind of recognition gave, and all in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import all_of, distinct, where_true
from candor.scoring.columns import moment
from candor.scoring.document import Act, Backer, Reasons, Voice
from candor.scoring.kinds import KINDS, LABELS, REPLIES, are_replies
from candor.scoring.portable import quarter_power
from candor.scoring.votes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from candor.scoring.acts import Acts
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.columns import Columns
    from candor.scoring.document import Expertise, ExpertiseStatus, Feature, InterestStatus, Scope
    from candor.scoring.evidence import Evidence
    from candor.scoring.expertise import Evaluation
    from candor.scoring.features.feature import ExpertiseFeature
    from candor.scoring.method import Method, VoiceRule
    from candor.scoring.seeds import SeedAttribution
    from candor.scoring.totals import Totals
    from candor.scoring.voices import Voices
    from candor.scoring.votes import Votes


SMALL_SHARE = 0.05
SHOWN_FROM = 0.05
_FIGURES = (
    *("standing", "recognised_by", "prominence"),
    *("help", "soft", "received", "given", "reciprocity", "voice"),
)


def voice_rows(votes: Votes, columns: Columns, acts: Acts) -> tuple[Voice, ...]:
    """Write out one subject's voices, scope by scope, the largest first."""
    every = (votes.on_topic, votes.other_topics, votes.recent)
    acts_of = _acts(every, columns, acts)
    scope = np.repeat(np.arange(len(every)), [voices.person.size for voices in every])
    person, voice = (np.concatenate([getattr(voices, name) for voices in every]) for name in ("person", "voice"))
    order = np.lexsort((person, -voice, scope))
    figures = np.concatenate([[getattr(voices, name) for name in _FIGURES] for voices in every], axis=1)
    rows = zip(order.tolist(), scope[order].tolist(), person[order].tolist(), *figures[:, order].tolist(), strict=True)
    return tuple(
        Voice(
            by=columns.people[by],
            scope=SCOPES[where],
            standing=standing,
            recognised_by=None if math.isnan(n) else n,
            prominence=m,
            help=helped,
            soft=soft,
            received=received,
            given=given,
            reciprocity=r,
            voice=counts,
            acts=acts_of[place],
        )
        for place, where, by, standing, n, m, helped, soft, received, given, r, counts in rows
    )


def _acts(every: Sequence[Voices], columns: Columns, chosen: Acts) -> list[tuple[Act, ...]]:
    """Write out the acts behind each voice by time, those of one list of voices after those of the other."""
    voice, act, strength, credited = map(np.concatenate, zip(*_lines(every), strict=True))
    several = distinct(act)  # most are in two lists
    rows, about = chosen.row[several], chosen.about[several].tolist()
    of = map(columns.contribution_id, chosen.contribution[several].tolist())
    kinds = (KINDS[kind].id for kind in chosen.kind[several].tolist())
    facts = list(zip(instants(columns.published[rows]), of, kinds, strict=True))
    records = columns.records
    done = [records[row] for row in rows.tolist()]
    urls = [records[shown].url or record.url for shown, record in zip(about, done, strict=True)]
    place = several.searchsorted(act).tolist()
    keys = list(zip(voice.tolist(), map(facts.__getitem__, place), strict=True))
    strengths, counts = strength.tolist(), credited.tolist()
    acts: list[list[Act]] = [[] for voices in every for _ in range(voices.person.size)]
    for line in sorted(range(len(keys)), key=keys.__getitem__):
        whose, (at, what, kind) = keys[line]
        by, url = str(done[place[line]].id), urls[place[line]]
        strength, is_credited = strengths[line], counts[line]
        acts[whose].append(Act(kind=kind, record=by, of=what, at=at, strength=strength, credited=is_credited, url=url))
    return list(map(tuple, acts))


def _lines(every: Sequence[Voices]) -> Iterator[tuple[Ints, Ints, Floats, Bools]]:
    """Yield the lines of several lists of voices: whose each is, its act, its strength, and whether it counts."""
    first = 0
    for voices in every:
        ledger = voices.ledger
        soft = ledger.soft * voices.prominence[ledger.pair]
        classes = ((ledger.help_act, ledger.help, voices.by_help), (ledger.soft_act, soft, ~voices.by_help))
        for acts, strength, credited in classes:
            some = where_true(acts >= 0)
            yield first + ledger.pair[some], acts[some], strength[some], credited[some]
        first += voices.person.size


def backer_rows(votes: Votes, without: Iterable[Votes], people: Sequence[str]) -> tuple[Backer, ...]:
    """Write out on which seeds one subject's voices rest, scope by scope, the largest first.

    `without` are the votes without the largest voice and without the five largest.
    """
    left = tuple(without)
    recent = [votes.recent_attribution for votes in left]
    return (
        *_backer_rows(votes.attribution, [votes.attribution for votes in left], people, "on_topic"),
        *_backer_rows(votes.recent_attribution, recent, people, "recent"),
    )


def _backer_rows(
    seeds: SeedAttribution | None,
    without: Sequence[SeedAttribution | None],
    people: Sequence[str],
    scope: Scope,
) -> Iterator[Backer]:
    if seeds is None:
        return
    order = np.lexsort((seeds.person, -seeds.trust))
    columns = [column[order].tolist() for column in (seeds.person, seeds.trust, seeds.worth)]
    columns += [left.of_each(columns[0]) for left in without if left]
    for person, trust, worth, less, least in zip(*columns, strict=True):
        if trust > 0:  # of the scored account itself, where it is a seed, nothing is borrowed
            yield Backer(
                by=people[person], scope=scope, trust=trust, worth=worth, without_largest=less, without_five=least
            )


def instant(microseconds: int) -> str:
    """RFC 3339 text of microseconds since 1970 UTC."""
    return moment(microseconds).isoformat().replace("+00:00", "Z")


def instants(microseconds: Ints) -> list[str]:
    """RFC 3339 texts of many such times: numpy writes them in half the time that Python takes."""
    written: list[str] = np.datetime_as_string(microseconds.astype("M8[us]")).tolist()
    return [f"{each.removesuffix('.000000')}Z" for each in written]


def kinds_of(features: Sequence[ExpertiseFeature], evidence: Evidence) -> list[dict[str, float]]:
    """Return what each kind of recognition gave to each feature, in voices, of the kinds that the feature counts."""
    given = {scope: _given_by_kind(evidence, scope) for scope in {feature.scope for feature in features}}
    return [
        {kind: amount for kind, amount in given[each.scope].items() if not each.kinds or kind in each.kinds}
        for each in features
    ]


def _given_by_kind(evidence: Evidence, scope: Scope) -> dict[str, float]:
    votes, totals, rule = evidence.votes, evidence.totals, evidence.method.voice
    if scope == "recent":
        given = _kinds_of_voices(votes.recent, rule)
        return _as_backed(given, math.fsum(given.values()), totals.recent_backed)
    return _as_backed(_kinds_on_topic(votes.on_topic, totals, rule), float(totals.voices[0]), totals.backed)


def _as_backed(given: dict[str, float], voices: float, backed: Floats | None) -> dict[str, float]:
    """Scale what each kind gave down where the seeds on whom the voices rest allow less than they add up to."""
    if backed is None or voices <= backed[0]:
        return given
    share = float(backed[0] / voices)
    return {kind: amount * share for kind, amount in given.items()}


def _kinds_on_topic(voices: Voices, totals: Totals, rule: VoiceRule) -> dict[str, float]:
    """Return what each kind gave to A, on the side of the minimum that holds."""
    if totals.all_kinds[0] <= totals.help[0] + totals.posts[0]:
        return _kinds_of_voices(voices, rule)
    ledger = voices.ledger
    by_help = _by_kind(ledger.help_kind, _shares(voices, ledger.help) * voices.voice_help[ledger.pair])
    by_posts = _by_kind(ledger.soft_kind, _capped(voices, rule.post_cap))
    return {kind: by_help.get(kind, 0.0) + by_posts.get(kind, 0.0) for kind in {**by_help, **by_posts}}


def _kinds_of_voices(voices: Voices, rule: VoiceRule) -> dict[str, float]:
    """Return what each kind gave to the voices."""
    ledger = voices.ledger
    r, kind = voices.reciprocity[ledger.pair], ledger.help_kind
    given = ledger.help * quarter_power(r, rule.help_reciprocity)
    if not all_of(voices.by_help):
        soft = ledger.soft * voices.prominence[ledger.pair] * quarter_power(r, rule.soft_reciprocity)
        given = np.where(voices.by_help, given, soft)
        kind = np.where(voices.by_help, kind, ledger.soft_kind)
    return _by_kind(kind, _shares(voices, given) * voices.voice[ledger.pair])


def _shares(voices: Voices, given: Floats) -> Floats:
    whole = np.bincount(voices.ledger.pair, weights=given, minlength=voices.person.size)[voices.ledger.pair]
    return np.divide(given, whole, out=np.zeros(given.size), where=whole > 0)


def _capped(voices: Voices, cap: float) -> Floats:
    """What each line gives to P, scaled down where its post or list gives more than the cap."""
    _, post = np.unique(voices.ledger.contribution, return_inverse=True)
    whole = np.bincount(post, weights=voices.line_soft)[post] if post.size else np.zeros(0)
    scale = np.divide(np.minimum(cap, whole), whole, out=np.zeros(whole.size), where=whole > 0)
    return np.asarray(voices.line_soft * scale)


def _by_kind(kinds: Ints, gave: Floats) -> dict[str, float]:
    some = (kinds >= 0) & (gave > 0)
    sums = np.bincount(kinds[some], weights=gave[some], minlength=len(KINDS))
    return {kind.id: amount for kind, amount in zip(KINDS, sums.tolist(), strict=True) if amount > 0}


REPLIES_ONLY = "all of this score, or nearly all, rests on replies, which may be objections: read them"
NOTHING_COUNTS = (
    "no use of this account's help on this topic counts, as its posts there repeat earlier texts nearly word for word"
)


def expertise_reasons(evaluation: Evaluation, features: Iterable[Feature], copies: int) -> Reasons:
    """Say in words what lifts expertise and what holds it down; `copies` of its posts repeat earlier texts."""
    weights = {feature.id: feature.weight for feature in features}
    down = tuple(_holds_down(evaluation, weights, copies))
    return Reasons(up=tuple(_lifts(features)), down=down)


def interest_reasons(features: tuple[Feature, ...]) -> Reasons:
    """Say in words which features lift interest and which give little."""
    lifting = sorted((f for f in features if f.contribution >= SHOWN_FROM), key=lambda f: (-f.contribution, f.id))
    up = tuple(f"{_points(f.contribution)} from {f.label.lower()}: {_amount(f.raw, f.unit)}" for f in lifting)
    down = tuple(f"hardly any points from {f.label.lower()}" for f in features if f.contribution < SHOWN_FROM)
    return Reasons(up=up, down=down)


def expertise_needs(status: ExpertiseStatus) -> str | None:
    """Say what a number would take, or None where there is one."""
    if status == "no_trust_root":
        return "trusted people: without them, fake accounts could make any score"
    if status == "not_enough_evidence":
        return "somebody who used this account's help on this topic"
    if status == "unverified":
        return "somebody you trust, or whom people you trust vouch for, who used this account's help on this topic"
    return None


def interest_needs(status: InterestStatus, acts: int, method: Method) -> str | None:
    """Say what a number would take, or None where there is one."""
    if status == "not_enough_evidence":
        return f"{method.status.own_acts - acts} more acts of its own within a year"
    return None


def _lifts(features: Iterable[Feature]) -> list[str]:
    by_kind: dict[str, float] = {}
    for feature in features:
        for share in feature.by_kind or ():
            by_kind[share.kind] = by_kind.get(share.kind, 0.0) + share.contribution
    ordered = sorted(by_kind.items(), key=lambda item: (-item[1], item[0]))
    return [f"{_points(points)} from {LABELS[kind]}" for kind, points in ordered if points >= SHOWN_FROM]


def rests_on_replies(expertise: Expertise) -> bool:
    """Say whether nearly all points of a score are from replies, of which nobody knows whether they agree."""
    shares = [share for feature in expertise.features for share in feature.by_kind or ()]
    whole = math.fsum(share.contribution for share in shares)
    of_replies = math.fsum(share.contribution for share in shares if share.kind in REPLIES)
    return expertise.score is not None and are_replies(of_replies, whole)


def _holds_down(evaluation: Evaluation, weights: Mapping[str, float], copies: int) -> list[str]:
    totals, support = evaluation.totals, evaluation.support
    a, b, recent = float(totals.on_topic[0]), float(totals.all_topics[0]), float(totals.recent[0])
    voices = float(totals.voices[0])
    reasons = []
    if a <= 0:
        if copies and not support.people:
            return [f"{NOTHING_COUNTS}: {copies}"]
        trusted = support.people and not evaluation.view.trust.is_everybody
        return [f"{'trust reaches nobody who' if trusted else 'nobody'} used this account's help on this topic"]
    if silent := support.people - support.with_standing:
        reasons.append(f"trust reaches {silent} of the {support.people} people who used this help hardly or not at all")
    if a < voices:
        reasons += _few_behind(evaluation)
    elif a < totals.all_kinds[0]:
        reasons.append("reshares of a few posts, or a few lists, count only up to a limit")
    if b - a > voices:
        reasons.append(f"most of the help used is on other topics: {b - a:.1f} supporters there, {voices:.1f} here")
    if weights.get("still_recognised") and recent < SMALL_SHARE * a:
        reasons.append("hardly anyone used this help in recent months")
    on_topic = evaluation.votes.on_topic
    if on_topic.given.sum() > on_topic.received.sum():
        reasons.append("recognition is mutual: the account gave these people more than it received, so they count less")
    return reasons


def _few_behind(evaluation: Evaluation) -> Iterator[str]:
    """Say that much rests on few people, where what they allow differs in a figure one can read."""
    allowed, alone = f"{evaluation.totals.on_topic[0]:.1f}", f"{evaluation.totals.voices[0]:.1f}"
    if allowed != alone:
        yield f"capped: too much of this rests on too few people, so it counts as {allowed} supporters, not {alone}"


def _points(points: float) -> str:
    return f"{points:.1f} point" if round(points, 1) == 1 else f"{points:.1f} points"


def _amount(raw: float, unit: str) -> str:
    if unit == "share":
        return f"at least {100 * raw:.0f}% of what the account does"
    said = f"{raw:.1f}".removesuffix(".0")
    return f"{said} {unit.removesuffix('s') if said == '1' else unit}"
