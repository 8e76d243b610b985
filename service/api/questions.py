"""Questions: who would answer this one, what somebody could be asked, and what waits for an answer."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.questions.answer import (
    NOT_ON_BOARD,
    AlikeQuestion,
    AnswerTotals,
    AnswerTrust,
    LikeAnswer,
    NearestTopic,
    PersonFacts,
    PersonTrust,
    PersonWhoMayAnswer,
    QuestionAnswer,
    SharedTerm,
    ShownExpertise,
    TermFacts,
)
from candor.questions.answering import QuestionRequest, answer
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
from candor.questions.reasons import person_trust_words, status_words, trust_words
from candor.questions.trust import RecognitionRules, TrustReach, reach
from candor.scoring.method import load_method
from candor.scoring.topics import Matcher
from candor.scoring.trust_root import NO_ROOT
from candor.store.models import Job
from candor.store.question_indexes import formula_profile
from service.api.job_response import JOB_EXAMPLE, JobResponse
from service.api.jobs import PREFER
from service.auth import owner
from service.context import context
from service.findings import MADE_HEADERS, accepted, find, made_by_job, root_of
from service.job_inputs import named, reject_unknown
from service.named_dataset import unknown_dataset
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.sample import find_dataset
from service.schemas.questions import (
    QUESTION_BODY_EXAMPLE,
    OpeningsQuerySchema,
    PersonOpeningsQuerySchema,
    QuestionBodySchema,
)

if TYPE_CHECKING:
    from candor.questions.index import Index
    from candor.questions.reasons import TrustStatus
    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.trust_root import TrustRoot
    from candor.store.models import AccountName, BoardFacts, Dataset

resource = Resource("questions", "Who in a community would answer a question.")
MOST_ROWS = 2_000
_MOST_LIKE_IT = 3
_WITHOUT_REACH: dict[str, TrustReach | TrustStatus] = {"none": "nobody_chosen", "network": "everyone_equal"}

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
    terms=(TermFacts(text="cubesat", asks=4, count=1, idf=3.1, telling=True),),
    totals=AnswerTotals(
        asks=100,
        average_length=12.5,
        length=6,
        itself=3.4,
        alike=4,
        like=4,
        known=1.0,
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
    nearest=(NearestTopic(tag="cubesat", asks=4),),
    left_out={"bot": 1},
    trust=AnswerTrust(status="trust_first", words=trust_words("trust_first")),
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
                    question_type="question",
                    words=("cubesat",),
                    likeness=3.4,
                    age_days=31.0,
                    taken_up=True,
                    taken_up_by="u7",
                    weight=30.0,
                ),
            ),
            trust=PersonTrust(
                chosen=False, people=6, trusted=5, words=person_trust_words(chosen=False, people=6, trusted=5)
            ),
            expertise=(
                ShownExpertise(topic="tag:cubesat", label="cubesat", board="bd_3f", rank=1, status="ok", score=71.2),
            ),
            reasons={"en": ("last answered 31 days ago; no answers in the last 30 days",), "fr": ()},
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


@resource.operation(
    "POST",
    "/v1/questions",
    scope="read",
    problems=("not_found", "invalid", "unsupported_media_type", "queue_full"),
    parameters=[PREFER],
)
@resource.body(QuestionBodySchema, example=QUESTION_BODY_EXAMPLE)
@resource.response(200, QuestionAnswer, description="Who would answer.", example=_EXAMPLE)
@resource.other_response(
    202, JobResponse, description="A job makes the answer.", example=JOB_EXAMPLE, headers=MADE_HEADERS
)
def ask_question(given: dict[str, Any]) -> Any:
    """Say who in a data set would answer a question, each with the exact sum of published parts and their evidence.

    People who opted out are never named, organisations and bots are left out and counted. Where no question is like
    this one, or few are, `status` says so. A data set that was just written, or is long not asked, has to be read
    first: then a job does that, and its `result_url` leads to the answer.
    """
    found = answer_question(given)
    return accepted(found) if isinstance(found, Job) else found


@resource.operation("GET", "/v1/questions/<question_id>", scope="read", problems=("not_found",))
@resource.response(200, QuestionAnswer, description="Who would answer.", example=_EXAMPLE)
def read_answer(question_id: str) -> QuestionAnswer:
    """Read the answer to a question that a job made. It is gone when somebody was left out of the service since."""
    store = context().store
    facts = store.findings.get(owner(), question_id)
    asked = facts and facts.request.finding
    if facts is None or not asked or asked.question is None or asked.suppressions != store.suppression.version():
        raise ProblemError("not_found", f"There is no answer {question_id!r} any more: ask the question again.")
    return _kept_answer(facts.head, find_dataset(str(asked.question.dataset)), asked.question)


@made_by_job(
    resource,
    "/v1/datasets/<dataset_id>/questions",
    OpeningsQuerySchema,
    CommunityOpenings,
    description="What waits, and whom few ask.",
    example=_COMMUNITY_EXAMPLE,
)
def list_open_questions(query: dict[str, Any], dataset_id: str) -> Any:
    """List questions without an answer with whom to invite, and people whose help is taken up and whom few address."""
    found = open_questions(dataset_id, query["as_of"])
    return accepted(found) if isinstance(found, Job) else found


@made_by_job(
    resource,
    "/v1/accounts/<network>/<anything:account>/questions",
    PersonOpeningsQuerySchema,
    PersonOpenings,
    description="What it could be asked.",
    example=_PERSON_EXAMPLE,
)
def list_questions_for_account(query: dict[str, Any], network: str, account: str) -> Any:
    """Say what an account could be asked: tags under which it answers, and questions that wait for somebody like it."""
    found = questions_for_account(query["dataset"], named(network, account), query["as_of"])
    return accepted(found) if isinstance(found, Job) else found


def open_questions(dataset_id: str, as_of: datetime | None) -> CommunityOpenings | Job:
    """Return what waits in a data set and whom few ask, or the job that finds it. Raises ProblemError."""
    dataset, index = _at_hand(dataset_id)
    if index is not None:
        return community_openings(index, load_formula(), _said(dataset), as_of or context().now())
    found = find("dataset_questions", _query(dataset, as_of))
    return found if isinstance(found, Job) else msgspec.json.decode(found.head, type=CommunityOpenings)


def questions_for_account(dataset_id: str, whose: AccountName, as_of: datetime | None) -> PersonOpenings | Job:
    """Return what an account could be asked, or the job that finds it. Raises ProblemError."""
    dataset, index = _at_hand(dataset_id)
    if whose.network != dataset.network:
        raise invalid(Fault("/network", f"the data set is of {dataset.network}"))
    if index is not None:
        made = person_openings(index, load_formula(), _said(dataset), whose.account, as_of or context().now())
    else:
        found = find("account_questions", _query(dataset, as_of), account=whose)
        if isinstance(found, Job):
            return found
        made = msgspec.json.decode(found.head, type=PersonOpenings)
    is_known = made.answers > 0 or context().store.datasets.has_person(owner(), dataset.id, whose.account)
    reject_unknown(whose.network, whose.account, is_known=is_known)
    return made


def answer_question(given: dict[str, Any]) -> QuestionAnswer | Job:
    """Answer a checked request, or return the job that does. Raises ProblemError."""
    dataset, index = _at_hand(given["dataset"])
    asked = QuestionRequest(
        text=given["text"],
        tags=tuple(given["tags"]),
        network=dataset.network,
        profile=formula_profile(dataset),
        as_of=given["as_of"] or context().now(),
        dataset=dataset.id,
        limit=given["limit"],
        trust_root=given["trust_root"],
    )
    trusted = _root(asked, dataset)
    if index is not None:
        return _answered(index, dataset, asked, trusted)
    found = find("question", _query(dataset, given["as_of"]), question=asked)
    return found if isinstance(found, Job) else _kept_answer(found.head, dataset, asked)


def _at_hand(dataset_id: str) -> tuple[Dataset, Index | None]:
    """Return one of the owner's data sets, and its index where nobody need wait for it. Raises ProblemError 404."""
    dataset = find_dataset(dataset_id)
    if dataset is None:
        raise unknown_dataset(dataset_id)
    try:
        return dataset, context().questions.at_hand(dataset, context().now())
    except LookupError:
        raise unknown_dataset(dataset_id) from None


