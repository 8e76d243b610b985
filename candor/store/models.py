"""What is kept: jobs, scores, data sets, keys and health, as they travel between the rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from candor.questions.answering import QuestionRequest  # msgspec looks it up
from candor.scoring.activity import Instant
from candor.scoring.board_row import Side
from candor.scoring.made_from import TrustRootRef
from candor.scoring.record_counts import Counts, References
from candor.scoring.topics import Topic
from candor.scoring.trust_root import TrustRoot, TrustRootKind  # noqa: TC001 # msgspec looks them up

if TYPE_CHECKING:
    from candor.scoring.record_faults import BadRecord

JobStatus: TypeAlias = Literal["queued", "running", "succeeded", "failed", "canceled"]
Outcome: TypeAlias = Literal["succeeded", "failed"]
Stage: TypeAlias = Literal["queued", "gathering", "waiting", "scoring", "saving", "done"]
FindingKind: TypeAlias = Literal[
    "messages", "message", "account_topics", "dataset_topics", "question", "dataset_questions", "account_questions"
]
QueueName: TypeAlias = Literal["interactive", "batch"]
ErasureStatus: TypeAlias = Literal["queued", "running", "waiting", "succeeded", "failed"]
Scope: TypeAlias = Literal["read", "write", "erase", "admin"]

ALL_SCOPES: tuple[Scope, ...] = ("read", "write", "erase", "admin")
LOCAL_OWNER = "local"
"""Whose everything is on loopback, where no key is asked for."""

MANY_OF_ONE = 20
"""Records of a table that name the same thing which is none of them: it may stand for nothing."""
MANY_REPLIES = 20
"""Among so many there is mostly one to a question."""
LONG_AGO = timedelta(days=30)
DAY_S = 86_400
QUESTION_KINDS: tuple[FindingKind, ...] = ("question", "dataset_questions", "account_questions")
PART_MARK = "-"
"""Stands in the ids of parts, between the id of the whole job and the number of the part; RQ takes no other mark."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something failed, as in RFC 9457; `code` is ours and stable."""

    type: Annotated[str, Meta(description="Address of the page that says what the problem means.")]
    title: Annotated[str, Meta(description="The problem in a few words.")]
    status: Annotated[int, Meta(description="HTTP status that fits the problem.")]
    detail: Annotated[str, Meta(description="What happened this time.")]
    code: Annotated[str, Meta(description="Stable name of the problem, for programs.")]


class AccountName(msgspec.Struct, frozen=True, kw_only=True):
    """An account on a network; `erased` where its name has been taken out."""

    network: str
    account: str
    erased: bool = False


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a job is."""

    done: Annotated[int, Meta(description="Documents made; of everybody in a data set: topics done.")]
    total: Annotated[
        int, Meta(description="Documents asked for: accounts times topics; of everybody in a data set: topics.")
    ]
    stage: Annotated[
        Stage,
        Meta(
            description="queued, gathering, waiting, scoring, saving or done. A job that ranks everybody is running "
            "and queued while its topics wait for workers."
        ),
    ]
    posts: Annotated[int, Meta(description="Posts of the accounts read from their networks so far.")] = 0
    requests: Annotated[int, Meta(description="Requests made to networks so far.")] = 0
    until: Annotated[Instant | None, Meta(description="When a job that waits for a host goes on; else null.")] = None
    waits_for: Annotated[str | None, Meta(description="Which host it waits for, and why; else null.")] = None
    people: Annotated[
        int | None, Meta(description="How many people were ranked so far, over all topics; else null.")
    ] = None


class JobResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a job made for one account on one topic, or (account null) for everybody: an id, or a problem.

    `reused` says that the score was there before, and neither fetched nor made anew.
    """

    account: AccountName | None
    topic: str
    score_id: str | None = None
    board_id: str | None = None
    problem: Problem | None = None
    reused: bool = False


class FetchBudget(msgspec.Struct, frozen=True, kw_only=True):
    """How much a job may read from networks."""

    max_requests: Annotated[int, Meta(description="Requests in all, waiting and repeats included.")]
    max_posts: Annotated[int, Meta(description="Posts of each account, the newest.")]


class AskedRoot(TrustRootRef, frozen=True, kw_only=True):
    """The trust root a job asks for. Whom it names is kept once for all jobs under it (store.job_roots)."""

    kind: TrustRootKind
    network: str | None = None
    list: str | None = None

    @classmethod
    def of(cls, root: TrustRoot) -> AskedRoot:
        """Return what a job says of a root."""
        return cls(id=root.id, kind=root.kind, digest=root.digest, size=root.size, network=root.network, list=root.list)


class FindingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A list to be made of a data set, in place of scores, and under which `id` it is kept.

    `message` is the id of the record that one about a message is of, `question` what the community is asked.
    `suppressions` says by which state of the suppression list it was asked for. `query` is what its address was given
    beside its path, by name. No address is kept: the account or message in it would be the one left after an erasure.
    """

    kind: FindingKind
    id: str
    query: dict[str, str] = {}
    message: str | None = None
    question: QuestionRequest | None = None
    suppressions: int = 0


class JobRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to score; without accounts, everybody in the data set.

    Topics, root and version of the method are as they were at submission, so a job run twice makes the same documents.

    The records come from `inline` activities, from `dataset`, whose content `dataset_digest` pins if given, or from the
    accounts' networks, within `fetch`; then `network` is null where there are several. `received` says what was seen
    while reading inline ones. A score at most `max_age_s` older than `as_of` is not fetched and made again. `webhook`
    is the id of the owner's that is told of the end. With a `finding` nothing is scored: a list is made.
    """

    accounts: tuple[AccountName, ...]
    topics: tuple[Topic, ...]
    trust_root: AskedRoot
    as_of: datetime
    network: str | None
    window_days: int = 1825
    profile: str | None = None
    granted_rights: bool = False
    method: str | None = None
    dataset: str | None = None
    dataset_digest: str | None = None
    fetch: FetchBudget | None = None
    max_age_s: int | None = None
    inline: bool = False
    received: Counts | None = None
    references: References | None = None
    queue: QueueName = "interactive"
    webhook: str | None = None
    finding: FindingRequest | None = None

    @property
    def total(self) -> int:
        """Count the documents asked for, or the boards."""
        return 1 if self.finding else max(1, len(self.accounts)) * len(self.topics)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A scoring job. Once succeeded, failed or canceled it never changes; `attempts` counts how often it was begun.

    `request_id` is that of the request that asked for it. Jobs with the same `dedup_key` share their work while open.
    """

    id: str
    owner: str
    request: JobRequest
    created_at: datetime
    status: JobStatus = "queued"
    progress: Progress
    results: tuple[JobResult, ...] = ()
    error: Problem | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    request_id: str | None = None
    dedup_key: str | None = None

    @property
    def is_part(self) -> bool:
        """Tell whether it ranks everybody on one topic for a job that is about several."""
        return PART_MARK in self.id

    @property
    def is_whole(self) -> bool:
        """Tell whether it ranks everybody, by parts."""
        return not self.request.accounts and not self.is_part and self.request.finding is None

    @property
    def ended(self) -> bool:
        """Tell whether the job will never change again."""
        return self.status not in {"queued", "running"}


class StoredScore(msgspec.Struct, frozen=True, kw_only=True):
    """A document's bytes as they are served, and their strong entity tag, quotes included."""

    body: bytes
    etag: str


