"""The score document: what an answer carries, field by field. Built by score.py, checked by verify.py."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from candor.scoring.verify.digests import digests

Scope = Literal["on_topic", "other_topics", "recent"]
ExpertiseStatus = Literal["ok", "face_value", "unverified", "not_enough_evidence", "no_trust_root", "declined", "gone"]
InterestStatus = Literal["ok", "not_enough_evidence", "declined", "gone"]
Figure: TypeAlias = bool | int | float | str | tuple[float, ...]


class AccountRef(msgspec.Struct, frozen=True, kw_only=True):
    """Who was scored. `kind` is person, organisation, bot or unknown."""

    network: str
    account: str
    kind: str
    name: str | None


class TopicRef(msgspec.Struct, frozen=True, kw_only=True):
    """The topic as it was when the score was made."""

    id: str
    label: str
    terms: tuple[str, ...]
    hashtags: tuple[str, ...]
    digest: str


class MethodRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which method, and the profile of weights it used; `figures` are all of its figures, of which `digest` is made.

    Documents made before figures were carried have none.
    """

    version: str
    digest: str
    profile: str
    figures: dict[str, Figure] | msgspec.UnsetType = msgspec.UNSET


class TrustRootRef(msgspec.Struct, frozen=True, kw_only=True):
    """Whose word counted; `size` counts the accounts named."""

    id: str | None
    kind: str
    digest: str
    size: int


