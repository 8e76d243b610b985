"""Why a job ends without its scores: the problems that stand in a job, beside those of a request."""

from __future__ import annotations

from candor.store.models import Problem


def _problem(code: str, status: int, title: str, detail: str) -> Problem:
    return Problem(type=f"/problems/{code}", title=title, status=status, detail=detail, code=code)


WORKER_DIED = _problem(
    "worker_died",
    500,
    "Worker died",
    "The job was begun three times, and each time its worker died or lost the store. It is not tried again.",
)
NOT_STARTED = _problem(
    "not_started",
    503,
    "Not started",
    "No worker could start the job: it was handed out ten times in vain. Submit it again; if that fails too, the "
    "operator has to see that the API server and all workers are of one version. The reason is in the operator's log.",
)
TIMED_OUT = _problem(
    "timed_out",
    504,
    "Out of time",
    "Scoring took longer than such a job may. Ask for fewer accounts or topics.",
)
ENGINE_SILENT = _problem(
    "engine_silent",
    504,
    "No answer from the engine",
    "The server that computes boards gave no answer for so long that it was given up. Ask for the board again; if that "
    "fails too, the operator has to look at that server.",
)
SCORING_FAILED = _problem(
    "scoring_failed",
    500,
    "Scoring failed",
    "The records could not be scored. The reason is in the operator's log.",
)
INPUTS_GONE = _problem(
    "inputs_gone", 410, "Inputs gone", "The records that were to be scored are no longer kept. Send them again."
)
DATASET_DAMAGED = _problem(
    "dataset_damaged",
    500,
    "Data set damaged",
    "A part of the data set is not as it was written, so nothing is scored from it. Upload the data set again.",
)
STORED_DAMAGED = _problem(
    "stored_damaged",
    500,
    "Stored value damaged",
    "What the job was to be scored from is not as it was written. Submit it again.",
)
STORAGE_AWAY = _problem(
    "storage_away",
    503,
    "Storage of data sets away",
    "The storage of data sets did not answer for an hour, so nothing could be read. Submit the job again later.",
)
DATASET_CHANGED = _problem(
    "dataset_changed", 409, "Data set changed", "The data set was replaced after the job was accepted. Submit it again."
)
METHOD_UNKNOWN = _problem(
    "method_unknown",
    410,
    "Method not known here",
    "The version of the method that the job names is not computed here; the detail says which is. Submit it again.",
)
RECORD_DAMAGED = _problem(
    "stored_damaged",
    500,
    "Stored value damaged",
    "What is kept of the job is not as it was written. Submit it again.",
)
UNREADABLE = _problem(
    "unreadable",
    502,
    "Network cannot be read",
    "The network said nothing of the account; the detail names the host and the reason. Try again later.",
)
UNKNOWN_ACCOUNT = _problem(
    "unknown_account",
    422,
    "No such name",
    "The name cannot be one of an account on that network; the detail says why.",
)
REQUESTS_SPENT = _problem(
    "requests_spent",
    422,
    "Requests used up",
    "The job made all the requests it may before it came to this account. Ask for fewer accounts, or allow more.",
)
ROOT_UNREADABLE = _problem(
    "root_unreadable",
    502,
    "Trust root cannot be read",
    "The list that is the trust root cannot be read; the detail names the host and the reason.",
)
NOT_READ = _problem(
    "not_read",
    422,
    "Network not read here",
    "The worker that had the job reads no network of that name. Send the records, or name a data set.",
)
SUPPRESSED = _problem(
    "suppressed",
    403,
    "Account suppressed",
    "The account is suppressed: no score of it is made, and its name is not kept.",
)
ERASURE_FAILED = _problem(
    "erasure_failed",
    500,
    "Not all erased",
    "The erasure was tried several times and could not be finished. The account is suppressed, but something of it may "
    "be left. Ask for it again, or write to the operator.",
)
PARTLY_UNREADABLE = _problem(
    "erasure_failed",
    500,
    "Not all erased",
    "Everything that can be read is erased, and the account is suppressed. Something kept is damaged and cannot be "
    "searched: the operator's log says what. Ask for it again once that is mended or deleted.",
)
ALIASES_UNKNOWN = _problem(
    "aliases_unknown",
    502,
    "Other names not known",
    "Everything kept under the name given is erased, and it is suppressed. Its network could not be asked by which "
    "other names the account goes: what is kept under those is left. Erase these by name, or ask again.",
)
JOB_PROBLEMS = (
    WORKER_DIED,
    NOT_STARTED,
    TIMED_OUT,
    ENGINE_SILENT,
    SCORING_FAILED,
    INPUTS_GONE,
    DATASET_DAMAGED,
    STORED_DAMAGED,
    RECORD_DAMAGED,
    STORAGE_AWAY,
    DATASET_CHANGED,
    METHOD_UNKNOWN,
    UNREADABLE,
    UNKNOWN_ACCOUNT,
    REQUESTS_SPENT,
    ROOT_UNREADABLE,
    NOT_READ,
    SUPPRESSED,
    ERASURE_FAILED,
    PARTLY_UNREADABLE,
    ALIASES_UNKNOWN,
)
