"""How somebody can show that an account is theirs, by network, without anybody's help."""

from __future__ import annotations

from typing import Literal, TypeAlias

Proof: TypeAlias = Literal["profile", "post", "page", "domain", "operator"]
PROOFS: dict[str, tuple[Proof, ...]] = {
    "mastodon": ("profile", "page", "domain"),
    "bluesky": ("profile", "post"),
    "github": ("profile", "post", "page", "domain"),
    "gitlab": ("profile", "page", "domain"),
    "hackernews": ("profile",),
    "discourse": ("profile", "page", "domain"),
    "stackexchange": ("profile", "page", "domain"),
}


def proofs_of(network: str) -> tuple[Proof, ...]:
    """Return the ways that a network leaves open, and at last the operator.

    `profile`: a word in what the account says of itself; `post`: in a post or gist of its own; `page`, `domain`: on a
    page, or in the DNS of a domain, that the account's profile names as its own.
    """
    return (*PROOFS.get(network.partition(":")[0], ()), "operator")
