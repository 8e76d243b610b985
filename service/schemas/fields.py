"""What each field of the score document, the method and a record means, in one sentence, from fields.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def field_descriptions() -> dict[str, dict[str, str]]:
    """Return the descriptions by struct and field."""
    return tomllib.loads(resources.files("service.schemas").joinpath("fields.toml").read_text("utf-8"))