def _query(dataset: Dataset, as_of: datetime | None) -> dict[str, Any]:
    return {"dataset": dataset.id, "as_of": as_of, "trust_root": "none", "method": None}


def _root(asked: QuestionRequest, dataset: Dataset) -> TrustRoot:
    """Return whose trust counts: nobody's where nothing was chosen. Raises ProblemError 422."""
    return NO_ROOT if asked.trust_root is None else root_of(asked.trust_root, dataset.network)


def _answered(index: Index, dataset: Dataset, asked: QuestionRequest, root: TrustRoot) -> QuestionAnswer:
    """Answer from an index, with how far the root's trust reaches and the expertise under it."""
    formula, trust = load_formula(), _WITHOUT_REACH.get(root.kind)
    if root.kind == "list" and not root.accounts:  # a list on a network, which only jobs read
        trust = "not_known"
    if trust is None:
        community = RecognitionRules(profile=asked.profile, method=load_method(), granted_rights=dataset.granted_rights)
        trust = reach(index, community, root, formula, asked.as_of)
    return _shown(answer(index, formula, asked, _said(dataset), trust), asked)


def _kept_answer(written: msgspec.Raw, dataset: Dataset | None, asked: QuestionRequest) -> QuestionAnswer:
    """Return an answer that a job made: anew from the index, if it is at hand now, so that trust is in it."""
    if dataset is not None and asked.trust_root is not None:
        root = _root(asked, dataset)
        if (index := context().questions.at_hand(dataset, context().now())) is not None:
            return _answered(index, dataset, asked, root)
    found = msgspec.json.decode(written, type=QuestionAnswer)
    status: TrustStatus = "nobody_chosen" if asked.trust_root is None else "not_known"
    return _shown(replace(found, trust=AnswerTrust(status=status, words=trust_words(status))), asked)


