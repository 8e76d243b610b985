"""The score document: what an answer carries, field by field. Built by score.py, checked by verify.py."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from candor.scoring.made_from import AccountRef, Inputs, Matched, MethodRef, TopicRef, TrustRootRef

Scope = Literal["on_topic", "other_topics", "recent"]
ExpertiseStatus = Literal["ok", "face_value", "unverified", "not_enough_evidence", "no_trust_root", "declined", "gone"]
PositionStatus = Literal["placed", "no_number", "no_community", "opted_out"]
InterestStatus = Literal["ok", "not_enough_evidence", "declined", "gone"]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Log-normal curve from raw value to 0..1: `p50` maps to one half, `p90` to nine tenths; in the feature's unit."""

    kind: Annotated[str, Meta(description="Always lognormal.")]
    p50: Annotated[float, Meta(description="Raw value, in the feature's unit, that becomes one half.")]
    p90: Annotated[float, Meta(description="Raw value, in the feature's unit, that becomes nine tenths.")]


class KindShare(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of recognition gave: voices (of A or R) and points."""

    kind: Annotated[str, Meta(description="The kind of recognition.")]
    voices: Annotated[float, Meta(description="What it gave, in voices.")]
    contribution: Annotated[float, Meta(description="What it gave, in points.")]


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One feature: raw value (in `unit`), curve, weight (points), value = curve(raw), contribution (points).

    A share comes with the decayed counts behind it: `hits` of `trials`.
    """

    id: Annotated[str, Meta(description="Its id, as in the method.")]
    label: Annotated[str, Meta(description="Its name.")]
    question: Annotated[str, Meta(description="What it asks.")]
    raw: Annotated[float, Meta(description="What was measured, in the feature's unit.")]
    unit: Annotated[str, Meta(description="Unit of `raw` and of the control points.")]
    curve: Annotated[Curve, Meta(description="How the raw value becomes a value of 0 to 1.")]
    weight: Annotated[float, Meta(description="Points it can give at most.")]
    value: Annotated[float, Meta(description="The curve at the raw value, 0 to 1; for display.")]
    contribution: Annotated[float, Meta(description="Points it gives: weight times value, rounded to six places.")]
    n_effective: Annotated[float, Meta(description="Effective number of independent observations behind it.")]
    by_kind: Annotated[
        tuple[KindShare, ...] | None,
        Meta(description="The contribution again by kind of recognition; null for interest."),
    ] = None
    hits: Annotated[
        float | None,
        Meta(description="Decayed acts on the topic behind a share; null where the raw value is no share."),
    ] = None
    trials: Annotated[
        float | None, Meta(description="Decayed acts in all behind a share; null where the raw value is no share.")
    ] = None


class Interval(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Limits of the score, 0..100, at `level`."""

    low: Annotated[float, Meta(description="Lower limit, 0 to 100.")]
    high: Annotated[float, Meta(description="Upper limit, 0 to 100.")]
    level: Annotated[float, Meta(description="Share of cases that the interval is meant to cover.")]

    def overlaps(self, other: Interval) -> bool:
        """Say whether both hold a score, be it a limit alone: then the order of the two may be due to chance."""
        return self.low <= other.high and other.low <= self.high


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds of recognition that the source cannot show, with the reason: unknown, not zero."""

    unknown: Annotated[
        dict[str, str],
        Meta(description="Kinds of recognition that the source cannot show, with the reason: unknown, not zero."),
    ]


class VoiceTotals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A, B and R of the method, in voices; `help` and `posts` are the two sides A_help and P, `all_kinds` is A_all.

    `backed` and `recent_backed` are the most that A and R can be by those whose trust the voices rest on, where not
    everybody is trusted: each of the `trusted_people` counts for at most so many voices.
    """

    on_topic: Annotated[float, Meta(description="A: recognition on the topic, in voices.")]
    all_topics: Annotated[float, Meta(description="B: recognition on every topic, in voices.")]
    recent: Annotated[float, Meta(description="R: recent recognition on every topic, in voices.")]
    all_kinds: Annotated[float, Meta(description="A_all: the voices on the topic added up.")]
    help: Annotated[float, Meta(description="A_help: the same without endorsements and lists, in voices.")]
    posts: Annotated[float, Meta(description="P: what the posts endorsed and the lists may give at most, in voices.")]
    backed: Annotated[
        float | None,
        Meta(
            description="The most that A can be by the people of the root on whose trust the voices rest, in voices; "
            "null, or not said, where everybody is trusted."
        ),
    ] = None
    recent_backed: Annotated[float | None, Meta(description="The same for R, in voices.")] = None
    trusted_people: Annotated[
        int | None,
        Meta(description="How many people of the root could stand behind the account: all of them but itself."),
    ] = None
    most_per_trusted: Annotated[
        float | None,
        Meta(
            description="What may rest on one of them on the topic, in voices; it grows with how many of them stand "
            "behind."
        ),
    ] = None
    recent_most_per_trusted: Annotated[float | None, Meta(description="The same for R, in voices.")] = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act of recognition, the best of its class on one contribution.

    `strength` is q times m times decay; `record` says by which record it was done, `of` is the contribution taken up;
    `credited` is false where the other class counts more (its strength is then part of A_help or P only).
    """

    kind: Annotated[str, Meta(description="Kind of recognition.")]
    record: Annotated[
        str | msgspec.UnsetType,
        Meta(description="Id of the record by which it was done. Not there in documents made earlier."),
    ] = msgspec.UNSET
    of: Annotated[str, Meta(description="Id of what was taken up.")]
    at: Annotated[str, Meta(description="When.")]
    strength: Annotated[float, Meta(description="Credited strength: q times m times decay; it has no unit.")]
    credited: Annotated[bool, Meta(description="False where another act on the same contribution counts more.")]
    url: Annotated[
        str | None,
        Meta(description="Where to see what was taken up; where its record does not say so, where to see the act."),
    ]


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One person's acts on the account within a scope.

    `help` and `soft` are the credited strengths by class, `received` (c1_uw) and `given` (c1_wu) the sums behind
    `reciprocity`, `recognised_by` is N and `prominence` m (N is null where m is 1 whatever N is: off the topic, and for
    whom the root names); `voice` is what the person is worth. Voices stand in order of size.
    """

    by: Annotated[str, Meta(description="Who.")]
    scope: Annotated[Scope, Meta(description="on_topic, other_topics or recent.")]
    standing: Annotated[float, Meta(description="How much the person's word counts, 0 to 1.")]
    recognised_by: Annotated[
        float | None,
        Meta(
            description="N: summed standing of those who recognised the person on the topic; null where m is 1 "
            "whatever N is."
        ),
    ]
    prominence: Annotated[float, Meta(description="m: what that makes of the person's endorsements, 0.1 to 1.")]
    help: Annotated[float, Meta(description="Credited strength of help taken up.")]
    soft: Annotated[float, Meta(description="Credited strength of endorsements and lists.")]
    received: Annotated[
        float, Meta(description="c1_uw: credited strength of what the account received from the person.")
    ]
    given: Annotated[float, Meta(description="c1_wu: credited strength of what it gave the person.")]
    reciprocity: Annotated[float, Meta(description="r: received as a share of both.")]
    voice: Annotated[float, Meta(description="What the person is worth, in voices, at most `voice.most`.")]
    acts: Annotated[tuple[Act, ...], Meta(description="The acts behind it.")]


class Backer(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the root whose trust voices within a scope rest on: its own, and those of whom it vouched for.

    `trust` is what of the voices rests on it, followed back along the vouches, `worth` what of that counts; both in
    voices. `without_largest` and `without_five`
    are what of the trust would be left without the largest voice on the topic and without the five largest. Backers
    stand in order of size.
    """

    by: Annotated[str, Meta(description="Who, of the root.")]
    scope: Annotated[Scope, Meta(description="on_topic or recent.")]
    trust: Annotated[
        float, Meta(description="What of the voices rests on this person, followed back along the vouches, in voices.")
    ]
    worth: Annotated[float, Meta(description="What of that counts, in voices, at most `totals.most_per_trusted`.")]
    without_largest: Annotated[
        float, Meta(description="What of the trust would be left without the largest voice on the topic, in voices.")
    ]
    without_five: Annotated[
        float,
        Meta(description="What of the trust would be left without the five largest voices on the topic, in voices."),
    ]


class Reasons(msgspec.Struct, frozen=True, kw_only=True):
    """The score in words: what lifts it and what holds it down."""

    up: Annotated[tuple[str, ...], Meta(description="What lifts it.")]
    down: Annotated[tuple[str, ...], Meta(description="What holds it down.")]


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A place in the community: by the number shown, ties share one. Whoever does not want to be listed is not counted.

    Without a place all but `status` is null.
    """

    status: Annotated[
        PositionStatus,
        Meta(
            description="placed; no_number; no_community where the records are not those of a whole community: they "
            "came with the job, were fetched around the account, or are somebody's own export; opted_out."
        ),
    ]
    rank: Annotated[int | None, Meta(description="1 for the largest number; equal numbers share a rank.")] = None
    tied: Annotated[int | None, Meta(description="How many others have the very same rank.")] = None
    of: Annotated[int | None, Meta(description="How many have a number on the topic.")] = None
    active: Annotated[
        int | None, Meta(description="How many did something on the topic, or had something taken up there.")
    ] = None
    share_below: Annotated[
        float | None, Meta(description="Share of these who stand below, 0 to 1: with a lower number or none.")
    ] = None
    range: Annotated[
        str | None,
        Meta(
            description="first, upper, middle or lower: `position` of the method; null where few have a number, "
            "and where this one is rough (`little_evidence`)."
        ),
    ] = None
    words: Annotated[str | None, Meta(description="What is said of that range.")] = None


class FaceValue(msgspec.Struct, frozen=True, kw_only=True):
    """The same account if everybody's word counted in full. Easy to game: `warning` says so."""

    status: Annotated[str, Meta(description="ok, or why there is no number.")]
    score: Annotated[float | None, Meta(description="0 to 100, or null.")]
    interval: Annotated[Interval | None, Meta(description="Limits of the score, or null.")]
    features: Annotated[tuple[Feature, ...], Meta(description="The parts that it is the sum of.")]
    totals: Annotated[VoiceTotals, Meta(description="What was added up, in voices.")]
    warning: Annotated[str, Meta(description="Why not to rely on it.")]
    position: Annotated[
        Position | msgspec.UnsetType,
        Meta(description="The place by these numbers. Not there in documents made earlier."),
    ] = msgspec.UNSET


class Expertise(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Does the account know about the topic? `score` is null unless `status` is ok or face_value; `needs` says why.

    `evidence_shown` says whether `evidence` holds every voice of every scope or the largest on the topic only;
    `evidence_total` counts those on the topic, `evidence_rest` is what the ones not shown count. `backers` are whose
    trust the voices rest on, where not everybody is trusted, `backers_rest` what those on the topic count who are not
    shown.
    """

    status: Annotated[ExpertiseStatus, Meta(description="ok or face_value with a score; otherwise why there is none.")]
    score: Annotated[float | None, Meta(description="0 to 100, the sum of the contributions; or null.")]
    little_evidence: Annotated[
        bool | msgspec.UnsetType,
        Meta(
            description="Whether the number is rough because trust reaches fewer than five of the people who used its "
            "help, or fewer than five people are trusted. Not there in documents made earlier."
        ),
    ] = msgspec.UNSET
    interval: Annotated[Interval | None, Meta(description="Limits of the score, or null.")]
    position: Annotated[
        Position | msgspec.UnsetType,
        Meta(description="The place among others on the topic. Not there in documents made earlier."),
    ] = msgspec.UNSET
    coverage: Annotated[Coverage, Meta(description="What the source cannot show.")]
    at_face_value: Annotated[
        FaceValue | None,
        Meta(description="The same if everybody's word counted in full; null where that says nothing more."),
    ]
    features: Annotated[tuple[Feature, ...], Meta(description="The parts that the score is the sum of.")]
    totals: Annotated[VoiceTotals, Meta(description="What was added up, in voices.")]
    people: Annotated[int, Meta(description="How many people recognised the account on the topic.")]
    people_with_standing: Annotated[
        int, Meta(description="How many of them have standing enough to count for the status.")
    ]
    standing_sum: Annotated[float, Meta(description="Their standing, added up.")]
    evidence: Annotated[
        tuple[Voice, ...],
        Meta(description="Each person's acts; the largest twenty on the topic, or all of them with `evidence=all`."),
    ]
    evidence_shown: Annotated[
        Literal["all", "largest"], Meta(description="all, or largest: the largest twenty on the topic only.")
    ]
    evidence_total: Annotated[int, Meta(description="How many people's acts there are on the topic.")]
    evidence_rest: Annotated[float, Meta(description="What those not shown count, in voices.")]
    reasons: Annotated[Reasons, Meta(description="The score in words.")]
    needs: Annotated[str | None, Meta(description="What is missing for a number, in words; or null.")]
    backers: Annotated[
        tuple[Backer, ...],
        Meta(
            description="The people of the root on whose trust the voices rest, the largest first; the largest twenty "
            "on the topic, or all of them with `evidence=all`."
        ),
    ] = ()
    backers_rest: Annotated[
        float, Meta(description="What those on the topic count who are not shown, in voices; not there where it is 0.")
    ] = 0.0


class Interest(msgspec.Struct, frozen=True, kw_only=True):
    """Does the account care about the topic? From its own acts alone; `own_acts` counts those of the last year."""

    status: Annotated[InterestStatus, Meta(description="ok, or why there is no number.")]
    score: Annotated[float | None, Meta(description="0 to 100, the sum of the contributions; or null.")]
    interval: Annotated[Interval | None, Meta(description="Limits of the score, or null.")]
    features: Annotated[tuple[Feature, ...], Meta(description="The parts that the score is the sum of.")]
    own_acts: Annotated[int, Meta(description="How many acts of its own the account did in the last year.")]
    reasons: Annotated[Reasons, Meta(description="The score in words.")]
    needs: Annotated[str | None, Meta(description="What is missing for a number, in words; or null.")]


class Robustness(msgspec.Struct, frozen=True, kw_only=True):
    """How fragile expertise is, in points; `points_per_corrupt_standing` is what corrupt people could add at most."""

    largest_voice_points: Annotated[float, Meta(description="Points that depend on the largest voice.")]
    largest_five_points: Annotated[float, Meta(description="Points that depend on the largest five people.")]
    points_per_corrupt_standing: Annotated[
        dict[str, float],
        Meta(
            description="Points that 1, 2 or 5 people who turn corrupt could add at most: people of the root, whatever "
            "they do and through however many accounts, where the document says `backed` (prominence they can give to "
            "endorsers is not counted); otherwise people by what they do themselves. `note` says which."
        ),
    ]
    note: Annotated[str, Meta(description="How to read these.")]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact shown at weight zero; `n` is the size of the sample behind it, `reason` says why a value is missing."""

    value: Annotated[
        float | str | None, Meta(description="The fact, or null: people, acts, a share or a text, as its name says.")
    ]
    weight: Annotated[int, Meta(description="Always 0 points.")] = 0
    n: Annotated[
        int | None, Meta(description="How many acts or people are behind it, where it is drawn from some.")
    ] = None
    reason: Annotated[str | None, Meta(description="Why the value is missing, or null.")] = None


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """Where the document, its evidence and its method are served, relative to the service."""

    self: Annotated[str, Meta(description="The score itself.")]
    evidence: Annotated[str, Meta(description="The score with every voice.")]
    method: Annotated[str, Meta(description="The method it was made with.")]
    disputes: Annotated[
        str, Meta(description="What of its evidence was disputed, and what came of it; POST there to dispute more.")
    ]


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to write to about this score."""

    contact: Annotated[str | None, Meta(description="Whom to write to about the score.")]


class ScoreDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole explanation of one account on one topic. Alone it is enough to recompute the numbers.

    `redacted_at` is there only when somebody in it was erased since; it is the one way in which a document changes.
    """

    id: Annotated[
        str, Meta(description="Made from the inputs: the same question about the same records has the same id.")
    ]
    account: Annotated[AccountRef, Meta(description="Who was scored.")]
    topic: Annotated[TopicRef, Meta(description="On which topic.")]
    as_of: Annotated[str, Meta(description="Only what happened before this time was read.")]
    window_days: Annotated[int, Meta(description="How many days back was read.")]
    data_until: Annotated[str | None, Meta(description="When the newest record was published; null without records.")]
    method: Annotated[MethodRef, Meta(description="How the numbers were made.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    inputs: Annotated[Inputs, Meta(description="What the score was made from.")]
    matched: Annotated[Matched, Meta(description="The account's own records on the topic.")]
    expertise: Annotated[Expertise, Meta(description="Does the account know about the topic?")]
    interest: Annotated[Interest, Meta(description="Does the account care about the topic?")]
    robustness: Annotated[Robustness, Meta(description="How fragile expertise is.")]
    facts: Annotated[
        dict[str, Fact], Meta(description="Shown beside the numbers, by name; none of them is read by expertise.")
    ]
    digests: Annotated[
        dict[str, str], Meta(description="SHA-256 of each part that states facts, so that a change shows.")
    ]
    urls: Annotated[Urls, Meta(description="Addresses that belong to the score.")]
    operator: Annotated[Operator, Meta(description="Who runs this service.")]
    intended_use: Annotated[str, Meta(description="What the score is for.")]
    not_for: Annotated[tuple[str, ...], Meta(description="What it must not be used for.")]
    redacted_at: Annotated[
        str | msgspec.UnsetType,
        Meta(description="When somebody in it was last erased; missing where nobody was. The numbers stay."),
    ] = msgspec.UNSET


def encode(document: ScoreDocument) -> bytes:
    """Return the document's bytes: UTF-8 JSON, fields in the order above, shortest round-trip floats."""
    return msgspec.json.encode(document)
