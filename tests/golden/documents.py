"""The documents of the made-up communities, and their golden text: the document's bytes, indented."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec

from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.verify.digests import digests

from .communities import COMMUNITIES

PLACE = Path(__file__).parent
ACROSS_MACHINES = 1e-6


def scored(profile: str, **question: Any) -> list[ScoreDocument]:
    """One document for each account asked about, the one with the golden document first."""
    records, asked = COMMUNITIES[profile]()
    return list(score(records, msgspec.structs.replace(asked, **question), load_method()))


def place(profile: str) -> Path:
    """Where a golden document lies."""
    return PLACE / f"{profile}.json"


def golden_text(document: ScoreDocument) -> str:
    return msgspec.json.format(encode(document).decode(), indent=1) + "\n"


def settled(document: ScoreDocument, golden: str) -> str:
    """The golden text of a document; the method's figures and numbers as near as machines differ are those of `golden`.

    The digests follow.
    """
    made, wanted = json.loads(encode(document)), json.loads(golden)
    near = _near(made, wanted)
    if digests(made) == made["digests"]:
        for name in ("id", "urls"):  # made of the method's digest, which is another with any figure of any profile
            near[name] = wanted[name]
        near["method"] = {**near["method"], **{name: wanted["method"][name] for name in ("digest", "figures")}}
        near["digests"] = digests(near)
    return json.dumps(near, indent=1, ensure_ascii=False)


def _near(made: Any, wanted: Any) -> Any:
    if isinstance(made, dict) and isinstance(wanted, dict):
        return {name: _near(part, wanted.get(name)) for name, part in made.items()}
    if isinstance(made, list) and isinstance(wanted, list) and len(made) == len(wanted):
        return [_near(part, other) for part, other in zip(made, wanted, strict=True)]
    numbers = isinstance(made, float) and isinstance(wanted, float)
    return wanted if numbers and math.isclose(made, wanted, rel_tol=ACROSS_MACHINES, abs_tol=1e-12) else made
