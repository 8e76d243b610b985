"""Connectors: one file for each network that Candor reads. A new one is one more entry in CONNECTORS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.connectors.bluesky import Bluesky
from worker.connectors.discourse import Discourse
from worker.connectors.github import GitHub
from worker.connectors.hackernews import HackerNews
from worker.connectors.mastodon import Mastodon
from worker.connectors.stackexchange import StackExchange
from worker.connectors.x import X

if TYPE_CHECKING:
    from worker.connectors.source import Connector

CONNECTORS: tuple[type[Connector], ...] = (Mastodon, Bluesky, GitHub, StackExchange, HackerNews, X, Discourse)


def connector_for(network: str) -> type[Connector] | None:
    """Return the connector that reads a network, or None where its records must be brought."""
    return next((connector for connector in CONNECTORS if connector.supports(network)), None)
