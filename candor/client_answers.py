"""What a client makes of the answers of a service: what it asked for, or an error that says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from candor.errors import OperatorError

if TYPE_CHECKING:
    import requests

Answer: TypeAlias = dict[str, Any]
"""An answer of the service, decoded."""
UNPROCESSABLE = 422
BUSY = frozenset({429, 502, 503, 504})
USUAL_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
USAGE = 2


class ClientError(OperatorError):
    """The service refused, failed or cannot be reached; the message holds its own words where there are any.

    `status` is that of the answer, None where there was none or where a job or an erasure failed. `problem` is the
    problem document as it came (RFC 9457): its `code` says what is wrong to a program, `errors` where in what was sent,
    `request_id` what to tell the operator. It is empty where Candor said nothing.
    """

    def __init__(self, message: str, *, status: int | None = None, problem: Answer | None = None) -> None:
        super().__init__(message)
        self.exit_code = USAGE if status == UNPROCESSABLE else 1
        self.status = status
        self.problem = problem or {}


class BusyError(ClientError):
    """The service does not answer for now; `pause_s` is how long it asks to wait."""

    def __init__(self, message: str, pause_s: float = USUAL_PAUSE_S, **answer: Any) -> None:  # noqa: ANN401 # as above
        super().__init__(message, **answer)
        self.pause_s = pause_s


def cause(error: BaseException) -> str:
    """Dig out what requests and urllib3 wrapped, which is what a reader understands."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def json_of(answer: requests.Response) -> Answer:
    """Return the JSON of an answer. Raises ClientError for what no service of Candor's says."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise no_candor(answer)
    return found


def no_candor(answer: requests.Response) -> ClientError:
    """Return the error for an answer that is none of Candor's: of a proxy before it, or of another service."""
    words = f"{answer.url} answered {answer.status_code}, and not as Candor does"
    return _error(words, answer)


def _pause_s(answer: requests.Response) -> float:
    said = answer.headers.get("Retry-After", "")
    return min(float(said), LONGEST_PAUSE_S) if said.isascii() and said.isdigit() else USUAL_PAUSE_S


def failed(what: str, ended: Answer) -> ClientError:
    """Return the error for a job or an erasure that did not succeed."""
    problem = ended["error"] or {}
    return ClientError(f"the {what} {ended['status']}: {problem.get('detail', 'no reason is given')}", problem=problem)


def refusal(answer: requests.Response) -> ClientError:
    """Return the error for an answer of 400 and more, in the words of its problem document."""
    try:
        problem = answer.json()
        faults = [f"{fault['pointer']}: {fault['detail']}" for fault in problem.get("errors", ())]
        words = "; ".join([problem["detail"], *faults])
    except (ValueError, TypeError, KeyError, AttributeError):
        return no_candor(answer)
    return _error(words if answer.status_code == UNPROCESSABLE else f"{words} ({answer.status_code})", answer, problem)


def _error(words: str, answer: requests.Response, problem: Answer | None = None) -> ClientError:
    if answer.status_code in BUSY:
        return BusyError(words, _pause_s(answer), status=answer.status_code, problem=problem)
    return ClientError(words, status=answer.status_code, problem=problem)
