"""The score document: what an answer carries, field by field. Built by score.py, checked by verify.py."""

from __future__ import annotations

from typing import Literal

import msgspec

Scope = Literal["on_topic", "other_topics", "recent"]
ExpertiseStatus = Literal["ok", "face_value", "unverified", "not_enough_evidence", "no_trust_root", "declined"]
InterestStatus = Literal["ok", "not_enough_evidence", "declined"]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every part of a document."""


class AccountRef(_Part):
    """Who was scored. `kind` is person, organisation, bot or unknown."""

    network: str
    account: str
    kind: str
    name: str | None


class TopicRef(_Part):
    """The topic as it was when the score was made."""

    id: str
    label: str
    terms: tuple[str, ...]
    hashtags: tuple[str, ...]
    digest: str


class MethodRef(_Part):
    """Which method, and the profile of weights it used."""

    version: str
    digest: str
    profile: str


class TrustRootRef(_Part):
    """Whose word counted; `size` counts the accounts named."""

    id: str | None
    kind: str
    digest: str
    size: int


class Inputs(_Part):
    """The records the score was made from; `ignored` counts those left out, by reason; `gaps` says what was missing."""

    digest: str
    activities: int
    ignored: dict[str, int]
    gaps: tuple[str, ...]


class Matched(_Part):
    """The account's own records on the topic, how often each term matched, and a few of their ids."""

    records: int
    by_term: dict[str, int]
    examples: tuple[str, ...]


class Curve(_Part):
    """Log-normal curve from raw value to 0..1: `p50` maps to one half, `p90` to nine tenths; in the feature's unit."""

    kind: str
    p50: float
    p90: float


class KindShare(_Part):
    """What one kind of recognition gave: voices (of A or R) and points."""

    kind: str
    voices: float
    contribution: float


class Feature(_Part):
    """One feature: raw value (in `unit`), curve, weight (points), value = curve(raw), contribution (points)."""

    id: str
    label: str
    question: str
    raw: float
    unit: str
    curve: Curve
    weight: float
    value: float
    contribution: float
    n_effective: float
    by_kind: tuple[KindShare, ...] | None = None


class Interval(_Part):
    """Limits of the score, 0..100, at `level`."""

    low: float
    high: float
    level: float


class Coverage(_Part):
    """Kinds of recognition that the source can not show, with the reason: unknown, not zero."""

    unknown: dict[str, str]


class Totals(_Part):
    """A, B and R of the method, in voices; `help` and `posts` are the two sides A_help and P, `all_kinds` is A_all."""

    on_topic: float
    all_topics: float
    recent: float
    all_kinds: float
    help: float
    posts: float


class Act(_Part):
    """One credited act of recognition: strength is q times m times decay; `of` is the contribution taken up."""

    kind: str
    of: str
    at: str
    strength: float
    url: str | None


class Voice(_Part):
    """One person's acts on the account within a scope.

    `help` and `soft` are the credited strengths by class, `received` (c1_uw) and `given` (c1_wu) the sums behind
    `reciprocity`, `recognised_by` is N and `prominence` m; `voice` is what the person is worth, `counted` what of it
    counts after the five largest are halved.
    """

    by: str
    scope: Scope
    standing: float
    recognised_by: float
    prominence: float
    help: float
    soft: float
    received: float
    given: float
    reciprocity: float
    voice: float
    counted: float
    acts: tuple[Act, ...]


class Reasons(_Part):
    """The score in words: what lifts it and what holds it down."""

    up: tuple[str, ...]
    down: tuple[str, ...]


class FaceValue(_Part):
    """The same account if everybody's word counted in full. Easy to game: `warning` says so."""

    status: str
    score: float | None
    interval: Interval
    features: tuple[Feature, ...]
    totals: Totals
    warning: str


class Expertise(_Part):
    """Does the account know about the topic? `score` is null unless `status` is ok or face_value; `needs` says why."""

    status: ExpertiseStatus
    score: float | None
    interval: Interval | None
    coverage: Coverage
    at_face_value: FaceValue | None
    features: tuple[Feature, ...]
    totals: Totals
    people: int
    people_with_standing: int
    standing_sum: float
    evidence: tuple[Voice, ...]
    evidence_total: int
    evidence_rest: float
    reasons: Reasons
    needs: str | None


class Interest(_Part):
    """Does the account care about the topic? From its own acts alone; `own_acts` counts those of the last year."""

    status: InterestStatus
    score: float | None
    interval: Interval | None
    features: tuple[Feature, ...]
    own_acts: int
    reasons: Reasons
    needs: str | None


class Robustness(_Part):
    """How fragile expertise is, in points."""

    largest_voice_points: float
    largest_five_points: float
    points_per_corrupt_standing: dict[str, float]


class Fact(_Part):
    """A fact shown at weight zero; `n` is the size of the sample behind it where there is one."""

    value: float | str | None
    weight: int
    n: int | None = None


class Urls(_Part):
    """Where the document, its evidence and its method are served, relative to the service."""

    self: str
    evidence: str
    method: str


class Operator(_Part):
    """Whom to write to about this score."""

    contact: str | None


class ScoreDocument(_Part):
    """The whole explanation of one account on one topic. Alone it is enough to recompute the numbers."""

    id: str
    account: AccountRef
    topic: TopicRef
    as_of: str
    window_days: int
    data_until: str | None
    method: MethodRef
    trust_root: TrustRootRef
    inputs: Inputs
    matched: Matched
    expertise: Expertise
    interest: Interest
    robustness: Robustness
    facts: dict[str, Fact]
    digests: dict[str, str]
    urls: Urls
    operator: Operator
    intended_use: str
    not_for: tuple[str, ...]


def encode(document: ScoreDocument) -> bytes:
    """Return the document's bytes: UTF-8 JSON, fields in the order above, shortest round-trip floats."""
    return msgspec.json.encode(document)


def brief(document: ScoreDocument, voices: int = 20) -> ScoreDocument:
    """Return the document with its largest on-topic voices only; `evidence_rest` is what the other ones count."""
    on_topic = [voice for voice in document.expertise.evidence if voice.scope == "on_topic"]
    on_topic.sort(key=lambda voice: (-voice.counted, voice.by))
    shown, rest = tuple(on_topic[:voices]), sum(voice.counted for voice in on_topic[voices:])
    expertise = msgspec.structs.replace(document.expertise, evidence=shown, evidence_rest=rest)
    return msgspec.structs.replace(document, expertise=expertise)