class VouchesRef(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshot of vouches seen earlier that standing flowed through as well; `size` counts its pairs."""

    digest: str
    size: int


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """The records the score was made from; `ignored` counts those left out, by reason; `gaps` says what was missing.

    `vouches` is null where no vouches but those in the records were used.
    """

    digest: str
    activities: int
    ignored: dict[str, int]
    gaps: tuple[str, ...]
    vouches: VouchesRef | None = None


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """The account's own records on the topic, how often each term matched, and a few of their ids."""

    records: int
    by_term: dict[str, int]
    examples: tuple[str, ...]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Log-normal curve from raw value to 0..1: `p50` maps to one half, `p90` to nine tenths; in the feature's unit."""

    kind: str
    p50: float
    p90: float


class KindShare(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of recognition gave: voices (of A or R) and points."""

    kind: str
    voices: float
    contribution: float


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One feature: raw value (in `unit`), curve, weight (points), value = curve(raw), contribution (points).

    A share comes with the decayed counts behind it: `hits` of `trials`.
    """

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
    hits: float | None = None
    trials: float | None = None


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of the score, 0..100, at `level`."""

    low: float
    high: float
    level: float


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds of recognition that the source cannot show, with the reason: unknown, not zero."""

    unknown: dict[str, str]


class Totals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A, B and R of the method, in voices; `help` and `posts` are the two sides A_help and P, `all_kinds` is A_all.

    `backed` and `recent_backed` are the most that A and R can be by those whose trust the voices rest on, where not
    everybody is trusted.
    """

    on_topic: float
    all_topics: float
    recent: float
    all_kinds: float
    help: float
    posts: float
    backed: float | None = None
    recent_backed: float | None = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act of recognition, the best of its class on one contribution.

    `strength` is q times m times decay; `of` is the contribution taken up; `credited` is false where the other class
    counts more (its strength is then part of A_help or P only).
    """

    kind: str
    of: str
    at: str
    strength: float
    credited: bool
    url: str | None


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One person's acts on the account within a scope.

    `help` and `soft` are the credited strengths by class, `received` (c1_uw) and `given` (c1_wu) the sums behind
    `reciprocity`, `recognised_by` is N and `prominence` m (N is null where m is 1 whatever N is: off the topic, and for
    whom the root names); `voice` is what the person is worth, `counted` what of it counts after the five largest are
    halved. Voices stand in order of size.
    """

    by: str
    scope: Scope
    standing: float
    recognised_by: float | None
    prominence: float
    help: float
    soft: float
    received: float
    given: float
    reciprocity: float
    voice: float
    counted: float
    acts: tuple[Act, ...]


class Backer(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the root whose trust voices within a scope rest on: its own, and those of whom it vouched for.

    `trust` is what of the voices rests on it, followed back along the vouches; `worth` what that is worth at most,
    `counted` what of it counts after the five largest are halved; all in voices. `without_largest` and `without_five`
    are what of the trust would be left without the largest voice on the topic and without the five largest. Backers
    stand in order of size.
    """

    by: str
    scope: Scope
    trust: float
    worth: float
    counted: float
    without_largest: float
    without_five: float


class Reasons(msgspec.Struct, frozen=True, kw_only=True):
    """The score in words: what lifts it and what holds it down."""

    up: tuple[str, ...]
    down: tuple[str, ...]


class FaceValue(msgspec.Struct, frozen=True, kw_only=True):
    """The same account if everybody's word counted in full. Easy to game: `warning` says so."""

    status: str
    score: float | None
    interval: Interval | None
    features: tuple[Feature, ...]
    totals: Totals
    warning: str


class Expertise(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Does the account know about the topic? `score` is null unless `status` is ok or face_value; `needs` says why.

    `evidence_shown` says whether `evidence` holds every voice of every scope or the largest on the topic only;
    `evidence_total` counts those on the topic, `evidence_rest` is what the ones not shown count. `backers` are whose
    trust the voices rest on, where not everybody is trusted, `backers_rest` what those on the topic count who are not
    shown.
    """

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
    evidence_shown: Literal["all", "largest"]
    evidence_total: int
    evidence_rest: float
    reasons: Reasons
    needs: str | None
    backers: tuple[Backer, ...] = ()
    backers_rest: float = 0.0


class Interest(msgspec.Struct, frozen=True, kw_only=True):
    """Does the account care about the topic? From its own acts alone; `own_acts` counts those of the last year."""

    status: InterestStatus
    score: float | None
    interval: Interval | None
    features: tuple[Feature, ...]
    own_acts: int
    reasons: Reasons
    needs: str | None


class Robustness(msgspec.Struct, frozen=True, kw_only=True):
    """How fragile expertise is, in points; `points_per_corrupt_standing` is what corrupt people could add at most."""

    largest_voice_points: float
    largest_five_points: float
    points_per_corrupt_standing: dict[str, float]
    note: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact shown at weight zero; `n` is the size of the sample behind it, `reason` says why a value is missing."""

    value: float | str | None
    weight: int = 0
    n: int | None = None
    reason: str | None = None


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """Where the document, its evidence and its method are served, relative to the service."""

    self: str
    evidence: str
    method: str
    disputes: str


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to write to about this score."""

    contact: str | None


class ScoreDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole explanation of one account on one topic. Alone it is enough to recompute the numbers.

    `redacted_at` is there only when somebody in it was erased since; it is the one way in which a document changes.
    """

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
    redacted_at: str | msgspec.UnsetType = msgspec.UNSET


BRIEF_VOICES = 20
Row = TypeVar("Row", Voice, Backer)


def sealed(document: ScoreDocument) -> ScoreDocument:
    """Return the document with a digest of each section.

    Who replaces a name in the evidence by `erased` takes the digest `names` out; the others still hold.
    """
    return replace(document, digests=digests(msgspec.to_builtins(document)))


def brief(document: ScoreDocument) -> ScoreDocument:
    """Return the document with its twenty largest voices and backers on the topic only.

    `evidence_rest` and `backers_rest` hold what the others count.
    """
    voices, voices_rest = _largest(document.expertise.evidence)
    backers, backers_rest = _largest(document.expertise.backers)
    shortened = replace(
        document.expertise,
        evidence=voices,
        evidence_rest=voices_rest,
        evidence_shown="largest",
        backers=backers,
    )
    if backers_rest:  # a zero of its own would be written out
        shortened = replace(shortened, backers_rest=backers_rest)
    return sealed(replace(document, expertise=shortened))


def _largest(rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], float]:
    """Return the largest on the topic, and what the others there count."""
    on_topic = [row for row in rows if row.scope == "on_topic"]
    return tuple(on_topic[:BRIEF_VOICES]), math.fsum(row.counted for row in on_topic[BRIEF_VOICES:])


def encode(document: ScoreDocument) -> bytes:
    """Return the document's bytes: UTF-8 JSON, fields in the order above, shortest round-trip floats."""
    return msgspec.json.encode(document)
