"""Connectors: one file for each network that Candor reads. A new one is one more entry in CONNECTORS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.connectors.bluesky import Bluesky
from worker.connectors.bluesky_community import BlueskyCommunity
from worker.connectors.discourse import Discourse
from worker.connectors.discourse_community import DiscourseCommunity
from worker.connectors.gerrit import Gerrit
from worker.connectors.github import GitHub
from worker.connectors.github_community import GitHubCommunity
from worker.connectors.gitlab import GitLab
from worker.connectors.hackernews import HackerNews
from worker.connectors.lemmy import Lemmy
from worker.connectors.mastodon import Mastodon
from worker.connectors.mastodon_community import MastodonCommunity
from worker.connectors.mediawiki import MediaWiki
from worker.connectors.network_client import Access
from worker.connectors.reddit import Reddit
from worker.connectors.stackexchange import StackExchange
from worker.connectors.stackexchange_community import StackExchangeCommunity
from worker.connectors.x import X
from worker.connectors.youtube import YouTube
from worker.connectors.zulip import Zulip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.settings import Settings
    from worker.connectors.community import CommunityConnector
    from worker.connectors.connector import Connector

CONNECTORS: tuple[type[Connector], ...] = (
    Mastodon,
    Bluesky,
    GitHub,
    StackExchange,
    HackerNews,
    X,
    Discourse,
    GitLab,
    Gerrit,
    Lemmy,
    MediaWiki,
    Zulip,
    Reddit,
    YouTube,
)


def connector_for(network: str) -> type[Connector] | None:
    """Return the connector that reads a network, or None where its records must be brought."""
    return next((connector for connector in CONNECTORS if connector.supports(network)), None)


COMMUNITIES: tuple[type[CommunityConnector], ...] = (
    DiscourseCommunity,
    StackExchangeCommunity,
    GitHubCommunity,
    MastodonCommunity,
    BlueskyCommunity,
)


def community_for(network: str) -> type[CommunityConnector] | None:
    """Return what reads everybody on a network, or None where a data set cannot follow it."""
    return next((community for community in COMMUNITIES if community.supports(network)), None)


def access_of(settings: Settings) -> Access:
    """Return the operator's tokens, each for its host, and where test networks are."""
    tokens = {
        "api.github.com": settings.github_token,
        "api.x.com": settings.x_token,
        "oauth.reddit.com": settings.reddit_key,
        "www.googleapis.com": settings.youtube_key,
        "api.stackexchange.com": settings.stackexchange_key,
        **_pairs(settings.mastodon_tokens),
        **_pairs(settings.gitlab_tokens),
        **_pairs(settings.zulip_keys),
    }
    set_tokens = {host: token for host, token in tokens.items() if token is not None}
    return Access(tokens=set_tokens, places=_pairs(settings.test_places))


def _pairs(items: Iterable[str]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in items)
