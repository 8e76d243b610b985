"""What the workers can read: the facts of their connectors, which they publish and the interface hands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from candor.store import keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis import Redis


class ConnectorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is published about a connector.

    `family` is the network's name before the colon, `profile` its weights. `terms` says under whose terms the service
    is asked, `limits` how fast; `consent` lists what we take for a no; `unseen` says by a short name what can not be
    seen there, and why: unknown, not zero. `operator_adds` says what a token of the operator's opens, `tried` against
    what the connector has been tried, where that is less than the real network.
    """

    family: str
    profile: str
    terms: str
    limits: str
    consent: tuple[str, ...]
    unseen: dict[str, str]
    operator_adds: str | None = None
    tried: str | None = None


class Connectors:
    """The facts of all connectors, as the launcher that started last said them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(tuple[ConnectorFacts, ...])

    def publish(self, facts: Iterable[ConnectorFacts]) -> None:
        """Say what workers can read."""
        self._redis.set(keys.CONNECTORS, msgspec.json.encode(tuple(facts)))

    def all(self) -> tuple[ConnectorFacts, ...]:
        """Return the facts of every connector; nothing where no launcher has ever run."""
        raw = self._redis.get(keys.CONNECTORS)
        return () if raw is None else self._decoder.decode(raw)

    def of(self, network: str) -> ConnectorFacts | None:
        """Return the facts of the connector that reads a network, or None where its records must be brought."""
        family = network.partition(":")[0]
        return next((facts for facts in self.all() if facts.family == family), None)
