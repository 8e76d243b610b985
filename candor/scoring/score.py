"""Score: from activities and a question to score documents. Pure: the same inputs give the same bytes."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec.structs import replace

from candor.scoring.account_kinds import kind_of
from candor.scoring.arrays import any_of
from candor.scoring.columns import OPTED_OUT
from candor.scoring.contested import chosen_acts, describe
from candor.scoring.document import Operator, Position, ScoreDocument, Urls
from candor.scoring.expertise import LARGEST, Supports, are_little, evaluate, robustness
from candor.scoring.explain import REPLIES_ONLY, instant, rests_on_replies
from candor.scoring.features import interest_features
from candor.scoring.interest import own_acts
from candor.scoring.made_from import AccountRef, Inputs, Matched, MethodRef, TopicRef, TrustRootRef, VouchesRef
from candor.scoring.question import OptedOut
from candor.scoring.ranking import ranking_of, said_of
from candor.scoring.seals import sealed
from candor.scoring.sides import expertise_side, interest_side
from candor.scoring.topics import matcher_of
from candor.scoring.votes import weigh_voices
from candor.scoring.weightless import weightless_facts
from candor.scoring.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.columns import Columns
    from candor.scoring.document import Expertise, FaceValue, Interest
    from candor.scoring.expertise import Evaluation, Support
    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.scoring.topics import Topic
    from candor.scoring.trust import View
    from candor.scoring.votes import Votes
    from candor.scoring.world import World

INTENDED_USE = "To see who is recognised for what in a community, and why; a reason to look closer, never a verdict."
NOT_FOR = ("hiring", "credit", "insurance", "housing")
EXAMPLES = 3
NOT_INDEXED = "the account asked not to be indexed"
COPIES = "posts that others took up and that earn nothing, as they repeat earlier texts nearly word for word"


def score(
    activities: Sequence[Activity] | Columns | World,
    question: Question,
    method: Method,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[ScoreDocument]:
    """Yield a document for each account and topic, accounts outermost, with the full evidence.

    Columns, or a world, are those of the question; an account that no record names did nothing.
    `on_progress` is told (documents done, documents in all). Raises ValueError when the network, its profile or the
    records do not fit.
    """
    world = build_world(activities, question, method)
    inputs = _inputs(world, question)
    pairs = list(itertools.product(question.accounts, range(len(question.topics))))
    for done, (account, topic) in enumerate(pairs, start=1):
        about = replace(inputs, gaps=question.gaps_about(account, question.topics[topic].id))
        yield _document(world, question, about, account, topic)
        if on_progress:
            on_progress(done, len(pairs))


def _document(community: World, question: Question, inputs: Inputs, account: str, topic: int) -> ScoreDocument:
    world, inputs = _without_contested(community, question, inputs, account, topic)
    nobody = world.columns.person_of[OPTED_OUT]
    person = world.columns.person_of.get(account, nobody)
    record = world.columns.accounts.get(person)
    opted_out = _opted_out(question, account, record)
    subject = nobody if opted_out else person
    declared = _evaluate(world, subject, topic)
    face = _evaluate(world.at_face_value, subject, topic, known=declared.votes)
    score_id = _score_id(question, world.method, inputs, account, topic)
    copies = _copies(world, declared.view, subject, topic)
    if copies:
        inputs = replace(inputs, gaps=(*inputs.gaps, f"{COPIES}: {copies}"))
    expertise = expertise_side(
        world, declared, face, copies, opted_out=opted_out, granted_rights=question.granted_rights
    )
    if rests_on_replies(expertise):
        inputs = replace(inputs, gaps=(*inputs.gaps, REPLIES_ONLY))
    return sealed(
        ScoreDocument(
            id=score_id,
            account=_account(question, account, record, named=not opted_out),
            topic=_topic(question.topics[topic]),
            as_of=instant(world.columns.as_of),
            window_days=question.window_days,
            data_until=instant(int(world.columns.published[-1])) if world.columns.published.size else None,
            method=_method(world),
            trust_root=msgspec.convert(world.root, TrustRootRef, from_attributes=True),
            inputs=inputs,
            matched=_matched(world, subject, topic),
            expertise=_placed(community, question, expertise, person, topic, behind_face=face.support),
            interest=_interest(world, subject, topic, opted_out=opted_out),
            robustness=robustness(declared, world.profile),
            facts={} if opted_out else weightless_facts(world.columns, subject, topic),
            digests={},
            urls=_urls(score_id, world.method.version),
            operator=Operator(contact=question.contact),
            intended_use=INTENDED_USE,
            not_for=NOT_FOR,
        )
    )


def _account(question: Question, account: str, record: Activity | None, *, named: bool) -> AccountRef:
    kind, reason = kind_of(account, record, {each.account: each for each in question.kinds})
    name = record.name if record is not None and named else None
    return AccountRef(network=question.network, account=account, kind=kind, kind_reason=reason, name=name)


def _topic(topic: Topic) -> TopicRef:
    named = (topic.tag,) if topic.tag else topic.hashtags
    return TopicRef(id=topic.id, label=topic.label, terms=topic.terms, hashtags=named, digest=topic.digest)


def _method(world: World) -> MethodRef:
    method = world.method
    return MethodRef(version=method.version, digest=method.digest, profile=world.profile_name, figures=method.figures)


def _urls(score_id: str, version: str) -> Urls:
    own = f"/v1/scores/{score_id}"
    return Urls(self=own, evidence=f"{own}?evidence=all", method=f"/v1/methods/{version}", disputes=f"{own}/disputes")


def _copies(world: World, view: View, subject: int, topic: int) -> int:
    """Count the posts of the account that others took up on the topic and that earn nothing, as they repeat texts."""
    if not any_of(view.void):
        return 0
    index = world.index
    received = index.received_by(np.array([subject]))
    copied = received[view.void[received] & index.on_topic[received, topic]]
    return int(np.unique(index.acts.text[copied]).size)


def _placed(
    world: World, question: Question, side: Expertise, person: int, topic: int, *, behind_face: Support
) -> Expertise:
    """Add the place in the community, under the declared root and at face value."""
    known = question.places.get(world.columns.people[person], {}).get(question.topics[topic].id)

    def _place(world: World, part: Expertise | FaceValue, known: Position | None = None) -> Position:
        if not question.community:
            return Position(status="no_community")
        if part.score is None:
            return Position(status="no_number")
        return known or ranking_of(world, topic, question.contested).position(person, part.score)

    face = side.at_face_value
    if face is None:
        return replace(side, position=Position(status="opted_out"))
    at_face_value = world if world.trust.is_everybody else world.at_face_value
    own = said_of(_place(world, side, known), world.method.position, is_rough=side.little_evidence is True)
    is_rough = bool(are_little(Supports.of(behind_face), at_face_value.root, world.method)[0])
    of_face = said_of(_place(at_face_value, face), world.method.position, is_rough=is_rough)
    return replace(side, position=own, at_face_value=replace(face, position=of_face))


def _evaluate(world: World, subject: int, topic: int, *, known: Votes | None = None) -> Evaluation:
    """Evaluate an account; by another view than the `known` votes only the numbers, of which less is shown."""
    view = world.view(subject)
    votes = weigh_voices(world.ballot(topic, view, in_full=known is None, known=known), np.array([subject]))
    return evaluate(votes, subject, view, world.profile, world.method, most=LARGEST if known is None else ())


def _interest(world: World, subject: int, topic: int, *, opted_out: OptedOut | None) -> Interest:
    counting = [feature.types for feature in interest_features(world.profile)]
    own = own_acts(world.columns, topic, np.array([subject]), world.method, counting=counting)
    return interest_side(own, world.profile, world.method, opted_out=opted_out)


def _matched(world: World, subject: int, topic: int) -> Matched:
    columns = world.columns
    own = columns.acts_of(subject)
    own = own[columns.topics[own, topic]]
    matcher = matcher_of(world.topics)
    by_term: dict[str, int] = {}
    for row in own.tolist():
        for term in matcher.terms(columns.records[row].content, columns.records[row].tags, topic):
            by_term[term] = by_term.get(term, 0) + 1
    examples = tuple(str(columns.records[row].id) for row in own[-EXAMPLES:].tolist())
    return Matched(records=int(own.size), by_term=dict(sorted(by_term.items())), examples=examples)


def _opted_out(question: Question, account: str, record: Activity | None) -> OptedOut | None:
    """Return why nothing is said of the account, if so: who asked knows it, or its own record does."""
    for opted_out in question.opted_out:
        if opted_out.account == account:
            return opted_out
    said_no = record is not None and record.consent is False
    return OptedOut(account=account, status="declined", reason=NOT_INDEXED) if said_no else None


def _inputs(world: World, question: Question) -> Inputs:
    return Inputs(
        digest=world.columns.digest(),
        activities=len(world.columns.records),
        ignored=world.columns.ignored,
        gaps=question.gaps,
        vouches=VouchesRef(digest=question.vouches_digest, size=len(set(question.vouches)))
        if question.vouches
        else None,
    )


def _without_contested(
    world: World, question: Question, inputs: Inputs, account: str, topic: int
) -> tuple[World, Inputs]:
    """Leave out what was disputed of this score with success; other inputs, which say so."""
    chosen = chosen_acts(world, question.contested, account, question.topics[topic].id)
    if not chosen:
        return world, inputs
    digest = hashlib.sha256(msgspec.json.encode([inputs.digest, *chosen])).hexdigest()
    left = replace(inputs, digest=f"sha256:{digest}", records=inputs.digest, gaps=(*inputs.gaps, describe(chosen)))
    return world.without(np.logical_or.reduce(list(chosen.values()))), left


def _score_id(question: Question, method: Method, inputs: Inputs, account: str, topic: int) -> str:
    beyond_records = [question.gaps_about(account, question.topics[topic].id), question.opted_out, inputs.vouches]
    made_from = msgspec.json.encode(
        [
            question.network,
            account,
            question.topics[topic].digest,
            question.as_of,
            question.window_days,
            question.profile,
            question.granted_rights,
            question.trust_root.digest,
            question.trust_root.id,
            question.contact,
            method.digest,
            inputs.digest,
            *(beyond_records if any(beyond_records) else ()),
            *(each for each in question.kinds if each.account == account),
            *(_community(question, account, topic) if question.community else ()),
        ]
    )
    return "sc_" + hashlib.sha256(made_from).hexdigest()[:32]


def _community(question: Question, account: str, topic: int) -> list[object]:
    """Return what the place of an account depends on beside the records: disputes of others' scores."""
    about = question.topics[topic].id
    return ["community", *(each for each in question.contested if each.topic == about and each.account != account)]
