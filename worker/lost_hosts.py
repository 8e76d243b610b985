"""Hosts that stopped answering halfway: a job comes back to them for a while, and scores nobody from half an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from candor.store import utc_now
from candor.store.job_problems import ROOT_UNREADABLE
from worker.context import InputError
from worker.outbound import WaitingError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from candor.scoring.trust_root import TrustRoot
    from worker.outbound import Outbound
    from worker.trusted import Trusted


LONGEST_OUTAGE = timedelta(minutes=30)
"""How long after it was sent a job waits for a host that stopped answering halfway."""
_WAITS = (timedelta(minutes=1), timedelta(minutes=5))


class LostHosts:
    """Looks after hosts that answered at first and then nothing: the job comes back to them for up to half an hour.

    `sent_at` is when the job came.
    """

    def __init__(self, outbound: Outbound, sent_at: datetime) -> None:
        self._outbound = outbound
        self._sent_at = sent_at

    def look(self, needed: Collection[str] | None = None) -> str | None:
        """Return why no score can be made, None where all is well. Raises WaitingError while there is time to wait."""
        for host, reason in self._outbound.lost().items():
            if needed is not None and host not in needed:
                continue
            now, (shortest, longest) = utc_now(), _WAITS
            until = now + min(max(now - self._sent_at, shortest), longest)
            if until <= self._sent_at + LONGEST_OUTAGE:
                raise WaitingError(host, until, "stopped answering halfway")
            return f"Stopped answering halfway, and did not come back in time: {host}: {reason}."
        return None

    def resolve(self, trusted: Trusted, asked: TrustRoot) -> TrustRoot:
        """Return the trust root whole. Raises as Trusted does, InputError too where only a part could be read."""
        try:
            root = trusted.resolve(asked)
        except InputError:
            self.look()
            raise
        if why := self.look():
            raise InputError(msgspec.structs.replace(ROOT_UNREADABLE, detail=why))
        return root
