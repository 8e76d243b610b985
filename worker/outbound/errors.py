"""What can go wrong on the way to a network: errors that name the host, in words fit for a list of gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from worker.outbound.reply import Reply


class OutboundError(Exception):
    """A question to `host` got no usable answer. `words` are for `inputs.gaps`; `reply` is what came, if it was JSON.

    Whoever asks goes on with what there is and lists the words.
    """

    def __init__(self, host: str, reason: str, reply: Reply | None = None) -> None:
        super().__init__(f"{host}: {reason}")
        self.host = host
        self.reason = reason
        self.reply = reply

    @property
    def words(self) -> str:
        """The host and what happened, as one sentence without a full stop."""
        return str(self)

    @property
    def status(self) -> int | None:
        """The HTTP status, where there was an answer."""
        return None if self.reply is None else self.reply.status


class RefusedError(OutboundError):
    """We do not go there: the address is not a public one, or is spelled in a way that hides where it leads."""


class HostDownError(OutboundError):
    """The host can not be reached, breaks the connection, or answers 5xx."""


class LeftAloneError(HostDownError):
    """The host failed so often, or asks to wait so long, that it is not asked at all for now."""


class TooSlowError(HostDownError):
    """The host did not answer, or did not finish its answer, in time."""


class TooLargeError(OutboundError):
    """The answer is longer than we read."""


class BadAnswerError(OutboundError):
    """The answer is not what it should be: cut short, not JSON, a redirect without end."""


class UnauthorisedError(OutboundError):
    """The host shows this to nobody without other rights (401, 403)."""


class GoneError(OutboundError):
    """There is no such thing, or no more (404, 410)."""


class RejectedError(OutboundError):
    """The host understood and said no (any other 4xx); `reply.json` holds its reason where it gave one."""


class WaitingError(Exception):
    """A limit of `host` asks to wait until `until`, for longer than is slept: the job gives its worker back."""

    def __init__(self, host: str, until: datetime, words: str) -> None:
        super().__init__(f"{host}: {words}")
        self.host = host
        self.until = until
        self.words = words


class BudgetSpentError(Exception):
    """The job has made all the requests it may; what is left out is to be listed as truncated."""
