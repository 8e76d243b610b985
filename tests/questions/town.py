"""A small made-up town of questions and answers, with values that can be worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from candor.questions.formula import load_formula
from candor.questions.index import Index, build_index
from candor.questions.ranking import AnswererRanking, rank
from candor.scoring.activity import Activity
from candor.scoring.columns import microseconds
from candor.scoring.question import Question
from candor.scoring.record_columns import build_columns
from candor.scoring.trust_root import NO_ROOT

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TEXTS = {
    "sourdough": "Why does my sourdough starter smell of acetone",
    "bread": "Which flour for sourdough bread starter",
    "bike": "How to true a bicycle wheel",
    "chain": "When is a bicycle chain worn",
    "rent": "May a landlord keep my deposit",
}
TAGS = {"sourdough": ("baking",), "bread": ("baking",), "bike": ("cycling",), "chain": ("cycling",), "rent": ("law",)}


def record(kind: str, record_id: str, by: str, days_ago: float, **more: Any) -> Activity:
    return Activity(type=kind, id=record_id, actor=by, published=NOW - timedelta(days=days_ago), **more)


def asked(name: str, days_ago: float, by: str = "") -> Activity:
    return record("question", name, by or f"asker-{name}", days_ago, content=TEXTS[name], tags=TAGS[name])


def answered(name: str, by: str, days_ago: float) -> Activity:
    return record("answer", f"{name}-{by}", by, days_ago, object=name)


def accepted(name: str, by: str, days_ago: float) -> Activity:
    return record("accept", f"accept-{name}-{by}", f"asker-{name}", days_ago, object=f"{name}-{by}")


TOWN = (
    *(asked("sourdough", 50), answered("sourdough", "baker", 49), accepted("sourdough", "baker", 48)),
    *(asked("bread", 40), answered("bread", "baker", 39), answered("bread", "cyclist", 38)),
    *(asked("bike", 30), answered("bike", "cyclist", 29), accepted("bike", "cyclist", 28)),
    *(asked("chain", 20), answered("chain", "cyclist", 19)),
    *(asked("rent", 10), answered("rent", "lawyer", 9), accepted("rent", "lawyer", 8)),
)


def index_of(records: Any = TOWN, profile: str = "qa") -> Index:
    about = Question(
        network="custom:town", accounts=(), topics=(), trust_root=NO_ROOT, as_of=NOW, window_days=3650, profile="qa"
    )
    return build_index(build_columns(records, about), load_formula().roles(profile))


def ranked(index: Index, text: str | None, tags: tuple[str, ...] = (), at: datetime = NOW) -> AnswererRanking:
    return rank(index, load_formula(), text=text, tags=tags, as_of=microseconds(at))


def order(index: Index, ranking: AnswererRanking) -> list[str]:
    """Those who ever answered, best first."""
    people = [person for person in range(index.people) if ranking.facts.answers[person]]
    return [index.columns.people[person] for person in sorted(people, key=lambda p: -ranking.total[p])]
