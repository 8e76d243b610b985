"""The names of everything in Redis. No other file spells a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_PLAIN = re.compile(r"[0-9A-Za-z_.~-]*")  # what quoting leaves as it is: most ids, and asking is ten times as fast


@dataclass(frozen=True)
class Key:
    """How the keys of one kind are spelled. Called with ids it gives a key; where an id is None, a pattern of all."""

    form: str

    def __call__(self, *ids: str | None) -> str:
        """Return the key. Raises TypeError when ids are missing or too many."""
        return self.form % tuple(map(_spelled, ids))


def _spelled(part: str | None) -> str:
    if part is None:
        return "*"
    return part if _PLAIN.fullmatch(part) else quote(part, safe="")


ANY = "ID"
"""Stands for an id in the names that scripts are given to make others from."""


def every() -> str:
    """Return the pattern of all names but those that RQ spells."""
    return "candor:*"


# Jobs
job = Key("candor:job:%s")  # hash: a job's fields
job_activities = Key("candor:job:%s:activities")  # value: its inline activities, compressed
job_ended = Key("candor:job:%s:ended")  # channel: says when it has ended
job_lease = Key("candor:job:%s:lease")  # value with a short life: the worker that has it in hand
job_parts = Key("candor:job:%s:parts")  # hash: how many parts it has, the results of those that have ended, their sums
job_followers = Key("candor:job:%s:followers")  # set: equal jobs that wait for its end
job_dedup = Key("candor:job-dedup:%s")  # value with a life of a day: the job that does the work of several equal ones
job_root = Key("candor:job-root:%s:%s")  # hash, by owner and digest: whom a trust root names, how many open jobs
jobs_of = Key("candor:jobs:of:%s")  # sorted set: an owner's job ids by time of creation
ACTIVE_JOBS = "candor:jobs:active"
WAITING_JOBS = "candor:jobs:waiting"
NOTIFYING_JOBS = "candor:jobs:notifying"

# Workers, and what the whole service counts
WORKERS = "candor:workers"
held_by = Key("candor:worker:%s:held")  # hash with a short life: the job that a worker has in hand, and its lease
CONNECTORS = "candor:connectors"
METRICS = "candor:metrics"
LIMITS = "candor:limits"
IDENTITY = "candor:identity"
LOG_REWRITTEN = "candor:log-rewritten"

# Scores, boards and what belongs to them
score = Key("candor:score:%s:%s")  # hash, by owner and id: a document with its largest voices, and its entity tag
evidence = Key("candor:evidence:%s:%s")  # hash: the document with every voice, and its entity tag
newest_scores = Key("candor:newest:%s:%s:%s")  # hash, by owner, network and account: its newest score by topic
history = Key("candor:history:%s:%s:%s:%s")  # sorted set: the steps of an account's scores on a topic, by when made
cached_score = Key("candor:cached-score:%s")  # value: the score that last answered a request, by its keyed digest
link = Key("candor:link:%s")  # value: what a signed link opens, and whose it is
link_to = Key("candor:link-to:%s:%s:%s")  # value: the id of the signed link that opens so much of an owner's score
links_of = Key("candor:signed-links:of:%s")  # sorted set: the ids of an owner's signed links by when they end
credentials = Key("candor:credentials:%s")  # hash, by number of a status list: the signed scores that are out, by place
credential_of = Key("candor:credential-of:%s:%s:%s")  # value: list and place of an owner's score, as it is now
dispute = Key("candor:dispute:%s:%s")  # value, by owner and id
disputes_of = Key("candor:disputes:of:%s")  # sorted set: an owner's dispute ids by when they were made
disputes_about = Key("candor:disputes:about:%s:%s:%s")  # the same of an owner's disputes about an account's scores
OPEN_DISPUTES = "candor:disputes:open"
decisions = Key("candor:disputes:decisions:%s")  # number: how often an owner decided about disputes or kinds
board = Key("candor:board:%s:%s")  # hash, by owner and id: its facts, and its rows in compressed pages by number
finding = Key("candor:finding:%s:%s")  # hash, by owner and id: a list made of a data set, in compressed pages
followed_boards = Key("candor:followed-boards:of:%s")  # hash: an owner's followed boards by id
FOLLOWED_BOARDS = "candor:followed-boards"
boards_of = Key("candor:boards:%s:%s")  # hash: the newest board of a data set by digest of topic, trust root and method
board_series = Key("candor:board-series:%s:%s")  # sorted set: boards of a data set by topic, trust root and time

# What an owner brings
topics = Key("candor:topics:%s")  # hash: an owner's own topics by id
account_kinds = Key("candor:account-kinds:%s")  # hash: what an owner says that accounts are
trust_roots = Key("candor:trust-roots:%s")  # hash: an owner's trust roots by id
trust_root_facts = Key("candor:trust-root-facts:%s")  # hash: what each of them is, without whom it names
source = Key("candor:source:%s")  # hash: what a data set follows, and how far it was read
SOURCES = "candor:sources"
ERASED_DATASETS = "candor:datasets:erased"
ERASED_AT = "candor:datasets:erased-at"
dataset = Key("candor:dataset:%s:%s")  # value, by owner and id: what is known of a data set
vouches = Key("candor:vouches:%s:%s")  # sorted set: who vouched for whom in an owner's jobs on a network, by when
vouches_seen = Key("candor:vouches:%s:%s:seen")  # sorted set: the same pairs by when they were last seen
idempotency = Key("candor:idempotency:%s:%s")  # hash: a request with an idempotency key, who handles it, its answer
api_key = Key("candor:key:%s")  # value: an API key by the digest of its secret
api_key_used = Key("candor:key:%s:used")  # value: when it was last used, to the minute
API_KEYS = "candor:keys"
session = Key("candor:session:%s")  # value with a short life: a session's API key, by the digest of the session's id

# Webhooks
webhooks = Key("candor:webhooks:of:%s")  # hash: an owner's webhooks by id
delivery = Key("candor:delivery:%s:%s")  # value, by owner and id: what a webhook is told, and what came of it so far
deliveries_due = Key("candor:webhook:%s:%s:due")  # sorted set: a webhook's deliveries that are not over, by when due
deliveries_of = Key("candor:webhook:%s:%s:log")  # sorted set: a webhook's newest deliveries by when they were made
OUTBOX = "candor:outbox"
WEBHOOKS_DUE = "candor:webhooks:due"
WEBHOOKS_HELD = "candor:webhooks:held"

# Networks
host = Key("candor:host:%s")  # hash: the budget of a host, and how it is doing
host_slots = Key("candor:host:%s:slots")  # sorted set: the requests under way to it, by when their leases end
hosts_of = Key("candor:hosts:of:%s")  # sorted set: the hosts that an owner's jobs wanted to ask, by when
CACHED_RESPONSE = "candor:response:"
CACHED_RESPONSES = "candor:responses"
CACHED_RESPONSE_SIZES = "candor:responses:sizes"
CACHED_RESPONSE_BYTES = "candor:responses:bytes"

# People who show that an account is theirs
claim = Key("candor:claim:%s")  # value: whose account somebody says it is, by the digest of what they carry
claim_held = Key("candor:claim:%s:held")  # value: what is held of a proven account, compressed
claim_code = Key("candor:claim-code:%s")  # value: for which account the operator handed out a code, by its digest
own_disputes = Key("candor:own-disputes:%s")  # number: how many disputes a person opened, by a keyed digest of a name
claims_by = Key("candor:claims-by:%s")  # number: how often an address began or checked, by its keyed digest
receipt = Key("candor:receipt:%s")  # value: which dispute, opt-out or erasure a receipt follows

# People who are not to be kept
erasure = Key("candor:erasure:%s")  # value: an erasure, with the names until it has ended
erasure_again = Key("candor:erasure:%s:again")  # value: the same, should one of them be damaged
ERASURES = "candor:erasures"
SUPPRESSED = "candor:suppressed"
SUPPRESSED_AGAIN = "candor:suppressed:again"
SUPPRESSIONS = "candor:suppressed:version"
LET_IN = "candor:suppressed:let-in"
NOTED = "candor:suppressed:noted"
