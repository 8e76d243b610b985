"""Kept: everything in Redis and in the data directory, by kind: what of people is in it, for how long, how it goes.

The documentation's table is made from this, and tests find nothing outside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from candor.store import redis_keys as keys
from candor.store.redis_keys import Key

Place = Key | str

NO_PEOPLE = "–"
ERASED_WITH_NAME = "what is theirs is deleted, elsewhere the name is taken out"


@dataclass(frozen=True)
class Kept:
    """A kind of thing that is kept.

    `places` are keys (`*` at the end of a name stands for anything) or files in the data directory. `people` says what
    of a person may be in it, `ends` when it goes by itself, under which `setting` (a field of Retention), and `erased`
    what an erasure does to it. What `lasts` has no end of its own.
    """

    what: str
    places: tuple[Place, ...]
    people: str
    ends: str
    erased: str = NO_PEOPLE
    setting: str | None = None
    lasts: bool = False


REDIS = (
    Kept(
        "jobs: what was asked, how far they are, results",
        (keys.job, keys.job_parts),
        "names asked about",
        "after they ended; unfinished ones are kept",
        "the name is taken out; an error message replaces the result",
        setting="jobs_days",
    ),
    Kept(
        "records that came with a job",
        (keys.job_activities,),
        "names, texts",
        "with the job's end",
        "records of theirs are taken out",
    ),
    Kept(
        "whom the trust root of a job names",
        (keys.job_root,),
        "names",
        "an hour after the last job under it ended, or with the last board made under it",
        "the name is taken out",
    ),
    Kept(
        "jobs of an owner by time",
        (keys.jobs_of,),
        NO_PEOPLE,
        "after the last one, twice over",
        setting="jobs_days",
    ),
    Kept(
        "ids of open jobs",
        (keys.ACTIVE_JOBS, keys.WAITING_JOBS, keys.NOTIFYING_JOBS),
        NO_PEOPLE,
        "with the job's end",
        lasts=True,
    ),
    Kept("who has a job in hand", (keys.job_lease, keys.held_by), NO_PEOPLE, "10 s"),
    Kept("which job does the work of equal ones", (keys.job_dedup, keys.job_followers), NO_PEOPLE, "a day"),
    Kept("ids of jobs in RQ's queues, and its workers", ("rq:*",), NO_PEOPLE, "with the job's end", lasts=True),
    Kept(
        "scores with their largest voices, and the newest of an account",
        (keys.score, keys.newest_scores),
        "names, addresses of posts, numbers",
        "after they were made",
        ERASED_WITH_NAME,
        setting="documents_days",
    ),
    Kept(
        "scores with every voice",
        (keys.evidence,),
        "as above",
        "after they were made",
        ERASED_WITH_NAME,
        setting="evidence_days",
    ),
    Kept(
        "histories of an account's scores",
        (keys.history,),
        "name, numbers",
        "after the last step",
        "deleted",
        setting="documents_days",
    ),
    Kept(
        "the latest score made for a request",
        (keys.cached_score,),
        "a keyed digest",
        "with the score",
        "of no use once the score is deleted",
    ),
    Kept(
        "boards of everybody in a data set",
        (keys.board, keys.boards_of, keys.board_series),
        "names, numbers",
        "after they were made",
        "the row is taken out; others keep their places, and the number is missing",
        setting="documents_days",
    ),
    Kept(
        "lists made of a data set: messages and who took them up, topics and who knows about them",
        (keys.finding,),
        "names, texts, addresses of posts, numbers",
        "after they were made",
        "deleted whole; made anew, without them, when asked for again",
        setting="evidence_days",
    ),
    Kept(
        "signed links to scores and pictures",
        (keys.link, keys.link_to),
        NO_PEOPLE,
        "with the score, board or path, or before it when their time is over",
    ),
    Kept(
        "signed scores that are out, so that they can be revoked",
        (keys.credentials, keys.credential_of),
        "keyed digests of names",
        "when the signature has ended and the list is next read",
        "stays: it revokes them",
        lasts=True,
    ),
    Kept("ids of an owner's signed links", (keys.links_of,), NO_PEOPLE, "with the last of them"),
    Kept(
        "disputes",
        (keys.dispute, keys.disputes_of, keys.OPEN_DISPUTES, keys.disputes_about, keys.decisions),
        "names, reasons in words",
        "after they were made, decided or last left something out",
        ERASED_WITH_NAME,
        setting="disputes_days",
    ),
    Kept(
        "what is known of a data set",
        (keys.dataset,),
        "of an export: whose it is; five ids that no record has; names of unknown fields",
        "after it was last written",
        "an export of theirs is deleted; in ids and names of fields the name is taken out",
        setting="datasets_days",
    ),
    Kept(
        "how often data sets were deleted, or looked through for somebody to erase, and when last",
        (keys.ERASED_DATASETS, keys.ERASED_AT),
        NO_PEOPLE,
        "never",
        lasts=True,
    ),
    Kept(
        "what data sets follow, and how far it was read",
        (keys.source,),
        "hosts, of which one may name a person; an account that is followed; names in what could not be read",
        "after it was last read",
        "one that is theirs is deleted, elsewhere the name is taken out; hosts stay",
        setting="datasets_days",
    ),
    Kept(
        "followed boards: what is ranked, and which boards were made",
        (keys.followed_boards,),
        "names in why one could not be made",
        "when their owner deletes them",
        "the name is taken out",
        lasts=True,
    ),
    Kept(
        "ids of followed boards",
        (keys.FOLLOWED_BOARDS,),
        NO_PEOPLE,
        "when they are followed no longer",
        lasts=True,
    ),
    Kept("ids of what is read next", (keys.SOURCES,), NO_PEOPLE, "when it is followed no longer", lasts=True),
    Kept(
        "who vouched for whom",
        (keys.vouches, keys.vouches_seen),
        "pairs of names",
        "after they were last seen",
        "pairs with the name are deleted",
        setting="vouches_days",
    ),
    Kept(
        "trust roots",
        (keys.trust_roots, keys.trust_root_facts),
        "names",
        "when their owner deletes them",
        "the name is taken out",
        lasts=True,
    ),
    Kept(
        "what an owner says that accounts are",
        (keys.account_kinds,),
        "names, and why in the owner's words",
        "when their owner deletes them",
        "those of the person are deleted; in others the name is replaced",
        lasts=True,
    ),
    Kept("own topics", (keys.topics,), "words of the owner's", "when their owner deletes them", lasts=True),
    Kept(
        "first answers under an `Idempotency-Key`, and for two minutes where a form of the pages led",
        (keys.idempotency,),
        "names asked about",
        "a day",
        "deleted",
    ),
    Kept(
        "API keys, by digest",
        (keys.api_key, keys.api_key_used, keys.API_KEYS),
        "the name and owner that whoever made it gave",
        "when they are revoked",
        lasts=True,
    ),
    Kept("sessions of the page, by digest", (keys.session,), NO_PEOPLE, "12 hours, or at sign-out"),
    Kept("webhooks", (keys.webhooks,), "the receiver's address", "when their owner deletes them", lasts=True),
    Kept(
        "what webhooks were told: ids of jobs and disputes, and what came of it",
        (keys.delivery, keys.deliveries_due, keys.deliveries_of),
        NO_PEOPLE,
        "after it was made, two at least",
        setting="jobs_days",
    ),
    Kept(
        "webhooks and jobs with something to tell",
        (keys.OUTBOX, keys.WEBHOOKS_DUE, keys.WEBHOOKS_HELD),
        NO_PEOPLE,
        "when it is told",
        lasts=True,
    ),
    Kept(
        "answers of networks",
        (f"{keys.CACHED_RESPONSE}*",),
        "names, texts, profiles",
        "after they were fetched or confirmed",
        "deleted",
        setting="response_cache_days",
    ),
    Kept(
        "an index of them, by digest",
        (keys.CACHED_RESPONSES, keys.CACHED_RESPONSE_SIZES, keys.CACHED_RESPONSE_BYTES),
        NO_PEOPLE,
        "at the next answer kept",
        lasts=True,
    ),
    Kept(
        "limits and failures of hosts, and which hosts an owner's jobs asked",
        (keys.host, keys.host_slots, keys.hosts_of),
        "hosts; one of a single person names them",
        "8 days after they were last asked",
        "stays",
    ),
    Kept(
        "people who show that an account is theirs, and what is held of it",
        (keys.claim, keys.claim_held),
        "name, all that is held",
        "a day after they began, an hour after they showed it",
        "deleted, unless one owner alone erases; what is held of others is gathered anew",
    ),
    Kept(
        "one-time codes that the operator handed out, by digest",
        (keys.claim_code,),
        "name",
        "when it is used, or after 7 days",
        "deleted",
    ),
    Kept("how often an address tried that", (keys.claims_by,), "keyed digests of addresses", "an hour", "stays"),
    Kept("how many disputes a person opened", (keys.own_disputes,), "keyed digests of names", "a day", "stays"),
    Kept(
        "receipts of disputes, opt-outs and erasures",
        (keys.receipt,),
        NO_PEOPLE,
        "as long as disputes are kept; of an erasure twice as long as jobs",
    ),
    Kept(
        "erasures",
        (keys.erasure, keys.erasure_again),
        "names, until it has ended",
        "after they ended; the receipt names nobody",
        "ends by itself",
        setting="jobs_days",
    ),
    Kept("ids of open erasures", (keys.ERASURES,), NO_PEOPLE, "when they end", lasts=True),
    Kept(
        "who is suppressed",
        (keys.SUPPRESSED, keys.SUPPRESSED_AGAIN, keys.SUPPRESSIONS),
        "keyed digests of names",
        "with `candor subject allow`",
        "stays: it keeps them out",
        lasts=True,
    ),
    Kept(
        "who was let in again, so that nobody takes them for lost with a back-up",
        (keys.LET_IN,),
        "keyed digests of names",
        "when they leave again",
        "deleted",
        lasts=True,
    ),
    Kept(
        "which lines of the file `left` are known, so that a back-up shows",
        (keys.NOTED,),
        "digests of these lines",
        "never",
        "stays: it keeps them out",
        lasts=True,
    ),
    Kept("workers heard of", (keys.WORKERS,), NO_PEOPLE, "an hour after the last word", lasts=True),
    Kept("what workers can read, and counts", (keys.CONNECTORS, keys.METRICS), NO_PEOPLE, "never", lasts=True),
    Kept("requests counted for limits", (f"{keys.LIMITS}*",), "addresses of callers", "two minutes at most"),
    Kept("fingerprints of the secret and the data directory", (keys.IDENTITY,), NO_PEOPLE, "never", lasts=True),
    Kept("when the log was last written anew", (keys.LOG_REWRITTEN,), NO_PEOPLE, "a day"),
)

FILES = (
    Kept(
        "the secret of this service, the id of the folder of data sets, and how the directory is written",
        ("secret", "datasets/directory-id", "layout"),
        NO_PEOPLE,
        "never",
        lasts=True,
    ),
    Kept(
        "numbers of a community while its boards are made by queries",
        ("engine/*",),
        NO_PEOPLE,
        "with the next community, or when a worker starts",
    ),
    Kept(
        "data sets, in parts; under CANDOR_STORAGE where that is set",
        ("datasets/*",),
        "names, texts",
        "a day later than what is known of it",
        "parts with them are written anew without them; exports of theirs and damaged files are deleted",
        lasts=True,
    ),
    Kept(
        "tables made of them on each machine",
        ("cache/*",),
        "names, texts",
        "when others need the room, or the data set has changed",
        "deleted, on other machines within seconds",
        lasts=True,
    ),
    Kept(
        "words and tags of the questions of a data set",
        ("questions/*",),
        "words of what people asked, without names",
        "after they were found, or with the data set",
        "those of every data set of the network are deleted, and found anew without the person",
        setting="datasets_days",
    ),
    Kept(
        "who left, in case a back-up is put back",
        ("left",),
        "keyed digests of names",
        "never",
        "stays: it keeps them out",
        lasts=True,
    ),
    Kept(
        "the embedded server's log of writes and its messages",
        ("valkey/*",),
        "all that is in Redis",
        "written anew once a day",
        "written anew at once",
        lasts=True,
    ),
)


def spelled(place: Place) -> str:
    """Return how a place is written in the documentation: `*` stands for ids and names."""
    return place.form.replace("%s", "*") if isinstance(place, Key) else place
