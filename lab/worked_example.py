"""Worked example: the score of one person of the sample, step by step, as docs/method.md tells how to compute it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from math import fsum, log, log2
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import msgspec

from candor import sample
from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

WHO = "p02"
"""Two people thanked him once each, no limit takes anything away, and most of his help is on other topics."""
DAY_S = 86_400
NORMAL = NormalDist()


def document() -> dict[str, Any]:
    """Return the score document of the example, with all evidence."""
    lines = sample.records_path().read_bytes().splitlines()
    question = Question(
        network=sample.NETWORK,
        accounts=(WHO,),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=sample.trust_root(),
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
    )
    activities = [msgspec.json.decode(line, type=Activity) for line in lines]
    (made,) = score(activities, question, load_method())
    found: dict[str, Any] = msgspec.to_builtins(made)
    return found


def steps(found: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield what is computed, how, and the figure: from the acts and what a document can only state to the points."""
    side, as_of = found["expertise"], datetime.fromisoformat(found["as_of"])
    voices = []
    for number, row in enumerate(_rows(side["evidence"], "on_topic"), start=1):
        (act,) = row["acts"]
        age = (as_of - datetime.fromisoformat(act["at"])).total_seconds() / DAY_S
        yield f"age {number}", f"{act['at']} – {found['as_of']}", age
        x = 0.5 * 0.5 ** (age / 730)
        yield f"x {number}", f"0.5 · 0.5^({age:.5f}/730) · 1^½", x
        voices.append(row["standing"] * log2(1 + x))
        yield f"voice {number}", f"{row['standing']:.5f} · log₂(1 + {x:.5f})", voices[-1]
    yield "A_all", " + ".join(f"{voice:.5f}" for voice in voices), fsum(voices)
    yield from _backing([row["trust"] for row in _rows(side["backers"], "on_topic")])
    yield from _points(fsum(voices), [row["voice"] for row in _rows(side["evidence"], "other_topics")])


def _rows(rows: list[dict[str, Any]], scope: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["scope"] == scope]


def _backing(trust: list[float]) -> Iterator[tuple[str, str, float]]:
    """Yield what rests on the people of the root, equal amounts together, and what may rest on one of them."""
    alike = Counter(f"{each:.5f}" for each in trust)
    behind = fsum(each / (each + 0.3) for each in trust)
    yield "K", " + ".join(f"{n} · {each}/({each} + 0.3)" for each, n in alike.items()), behind
    limit = 0.6 + 400 / len(trust) * (behind / len(trust)) ** 4
    yield "limit", f"0.6 + (400/{len(trust)}) · ({behind:.5f}/{len(trust)})⁴", limit
    backed = fsum(min(each, limit) for each in trust)
    yield "A_backed", " + ".join(f"{n} · {each}" for each, n in alike.items()), backed


def _points(a: float, others: list[float]) -> Iterator[tuple[str, str, float]]:
    """Yield the steps from A, which no limit holds down here, to the points of both features."""
    yield "A", f"min({a:.5f}, {a:.5f} + 0, {a:.5f})", a
    b = a + fsum(others)
    yield "B", " + ".join(f"{each:.5f}" for each in (a, *others)), b
    focused = a * ((a + 10) / (b + 10)) ** 0.75
    yield "A·((A+10)/(B+10))^0.75", f"{a:.5f} · ({a + 10:.5f}/{b + 10:.5f})^0.75", focused
    sigma = log(110 / 13) / NORMAL.inv_cdf(0.9)
    yield "σ", "ln(110/13)/1.281552", sigma
    for name, raw in (("acknowledged_help", a), ("specialised_help", focused)):
        yield f"`{name}`", f"50 · Φ(ln({raw:.5f}/13)/{sigma:.5f})", 50 * NORMAL.cdf(log(raw / 13) / sigma)
