"""The table of everything that can go wrong with a request: one row each, from which pages and description are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class ProblemKind:
    """One row of the table: its code, HTTP status, title, what it means and what to do about it."""

    code: str
    status: int
    title: str
    meaning: str


PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "bad_request",
        400,
        "Bad request",
        "The request breaks the rules of HTTP or stopped half way. Send it again, whole.",
    ),
    ProblemKind(
        "malformed",
        400,
        "Malformed body",
        "The body cannot be read: not JSON, nested too deeply, or not the gzip it claims to be.",
    ),
    ProblemKind(
        "unauthorized",
        401,
        "No valid key",
        "Send `Authorization: Bearer ck_…` with a key that exists and has not expired.",
    ),
    ProblemKind(
        "forbidden",
        403,
        "Scope missing",
        "The key is valid but lacks the scope that this needs. Ask for a key that has it.",
    ),
    ProblemKind(
        "suppressed",
        403,
        "Account suppressed",
        "An account that the request names is suppressed: no score of it is made, and its name is not "
        "kept. Nothing was done; send the request again without it.",
    ),
    ProblemKind(
        "cross_site",
        403,
        "From another site",
        "A browser sent this for a page that is not ours, or without the token of our page. Load the page again; "
        "programs send a key and no cookie.",
    ),
    ProblemKind(
        "not_found",
        404,
        "Not found",
        "There is nothing here, or it belongs to somebody else: the two answers are the same on purpose.",
    ),
    ProblemKind(
        "method_not_allowed",
        405,
        "Method not allowed",
        "The address exists but not with this method; `Allow` lists those it has.",
    ),
    ProblemKind(
        "timeout", 408, "Request too slow", "The body stopped arriving. Send it again over a steadier connection."
    ),
    ProblemKind(
        "built_in",
        409,
        "Built in",
        "The topic belongs to the built-in catalogue, which cannot be changed. Choose another id.",
    ),
    ProblemKind(
        "already_ended",
        409,
        "Already ended",
        "The job has already succeeded or failed; there is nothing left to cancel.",
    ),
    ProblemKind(
        "too_many_webhooks",
        409,
        "Too many webhooks",
        "You have as many webhooks as one may have. Delete one that is no longer needed.",
    ),
    ProblemKind(
        "webhook_disabled",
        409,
        "Webhook disabled",
        "Its receiver answered 410 Gone, so nothing more is sent to it. Register it anew if it is back.",
    ),
    ProblemKind(
        "still_running",
        409,
        "Still running",
        "The first request with this `Idempotency-Key` is still being handled. Send it again after `Retry-After`.",
    ),
    ProblemKind(
        "precondition_failed",
        412,
        "Changed meanwhile",
        "`If-Match` or `If-None-Match` rules out the version that is here. Read it again first.",
    ),
    ProblemKind(
        "too_large",
        413,
        "Too large",
        "The body, its content once inflated, or one of its lines is larger than this service takes.",
    ),
    ProblemKind(
        "too_many_records",
        413,
        "Too many records",
        "A job takes a limited number of inline records. Upload them as a data set instead.",
    ),
    ProblemKind("uri_too_long", 414, "Address too long", "The address has more bytes than the service reads."),
    ProblemKind(
        "unsupported_media_type",
        415,
        "Unsupported media type",
        "Send the content type and encoding that the detail names.",
    ),
    ProblemKind("expectation_failed", 417, "Expectation failed", "The only expectation understood is 100-continue."),
    ProblemKind("invalid", 422, "Understood but wrong", "Each error has a JSON pointer to what is wrong and says why."),
    ProblemKind(
        "other_request",
        422,
        "Key of another request",
        "This `Idempotency-Key` was used for a request with another body or address. Choose a new one.",
    ),
    ProblemKind(
        "invalid_records",
        422,
        "Wrong records",
        "Some records are wrong and nothing was stored. The first hundred faults are listed.",
    ),
    ProblemKind(
        "invalid_archive",
        422,
        "Not an archive",
        "The upload is no export that Candor knows, or is built to do harm. Nothing was stored.",
    ),
    ProblemKind(
        "cannot_fetch",
        422,
        "Network not read",
        "Candor does not read that network by itself, or no worker has started yet: send `activities` or name a "
        "`dataset`. `GET /v1/networks` says which networks are read.",
    ),
    ProblemKind(
        "rate_limited",
        429,
        "Too many requests",
        "The limit of this key or address is spent. Ask again after `Retry-After`; `RateLimit` says what is left.",
    ),
    ProblemKind(
        "headers_too_large",
        431,
        "Headers too large",
        "One of the header fields is larger than the service reads, or there are too many.",
    ),
    ProblemKind("internal", 500, "Internal error", "The fault is ours. Tell the operator the request id."),
    ProblemKind(
        "not_implemented", 501, "Not implemented", "The request uses a transfer coding that is not understood."
    ),
    ProblemKind(
        "store_unavailable",
        503,
        "Store unavailable",
        "The store cannot be reached at the moment. Nothing was lost; try again after `Retry-After`.",
    ),
    ProblemKind(
        "store_full",
        503,
        "Store full",
        "The store takes no more work for now. What it has acknowledged is kept; try again later.",
    ),
    ProblemKind(
        "queue_full",
        503,
        "Too much work",
        "As many jobs wait or run as the operator allows. Nothing was accepted; try again after `Retry-After`.",
    ),
    ProblemKind(
        "overloaded",
        503,
        "Too many requests at once",
        "More requests wait than can be answered in time, so this one was not read. Try again after `Retry-After`.",
    ),
    ProblemKind(
        "not_ready",
        503,
        "Not ready",
        "The service runs but cannot work: the store or all workers are away, or its data directory is another.",
    ),
)
BY_CODE: Mapping[str, ProblemKind] = {kind.code: kind for kind in PROBLEMS}
_BY_STATUS = {kind.status: kind for kind in reversed(PROBLEMS)}  # the first of each status is its general case


def kind_of_status(status: int) -> ProblemKind:
    """Return the general problem of an HTTP status; statuses we have no row for fall back to 400 or 500."""
    return _BY_STATUS.get(status) or _BY_STATUS[400 if status < 500 else 500]


def problem_type(code: str) -> str:
    """Return the address of the page that says what a problem means."""
    return f"/problems/{code}"
