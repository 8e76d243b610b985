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
        "The request is not valid HTTP or was cut off. Send it again in full.",
    ),
    ProblemKind(
        "malformed",
        400,
        "Malformed body",
        "What was sent cannot be read. It may be neither valid JSON nor a table whose first line names our fields, "
        "or it is cut off, or packed in another way than it says. `detail` says where. Send JSON, NDJSON, CSV or "
        "Parquet, as it is or packed with gzip or zstd. /guides/formats says which files are read.",
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
        "Insufficient scope",
        "The key is valid but lacks the scope that this needs. Ask for a key that has it.",
    ),
    ProblemKind(
        "suppressed",
        403,
        "Account suppressed",
        "An account in the request is suppressed: it is not scored and its name is not stored. Nothing was "
        "done; send the request again without it.",
    ),
    ProblemKind(
        "not_proven",
        403,
        "Not yet shown to be yours",
        "First show that the account is yours: put the one-time word where `POST /v1/about-me` says, and have it "
        "looked for with `POST /v1/about-me/proof`.",
    ),
    ProblemKind(
        "cross_site",
        403,
        "Cross-site request refused",
        "A browser sent this from a page of another site, or without the token of our page. Reload the page; "
        "programs should send a key and no cookie.",
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
        "This address does not support the method; `Allow` lists those it does.",
    ),
    ProblemKind(
        "timeout", 408, "Request too slow", "The body did not arrive in time. Send it again over a faster connection."
    ),
    ProblemKind(
        "not_gathered",
        409,
        "Being looked up",
        "What is held of your account is still being looked up. Ask again after `Retry-After`.",
    ),
    ProblemKind(
        "built_in",
        409,
        "Built in",
        "A topic of the catalogue, or the sample, is built in and cannot be changed. Choose another id.",
    ),
    ProblemKind(
        "already_ended",
        409,
        "Job already finished",
        "The job has already succeeded or failed; there is nothing left to cancel.",
    ),
    ProblemKind(
        "follows_nothing",
        409,
        "Follows no source",
        "The data set was uploaded and follows no source, so there is nothing to read again.",
    ),
    ProblemKind(
        "too_many_webhooks",
        409,
        "Too many webhooks",
        "You have reached the limit of webhooks. Delete one that is no longer needed.",
    ),
    ProblemKind(
        "webhook_disabled",
        409,
        "Webhook disabled",
        "Its receiver answered 410 Gone, so nothing more is sent to it. Register it again if it is back.",
    ),
    ProblemKind(
        "still_running",
        409,
        "Request still in progress",
        "The first request with this `Idempotency-Key` is still being processed. Try again after `Retry-After`.",
    ),
    ProblemKind(
        "precondition_failed",
        412,
        "Precondition failed",
        "`If-Match` or `If-None-Match` does not match the current version. Read it again first.",
    ),
    ProblemKind(
        "too_large",
        413,
        "Too large",
        "The body, its uncompressed content, or one of its lines is larger than this service accepts.",
    ),
    ProblemKind(
        "too_many_records",
        413,
        "Too many records",
        "A job takes a limited number of inline records. Upload them as a data set instead.",
    ),
    ProblemKind("uri_too_long", 414, "Address too long", "The address is longer than the service accepts."),
    ProblemKind(
        "unsupported_media_type",
        415,
        "Unsupported media type",
        "Send one of the content types or encodings that the detail lists.",
    ),
    ProblemKind("expectation_failed", 417, "Expectation failed", "The only supported expectation is 100-continue."),
    ProblemKind(
        "invalid",
        422,
        "Some values need correcting",
        "Some values are missing or invalid. `errors` lists each of them with what is expected there; a page "
        "says it at the field. Correct them and send again.",
    ),
    ProblemKind(
        "other_request",
        422,
        "Idempotency-Key reused",
        "This `Idempotency-Key` was used for a request with another body or address. Choose a new one.",
    ),
    ProblemKind(
        "invalid_records",
        422,
        "Invalid records",
        "Some records are invalid and nothing was stored. `errors` lists the first hundred faults, each with "
        "the line of its record. Correct these lines, or leave them out with `skip_bad=true`. "
        "/guides/formats says what a record is made of.",
    ),
    ProblemKind(
        "invalid_archive",
        422,
        "Invalid archive",
        "The upload is not an export that Candor supports, or could be harmful. Nothing was stored. "
        "/guides/formats says which files are read.",
    ),
    ProblemKind(
        "cannot_fetch",
        422,
        "Network not available",
        "Candor cannot fetch from that network, or no worker has started yet: send `activities` or name a "
        "`dataset`. `GET /v1/networks` lists the networks that can be fetched.",
    ),
    ProblemKind(
        "rate_limited",
        429,
        "Too many requests",
        "The rate limit of this key or address is used up. Try again after `Retry-After`; see `RateLimit`.",
    ),
    ProblemKind(
        "headers_too_large",
        431,
        "Headers too large",
        "A header field is larger than the service accepts, or there are too many.",
    ),
    ProblemKind("internal", 500, "Internal error", "Something failed on our side. Tell the operator the request id."),
    ProblemKind(
        "dataset_damaged",
        500,
        "Data set damaged",
        "A part of the data set is not as it was written, so nothing is read or scored from it. Upload it again.",
    ),
    ProblemKind(
        "stored_damaged",
        500,
        "Stored value damaged",
        "What is kept here is not as it was written, so it is neither shown nor used. Send again what was sent, or ask "
        "again for what a job made.",
    ),
    ProblemKind("not_implemented", 501, "Not implemented", "The request uses a transfer coding that is not supported."),
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
        "The store cannot save anything at the moment. What was accepted is kept; try again later.",
    ),
    ProblemKind(
        "queue_full",
        503,
        "Job queue full",
        "The limit of open jobs is reached. Nothing was accepted; try again after `Retry-After`.",
    ),
    ProblemKind(
        "overloaded",
        503,
        "Server overloaded",
        "Too many requests are waiting, so this one was not read. Try again after `Retry-After`.",
    ),
    ProblemKind(
        "not_ready",
        503,
        "Not ready",
        "The service cannot work: the store or all workers are unavailable, or the data directory is a different one.",
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