def _shown(found: QuestionAnswer, asked: QuestionRequest) -> QuestionAnswer:
    root = asked.trust_root
    return found if root is None else _with_expertise(found, str(asked.dataset), root)


def _said(dataset: Dataset) -> dict[str, SaidKind]:
    return {each.account: each for each in context().store.account_kinds.said(owner(), dataset.network)}


def _with_expertise(found: QuestionAnswer, dataset_id: str, root: str) -> QuestionAnswer:
    """Put expertise beside the people where a board on a topic of the question was made under the root."""
    shown: dict[str, list[ShownExpertise]] = {person.account: [] for person in found.people}
    for board in _boards_about(found, dataset_id, root):
        listed = {row.account: row for row in itertools.islice(context().store.boards.rows(board), MOST_ROWS)}
        for account, beside in shown.items():
            if (row := listed.get(account)) is not None:
                beside.append(_expertise(board, row.rank, row.expertise.status, row.expertise.score))
            elif board.people <= MOST_ROWS:
                beside.append(_expertise(board, None, NOT_ON_BOARD, None))
    return replace(
        found, people=tuple(replace(person, expertise=tuple(shown[person.account])) for person in found.people)
    )


def _boards_about(found: QuestionAnswer, dataset_id: str, root: str) -> list[BoardFacts]:
    """Return the newest boards under a root on topics of the question, its nearest tags, or those most like it."""
    boards, method = context().store.boards, load_method().version
    topics = [*{facts.topic.id: facts.topic for facts in boards.of_dataset(owner(), dataset_id)}.values()]
    matcher = Matcher(topics)
    texts = [(found.text, found.tags), (None, tuple(each.tag for each in found.nearest))]
    texts += [(each.text, ()) for each in found.alike[:_MOST_LIKE_IT]]
    about = sorted({topic for text, tags in texts for topic in matcher.match(text, tags)})
    newest = (boards.newest(owner(), dataset_id, topics[each].id, root, method) for each in about)
    return [facts for facts in newest if facts is not None]


def _expertise(board: BoardFacts, rank: int | None, status: str, score: float | None) -> ShownExpertise:
    return ShownExpertise(
        topic=board.topic.id, label=board.topic.label, board=board.id, rank=rank, status=status, score=score
    )
