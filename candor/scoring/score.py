"""Score: from activities and a question to score documents. Pure: the same inputs give the same bytes."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec.structs import replace

from candor.scoring.columns import NOBODY
from candor.scoring.contested import chosen_acts, in_words, leaving_out
from candor.scoring.document import (
    AccountRef,
    Inputs,
    Interest,
    Matched,
    MethodRef,
    Operator,
    Reasons,
    ScoreDocument,
    TopicRef,
    TrustRootRef,
    Urls,
    VouchesRef,
    sealed,
)
from candor.scoring.evidence import instant
from candor.scoring.expertise import expertise, interval, written_feature
from candor.scoring.explain import interest_needs, interest_reasons
from candor.scoring.features import INTEREST
from candor.scoring.interest import own_acts
from candor.scoring.points import interest_numbers
from candor.scoring.question import Withheld
from candor.scoring.robustness import robustness
from candor.scoring.topics import Matcher
from candor.scoring.weightless import weightless_facts
from candor.scoring.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.document import InterestStatus
    from candor.scoring.method import Method
    from candor.scoring.question import Question

INTENDED_USE = "To see who is recognised for what in a community, and why; a reason to look closer, never a verdict."
NOT_FOR = ("hiring", "credit", "insurance", "housing")
EXAMPLES = 3
NOT_INDEXED = "the account asked not to be indexed"


def score(
    activities: Sequence[Activity],
    question: Question,
    method: Method,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[ScoreDocument]:
    """Yield a document for each account and topic, accounts outermost, with the full evidence.

    `on_progress` is told (documents done, documents in all). Raises ValueError when the network, its profile or the
    records do not fit.
    """
    world = World(activities, question, method)
    inputs = _inputs(world, question)
    pairs = list(itertools.product(question.accounts, range(len(question.topics))))
    for done, (account, topic) in enumerate(pairs, start=1):
        yield _document(world, question, inputs, account, topic)
        if on_progress:
            on_progress(done, len(pairs))


def _document(world: World, question: Question, inputs: Inputs, account: str, topic: int) -> ScoreDocument:
    world, inputs = _without_contested(world, question, inputs, account, topic)
    person = world.columns.person_of[account]
    record = world.columns.accounts.get(person)
    withheld = _withheld(question, account, record)
    subject = world.columns.person_of[NOBODY] if withheld else person
    known = expertise(world, subject, topic, withheld=withheld, granted_rights=question.granted_rights)
    score_id = _score_id(question, world.method, inputs, account, topic)
    at = question.topics[topic]
    return sealed(
        ScoreDocument(
            id=score_id,
            account=AccountRef(
                network=question.network,
                account=account,
                kind=(record and record.kind) or "unknown",
                name=None if record is None or withheld else record.name,
            ),
            topic=TopicRef(id=at.id, label=at.label, terms=at.terms, hashtags=at.hashtags, digest=at.digest),
            as_of=instant(world.columns.as_of),
            window_days=question.window_days,
            data_until=instant(int(world.columns.published[-1])) if world.columns.published.size else None,
            method=MethodRef(version=world.method.version, digest=world.method.digest, profile=world.profile_name),
            trust_root=TrustRootRef(
                id=world.root.id, kind=world.root.kind, digest=world.root.digest, size=world.root.size
            ),
            inputs=inputs,
            matched=_matched(world, subject, topic),
            expertise=known[0],
            interest=_interest(world, subject, topic, withheld=withheld),
            robustness=robustness(known[1], world),
            facts={} if withheld else weightless_facts(world.columns, subject, topic),
            digests={},
            urls=Urls(
                self=f"/v1/scores/{score_id}",
                evidence=f"/v1/scores/{score_id}?evidence=all",
                method=f"/v1/methods/{world.method.version}",
                disputes=f"/v1/scores/{score_id}/disputes",
            ),
            operator=Operator(contact=question.contact),
            intended_use=INTENDED_USE,
            not_for=NOT_FOR,
        )
    )


def _interest(world: World, subject: int, topic: int, *, withheld: Withheld | None) -> Interest:
    own = own_acts(world.columns, topic, np.array([subject]), world.method)
    numbers = interest_numbers(own, world.profile, world.method)
    acts = int(own.last_year[0])
    enough: InterestStatus = "ok" if acts >= world.method.status.own_acts else "not_enough_evidence"
    status = withheld.status if withheld else enough
    on_topic, trials = float(own.on_topic[0]), float(own.all[0])
    features = tuple(
        written_feature(
            feature.FACTS,
            numbers,
            world.profile.interest[feature.FACTS.id],
            world.method,
            n_effective=trials if feature.FACTS.unit == "share" else numbers.raw[feature.FACTS.id],
            kinds=None,
            sample=(on_topic, trials) if feature.FACTS.unit == "share" else None,
        )
        for feature in INTEREST
        if feature.FACTS.id in world.profile.interest and not withheld
    )
    return Interest(
        status=status,
        score=float(numbers.score) if status == "ok" else None,
        interval=interval(numbers, world.method) if status == "ok" else None,
        features=features,
        own_acts=acts,
        reasons=Reasons(up=(), down=()) if withheld else interest_reasons(features),
        needs=withheld.reason if withheld else interest_needs(status, acts, world.method),
    )


def _matched(world: World, subject: int, topic: int) -> Matched:
    columns = world.columns
    own = np.flatnonzero((columns.actor == subject) & columns.topics[:, topic])
    matcher = Matcher(world.topics)
    by_term: dict[str, int] = {}
    for row in own.tolist():
        for term in matcher.terms(columns.records[row].content, columns.records[row].tags, topic):
            by_term[term] = by_term.get(term, 0) + 1
    examples = tuple(str(columns.records[row].id) for row in own[-EXAMPLES:].tolist())
    return Matched(records=int(own.size), by_term=dict(sorted(by_term.items())), examples=examples)


def _withheld(question: Question, account: str, record: Activity | None) -> Withheld | None:
    """Return why nothing is said of the account, if so: who asked knows it, or its own record does."""
    for withheld in question.withheld:
        if withheld.account == account:
            return withheld
    said_no = record is not None and record.consent is False
    return Withheld(account=account, status="declined", reason=NOT_INDEXED) if said_no else None


def _inputs(world: World, question: Question) -> Inputs:
    digest = hashlib.sha256()
    claims = (world.columns.accounts[person] for person in sorted(world.columns.accounts))
    for record in (*world.columns.records, *claims):
        digest.update(msgspec.json.encode(record) + b"\n")
    return Inputs(
        digest="sha256:" + digest.hexdigest(),
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
    left = replace(inputs, digest=f"sha256:{digest}", gaps=(*inputs.gaps, in_words(len(chosen))))
    return leaving_out(world, np.logical_or.reduce(list(chosen.values()))), left


def _score_id(question: Question, method: Method, inputs: Inputs, account: str, topic: int) -> str:
    beyond_records = [question.gaps, question.withheld, inputs.vouches]
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
        ]
    )
    return "sc_" + hashlib.sha256(made_from).hexdigest()[:32]
