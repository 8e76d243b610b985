"""Question: who is asked about, on which topics, by whose word, as of when."""

from __future__ import annotations

from datetime import datetime

import msgspec

from scoring.topics import Topic
from scoring.trust_root import TrustRoot


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a score hangs on beside the activities and the method.

    `as_of` carries an offset from UTC. `profile` is given for `custom:` networks only. `granted_rights` is the source's
    word that taking changes is a right others gave. `contact` is the operator whom the scored person can write to.
    """

    network: str
    accounts: tuple[str, ...]
    topics: tuple[Topic, ...]
    trust_root: TrustRoot
    as_of: datetime
    window_days: int = 1825
    profile: str | None = None
    granted_rights: bool = False
    contact: str | None = None