class ScoreRow(msgspec.Struct, frozen=True, kw_only=True):
    """The newest score of an account on a topic, under one root, from one source, by one version of the method."""

    score_id: Annotated[str, Meta(description="Its id.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    dataset: Annotated[str | None, Meta(description="The data set it was made from; null where it was none.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of.")]
    expertise: Annotated[Side, Meta(description="Does the account know about it?")]
    interest: Annotated[Side, Meta(description="Does the account care about it?")]


class ArchiveFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The export, or dump of a community, that records came from."""

    account: Annotated[str | None, Meta(description="Whose it is, as its records name it; null where it does not say.")]
    left_out: Annotated[
        dict[str, int],
        Meta(description="How many entries are not among the records, by reason; `private` was not for everybody."),
    ]
    shows: Annotated[
        str, Meta(description="What such an export can and cannot show; it is among the gaps of each score.")
    ]
    notes: Annotated[
        tuple[str, ...], Meta(description="What is to be known of this one, such as an old layout; likewise a gap.")
    ] = ()
    format: Annotated[str | None, Meta(description="The format of a dump, as `format` names it; else null.")] = None


class BoardFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a board beside its rows: what was asked (one topic, no accounts) and how it was made.

    `compared` people were recomputed exactly; `largest_difference` from the shared flow is in points. `kinds` counts
    the rows by kind of account that are still there. `suppressions` is the version of the list of those who are left
    out, `absent` how many trusted accounts no record names, `copies` how many recognised posts earn nothing, as they
    repeat earlier texts; with `on_replies` scores rest on replies, as hardly anybody did anything else.
    """

    id: str
    owner: str
    request: JobRequest
    method: str
    people: int
    compared: int
    largest_difference: float
    kinds: dict[str, int] = {}
    made_at: datetime | None = None
    suppressions: int | None = None
    absent: int = 0
    copies: int = 0
    on_replies: bool = False

    @property
    def topic(self) -> Topic:
        """The topic it ranks on."""
        return self.request.topics[0]

    @property
    def listed(self) -> int:
        """Count the rows that are still there: `people` counts those of whoever was erased since, too."""
        return sum(self.kinds.values()) if self.kinds else self.people


class Declined(msgspec.Struct, frozen=True, kw_only=True):
    """Stands at the head of a list about somebody who asked not to be indexed: it has no rows."""

    status: Literal["declined"] = "declined"


class FindingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a finding beside its rows: what was asked and how it was made. `total` counts rows cut off, too.

    `head` is what the kind of finding says as a whole, encoded.
    """

    id: str
    owner: str
    request: JobRequest
    method: str
    total: int
    head: msgspec.Raw = msgspec.Raw(b"null")


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A community's activities: what is known of the parts that hold them. `bytes` is their size, compressed.

    `archive` is null unless the records came from an export or a dump; `redacted_at` says when somebody was last
    erased from it. `map` is how columns and words of the last table were read, `expires_at` when all of it is deleted.
    `last` is when the last thing in it was done, apart from what is dated in the future. `counts` is of what was
    uploaded, `records` and `references` of what is kept now.
    """

    id: str
    owner: str
    network: str
    profile: str | None
    granted_rights: bool
    digest: str
    records: int
    counts: Counts
    bytes: int
    created_at: datetime
    archive: ArchiveFacts | None = None
    redacted_at: datetime | None = None
    map: dict[str, str] = {}
    expires_at: datetime | None = None
    last: datetime | None = None
    references: References = References()

    def ended(self, now: datetime) -> datetime | None:
        """Return the midnight after the last record, where that is long ago: of that day a score speaks; else None."""
        if self.last is None or self.last >= now - LONG_AGO:
            return None
        return (self.last + timedelta(days=1)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def may_be_a_table(self) -> bool:
        """Whether it may be of a table, whose columns somebody chose: it is no dump, and of no network that is read."""
        return self.archive is None and self.network.startswith("custom:")

    @property
    def is_unlinked(self) -> bool:
        """Whether no record of a community names another one, as far as that was counted."""
        said = self.references
        return self.is_community and self.records > 1 and (said.answering, said.unmatched) == (0, 0)

    @property
    def is_mostly_unmatched(self) -> bool:
        """Whether most records of a community that name another one, and several, name what is not there."""
        said = self.references
        if said.answering is None or not said.unmatched_examples:
            return False
        return self.is_community and said.unmatched > max(1, said.answering)

    @property
    def names_one_nothing(self) -> bool:
        """Whether many records of a table name one thing that is no record, and none names another such thing."""
        said = self.references
        is_one = len(said.unmatched_examples) == 1 and said.unmatched >= MANY_OF_ONE
        return self.is_community and self.may_be_a_table and is_one

    @property
    def lacks_questions(self) -> bool:
        """Whether many records of a table of a forum reply to others, and none is a question: trust hardly spreads."""
        said = self.references
        is_of_answers = self.is_community and self.may_be_a_table and self.profile in {"forum", "qa"}
        return is_of_answers and said.asks is False and (said.answering or 0) >= MANY_REPLIES

    @property
    def is_community(self) -> bool:
        """Whether it holds a community's records, and is not one account's own export."""
        return self.archive is None or self.archive.account is None


class BadDatasetError(ValueError):
    """An upload has bad records, or none to keep, and was not stored.

    `bad` holds the first hundred faults, `total` counts them all, `counts` says what was seen. Where most lines were
    none of records the reader `gave_up` before the end.
    """

    def __init__(self, bad: tuple[BadRecord, ...], total: int, counts: Counts, *, gave_up: bool = False) -> None:
        super().__init__(f"{total} bad records")
        self.gave_up = gave_up
        self.bad = bad
        self.total = total
        self.counts = counts


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether Redis and the storage answer and are used with this machine, how many workers live and jobs wait."""

    redis_ok: bool
    storage_ok: bool = True
    identity_ok: bool = True
    workers_alive: int = 0
    queue_depths: dict[str, int]


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How many days things are kept: jobs from their end, the rest from when they were last written.

    Cached responses of networks are fetched again, or confirmed, before they are older. Vouches are kept from
    when they were last seen, disputes from when they were made, decided or last left something out.
    """

    jobs_days: int = 7
    documents_days: int = 90
    evidence_days: int = 30
    datasets_days: int = 30
    response_cache_days: int = 1
    vouches_days: int = 180
    disputes_days: int = 730
