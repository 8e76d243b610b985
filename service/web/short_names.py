"""What people call things, as it is written in addresses and lists: in plain letters, digits and hyphens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.names.networks import network_label
from candor.scoring.words import slug

if TYPE_CHECKING:
    from candor.store.models import Dataset

NAMELESS = "upload"
_LONGEST = 40


def short_slug(name: str, otherwise: str) -> str:
    """Make an id of a name, of forty letters at most; another where no letter of it is plain."""
    return slug(name)[:_LONGEST].strip("-") or otherwise


def name_apart(dataset: Dataset) -> str | None:
    """Return what a community is called whose id was made of that and is written otherwise; None for any other."""
    if not dataset.network.startswith("custom:"):
        return None
    name = network_label(dataset.network)
    return name if name != dataset.id == short_slug(name, NAMELESS) else None
