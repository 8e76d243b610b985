"""What people call things, as it is written in addresses and lists: in plain letters, digits and hyphens."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING

from candor.names.networks import network_label
from candor.scoring.words import slug

if TYPE_CHECKING:
    from candor.store.models import Dataset

NAMELESS = "upload"
_LONGEST, _DIGITS = 40, 8


def short_slug(name: str, otherwise: str) -> str:
    """Make an id of a name, of forty letters at most; `otherwise` where there is none.

    A name without a plain letter, as in Greek or Chinese, gets `otherwise` with a digest of it: each name its own id.
    """
    plain = slug(name)[:_LONGEST].strip("-")
    if plain or not any(map(str.isalnum, name)):
        return plain or otherwise
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode())
    return f"{otherwise}-{digest.hexdigest()[:_DIGITS]}"


def name_apart(dataset: Dataset) -> str | None:
    """Return what a community is called whose id was made of that and is written otherwise; None for any other."""
    if not dataset.network.startswith("custom:"):
        return None
    name = network_label(dataset.network)
    return name if name != dataset.id == short_slug(name, NAMELESS) else None
