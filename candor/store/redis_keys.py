"""The names of everything in Redis. No other file spells a key.

Where `owner` may be None, None makes the name a pattern: of what all owners have.
"""

from __future__ import annotations

from urllib.parse import quote

ANY = "ID"
"""Stands for an id in the names that scripts are given to make others from."""
ACTIVE_JOBS = "candor:jobs:active"
WAITING_JOBS = "candor:jobs:waiting"
NOTIFYING_JOBS = "candor:jobs:notifying"
OUTBOX = "candor:outbox"
WEBHOOKS_DUE = "candor:webhooks:due"
WEBHOOKS_HELD = "candor:webhooks:held"
WORKERS = "candor:workers"
CONNECTORS = "candor:connectors"
METRICS = "candor:metrics"
METRIC_HOSTS = "candor:metrics:hosts"
SUPPRESSED = "candor:suppressed"
SUPPRESSIONS = "candor:suppressed:version"
API_KEYS = "candor:keys"
ERASURES = "candor:erasures"
IDENTITY = "candor:identity"
LOG_REWRITTEN = "candor:log-rewritten"
HOSTS = "candor:hosts"
LIMITS = "candor:limits"
CACHED_RESPONSE = "candor:response:"
CACHED_RESPONSES = "candor:responses"
CACHED_RESPONSE_SIZES = "candor:responses:sizes"
CACHED_RESPONSE_BYTES = "candor:responses:bytes"
SEEN = ":seen"


def job(job_id: str) -> str:
    """Hash: a job's fields."""
    return f"candor:job:{_part(job_id)}"


def job_activities(job_id: str) -> str:
    """Value: a job's inline activities, compressed."""
    return activities_beside(job(job_id))


def activities_beside(job_key: str) -> str:
    """Value: the inline activities of the job with this key."""
    return f"{job_key}:activities"


def job_ended(job_id: str) -> str:
    """Channel: says when the job has ended."""
    return f"candor:job:{_part(job_id)}:ended"


def job_lease(job_id: str) -> str:
    """Value with a short life: the worker that has the job in hand."""
    return f"candor:job:{_part(job_id)}:lease"


def job_parts(job_id: str) -> str:
    """Hash: how many parts a job has, the result of each that has ended, and what they add up to."""
    return f"candor:job:{_part(job_id)}:parts"


def job_followers(job_id: str) -> str:
    """Set: equal jobs that wait for the end of this one."""
    return f"candor:job:{_part(job_id)}:followers"


def job_dedup(key: str) -> str:
    """Value with a life of a day: the job that does, or did, the work of several equal ones."""
    return f"candor:job-dedup:{key}"


def jobs_of(owner: str) -> str:
    """Sorted set: an owner's job ids by time of creation."""
    return f"candor:jobs:of:{_part(owner)}"


def held_by(worker: str) -> str:
    """Hash with a short life: the job that a worker has in hand, and its lease."""
    return f"candor:worker:{_part(worker)}:held"


def score(owner: str, score_id: str) -> str:
    """Hash: a document with its largest voices, and its entity tag."""
    return f"candor:score:{_part(owner)}:{_part(score_id)}"


def cached_score(digest: str) -> str:
    """Value: the score that last answered a request for an account, by a keyed digest of all that it depends on."""
    return f"candor:cached-score:{digest}"


def link(link_id: str) -> str:
    """Value: what a signed link opens, and whose it is."""
    return f"candor:link:{_part(link_id)}"


def link_to(owner: str, resource_id: str) -> str:
    """Value: the id of the signed link to a score or board."""
    return f"candor:link-to:{_part(owner)}:{_part(resource_id)}"


def evidence(owner: str, score_id: str) -> str:
    """Hash: the document with every voice, and its entity tag."""
    return f"candor:evidence:{_part(owner)}:{_part(score_id)}"


def newest_scores(owner: str | None, network: str, account: str) -> str:
    """Hash: an account's newest score by topic."""
    return f"candor:newest:{_part(owner)}:{_part(network)}:{_part(account)}"


def history(owner: str, network: str, account: str, topic_id: str) -> str:
    """Sorted set: the steps of an account's scores on a topic, by when they were made."""
    return f"candor:history:{_part(owner)}:{_part(network)}:{_part(account)}:{_part(topic_id)}"


