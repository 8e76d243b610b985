"""Questions: who would answer this one, what somebody could be asked, and what waits for an answer."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from candor.questions.answer import (
    AlikeQuestion,
    AnswerTotals,
    LikeAnswer,
    PersonFacts,
    PersonWhoMayAnswer,
    QuestionAnswer,
    SharedTerm,
    ShownExpertise,
    TermFacts,
)
from candor.questions.answering import Asked, answer
from candor.questions.formula import Formula, load_formula
from candor.questions.openings import (
    CommunityOpenings,
    Invited,
    Overlooked,
    PersonOpenings,
    TagOfPerson,
    WaitingQuestion,
    community_openings,
    person_openings,
)
from candor.questions.reasons import status_words
from candor.scoring.method import load_method
from service.auth import owner
from service.context import context
from service.job_inputs import named, reject_suppressed
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.sample import find_dataset
from service.schemas.questions import (
    QUESTION_BODY_EXAMPLE,
    OpeningsQuerySchema,
    PersonOpeningsQuerySchema,
    QuestionBodySchema,
)
from service.uploads import unknown_dataset

if TYPE_CHECKING:
    from candor.questions.index import Index
    from candor.scoring.account_kinds import SaidKind
    from candor.store.models import Dataset

resource = Resource("questions", "Who in a community would answer a question.")
MOST_ROWS = 2_000

_THEN = datetime(2026, 10, 1, 12, tzinfo=UTC)
_EXAMPLE = QuestionAnswer(
    status="ok",
    status_words=status_words("ok"),
    text="What restarts a cubesat that hangs?",
    tags=("cubesat",),
    network="custom:demo",
    dataset="sample",
    dataset_digest="sha256:41c0…",
    profile="qa",
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
    formula=load_formula(),
    formula_digest=load_formula().digest,
    terms=(TermFacts(text="cubesat", asks=4, count=1, idf=3.1),),
    totals=AnswerTotals(
        asks=100,
        average_length=12.5,
        length=6,
        itself=3.4,
        alike=4,
        answerers=30,
        year=61.0,
        month=9.2,
        week=2.0,
        similar=40.0,
        tags={"cubesat": 6.0},
    ),
    alike=(
        AlikeQuestion(
            id="a1",
            url=None,
            text="Which watchdog for a cubesat?",
            asked=_THEN,
            length=5,
            likeness=3.4,
            shared=(SharedTerm(text="cubesat", count=1, points=3.4),),
        ),
    ),
    left_out={"bot": 1},
    candidates=29,
    people=(
        PersonWhoMayAnswer(
            rank=1,
            account="u19",
            name="Ada",
            kind="person",
            sum=-1.2,
            parts={"year": -0.8, "month": -1.0, "week": -0.4, "similar": 0.8, "tags": 0.2, "load": 0.0},
            facts=PersonFacts(
                year=4.0,
                month=1.2,
                week=0.3,
                similar=30.0,
                similar_rest=0.0,
                tags={"cubesat": 2.0},
                open=0,
                answers=12,
                taken_up=7,
                recent=2,
                last=_THEN,
                addressed=3,
                addressed_answered=2,
            ),
            answered=(
                LikeAnswer(
                    id="a2",
                    url=None,
                    question="a1",
                    question_text="Which watchdog for a cubesat?",
                    words=("cubesat",),
                    likeness=3.4,
                    age_days=31.0,
                    taken_up=True,
                    taken_up_by="u7",
                    weight=30.0,
                ),
            ),
            expertise=(ShownExpertise(topic="tag:cubesat", board="bd_3f", rank=1, status="ok", score=71.2),),
            reasons={"en": ("days since the last answer: 31; answers in the last 30 days: 0",), "fr": ()},
        ),
    ),
)
_WAITING = WaitingQuestion(
    id="a9",
    url=None,
    text="Does a cubesat need a battery?",
    tags=("cubesat",),
    asked=_THEN,
    invite=(Invited(account="u19", sum=-1.2),),
)
_ABOUT: dict[str, Any] = {
    "as_of": datetime(2026, 11, 1, tzinfo=UTC),
    "formula": load_formula().version,
    "formula_digest": load_formula().digest,
}
_COMMUNITY_EXAMPLE = CommunityOpenings(
    waiting=(_WAITING,),
    waiting_total=1,
    overlooked=(Overlooked(account="u23", answers=14, taken_up=9, addressed=0),),
    **_ABOUT,
)
_PERSON_EXAMPLE = PersonOpenings(
    account="u19",
    answers=12,
    tags=(TagOfPerson(tag="cubesat", answers=7, taken_up=5, share=0.4),),
    waiting=(_WAITING,),
    **_ABOUT,
)


@resource.operation("GET", "/v1/questions/formulas/<formula_version>", scope="read", problems=("not_found",))
@resource.response(200, Formula, description="The formula.", example=load_formula())
def read_question_formula(formula_version: str) -> Formula:
    """Read every constant of the formula by which people are ranked for a question. It is kept apart from the score."""
    formula = load_formula()
    if formula_version != formula.version:
        raise ProblemError(
            "not_found", f"There is no formula {formula_version!r} for questions: {formula.version} is known."
        )
    return formula


@resource.operation("POST", "/v1/questions", scope="read", problems=("not_found", "invalid", "unsupported_media_type"))
@resource.body(QuestionBodySchema, example=QUESTION_BODY_EXAMPLE)
@resource.response(200, QuestionAnswer, description="Who would answer.", example=_EXAMPLE)
def ask_question(given: dict[str, Any]) -> QuestionAnswer:
    """Say who in a data set would answer a question, each with the exact sum of published parts and their evidence.

    People who opted out are never named, organisations and bots are left out and counted. Where no question is like
    this one `status` says so. The first question to a data set takes longer: its index is made then.
    """
    return answer_question(given)


@resource.operation("GET", "/v1/datasets/<dataset_id>/questions", scope="read", problems=("not_found", "invalid"))
@resource.query(OpeningsQuerySchema)
@resource.response(200, CommunityOpenings, description="What waits, and whom few ask.", example=_COMMUNITY_EXAMPLE)
def list_open_questions(query: dict[str, Any], dataset_id: str) -> CommunityOpenings:
    """List questions without an answer with whom to invite, and people whose help is taken up and whom few address."""
    dataset, index = opened(dataset_id)
    return community_openings(index, load_formula(), _said(dataset), query["as_of"] or context().now())


@resource.operation(
    "GET", "/v1/accounts/<network>/<anything:account>/questions", scope="read", problems=("not_found", "invalid")
)
@resource.query(PersonOpeningsQuerySchema)
@resource.response(200, PersonOpenings, description="What it could be asked.", example=_PERSON_EXAMPLE)
def list_questions_for_account(query: dict[str, Any], network: str, account: str) -> PersonOpenings:
    """Say what an account could be asked: tags under which it answers, and questions that wait for somebody like it."""
    dataset, index = opened(query["dataset"])
    whose = named(network, account)
    if whose.network != dataset.network:
        raise invalid(Fault("/network", f"the data set is of {dataset.network}"))
    reject_suppressed(whose.network, {"/account": whose.account})
    as_of = query["as_of"] or context().now()
    return person_openings(index, load_formula(), _said(dataset), whose.account, as_of)


def answer_question(given: dict[str, Any]) -> QuestionAnswer:
    """Answer a checked request. Raises ProblemError."""
    dataset, index = opened(given["dataset"])
    asked = Asked(
        text=given["text"],
        tags=tuple(given["tags"]),
        network=dataset.network,
        profile=_profile(dataset),
        as_of=given["as_of"] or context().now(),
        dataset=dataset.id,
        limit=given["limit"],
    )
    found = answer(index, load_formula(), asked, _said(dataset))
    root = given["trust_root"]
    return found if root is None else _with_expertise(found, dataset.id, root)


def opened(dataset_id: str) -> tuple[Dataset, Index]:
    """Return one of the owner's data sets and its index. Raises ProblemError 404."""
    dataset = find_dataset(dataset_id)
    if dataset is None:
        raise unknown_dataset(dataset_id)
    profile = _profile(dataset)
    try:
        roles = load_formula().roles(profile)
        return dataset, context().questions.index(owner(), dataset, profile, roles, context().now())
    except LookupError:
        raise unknown_dataset(dataset_id) from None


def _profile(dataset: Dataset) -> str:
    return load_method().profile_name(dataset.network, dataset.profile)


def _said(dataset: Dataset) -> dict[str, SaidKind]:
    return {each.account: each for each in context().store.account_kinds.said(owner(), dataset.network)}


def _with_expertise(found: QuestionAnswer, dataset_id: str, root: str) -> QuestionAnswer:
    """Put expertise beside the people where a board on a tag of the question was made under the root."""
    shown: dict[str, list[ShownExpertise]] = {person.account: [] for person in found.people}
    boards = context().store.boards
    for tag in found.tags:
        facts = boards.newest(owner(), dataset_id, f"tag:{tag}", root, load_method().version)
        for row in itertools.islice(boards.rows(facts), MOST_ROWS) if facts is not None else ():
            if facts is not None and row.account in shown:
                side = row.expertise
                each = ShownExpertise(
                    topic=facts.topic.id, board=facts.id, rank=row.rank, status=side.status, score=side.score
                )
                shown[row.account].append(each)
    return replace(
        found, people=tuple(replace(person, expertise=tuple(shown[person.account])) for person in found.people)
    )