def histories(owner: str | None, network: str, account: str) -> str:
    """Pattern: the history of an account on every topic, with one owner or with all."""
    return f"candor:history:{_part(owner)}:{_part(network)}:{_part(account)}:*"


def dispute(owner: str, dispute_id: str) -> str:
    """Value: a dispute."""
    return f"candor:dispute:{_part(owner)}:{_part(dispute_id)}"


def disputes_of(owner: str) -> str:
    """Sorted set: an owner's dispute ids by when they were made."""
    return f"candor:disputes:of:{_part(owner)}"


def decisions(owner: str) -> str:
    """Number: how often disputes of an owner were decided."""
    return f"candor:disputes:decisions:{_part(owner)}"


def disputes_about(owner: str | None, network: str, account: str) -> str:
    """Sorted set: the ids of disputes about an account's scores by when they were made."""
    return f"candor:disputes:about:{_part(owner)}:{_part(network)}:{_part(account)}"


def board(owner: str, board_id: str) -> str:
    """Hash: a board's facts, and its rows in compressed pages by number."""
    return f"candor:board:{_part(owner)}:{_part(board_id)}"


def boards_of(owner: str, dataset_id: str) -> str:
    """Hash: the newest board of a data set by topic, trust root and version of the method."""
    return f"candor:boards:{_part(owner)}:{_part(dataset_id)}"


def topics(owner: str) -> str:
    """Hash: an owner's own topics by id."""
    return f"candor:topics:{_part(owner)}"


def trust_roots(owner: str | None) -> str:
    """Hash: an owner's trust roots by id."""
    return f"candor:trust-roots:{_part(owner)}"


def vouches(owner: str | None, network: str) -> str:
    """Sorted set: pairs of who vouched for whom in an owner's jobs, by when the act was."""
    return f"candor:vouches:{_part(owner)}:{_part(network)}"


def vouches_seen(owner: str | None, network: str) -> str:
    """Sorted set: the same pairs by when they were last seen."""
    return f"{vouches(owner, network)}{SEEN}"


def dataset(owner: str, dataset_id: str) -> str:
    """Value: what is known of a data set."""
    return f"candor:dataset:{_part(owner)}:{_part(dataset_id)}"


def erasure(erasure_id: str) -> str:
    """Value: an erasure, with the names until it has ended."""
    return f"candor:erasure:{_part(erasure_id)}"


def api_key(secret_digest: str) -> str:
    """Value: an API key by the digest of its secret."""
    return f"candor:key:{secret_digest}"


def api_key_used(secret_digest: str) -> str:
    """Value: when an API key was last used, to the minute."""
    return f"{api_key(secret_digest)}:used"


def idempotency(owner: str, key: str) -> str:
    """Hash: a request that carries an idempotency key, who handles it, and its answer."""
    return f"candor:idempotency:{_part(owner)}:{_part(key)}"


def session(id_digest: str) -> str:
    """Value with a short life: the key that a session of the page was opened with, by the digest of its id."""
    return f"candor:session:{id_digest}"


def host(name: str) -> str:
    """Hash: the budget of a host, and how it is doing."""
    return f"candor:host:{_part(name)}"


def host_slots(name: str) -> str:
    """Sorted set: the requests under way to a host, by when their leases end."""
    return f"candor:host:{_part(name)}:slots"


def webhooks(owner: str) -> str:
    """Hash: an owner's webhooks by id."""
    return f"candor:webhooks:of:{_part(owner)}"


def delivery(owner: str, delivery_id: str) -> str:
    """Value: what a webhook is told, and what came of it so far."""
    return f"candor:delivery:{_part(owner)}:{_part(delivery_id)}"


def deliveries_due(owner: str, webhook_id: str) -> str:
    """Sorted set: a webhook's deliveries that are not over, by when they are due."""
    return f"candor:webhook:{_part(owner)}:{_part(webhook_id)}:due"


def deliveries_of(owner: str, webhook_id: str) -> str:
    """Sorted set: a webhook's newest deliveries by when they were made."""
    return f"candor:webhook:{_part(owner)}:{_part(webhook_id)}:log"


def every(kind: str, owner: str | None = None) -> str:
    """Pattern: everything of a kind, of one owner or of all; of jobs, which carry no owner in their key, of all."""
    return f"candor:{kind}:*" if owner is None else f"candor:{kind}:{_part(owner)}:*"


def _part(text: str | None) -> str:
    return "*" if text is None else quote(text, safe="")
