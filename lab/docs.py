"""Writes what documentation takes from facts: the tables of docs/, of the method, settings, formats and networks.

And the digest that verify knows the method by. Run `python -m lab.docs`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from candor.formats.dumps.registry import FORMATS
from candor.scoring.method import known_versions, load_method
from candor.scoring.published import PublishedMethod, published
from candor.settings import FACTS, Settings, variable, written
from candor.store.kept import FILES, REDIS, spelled
from worker.connectors import CONNECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).parent.parent
METHOD_PAGE = ROOT / "docs" / "method.md"
SETTINGS_PAGE = ROOT / "docs" / "operations.md"
FORMATS_PAGE = ROOT / "docs" / "formats.md"
NETWORKS_PAGE = ROOT / "docs" / "networks.md"
PUBLISHED = ROOT / "candor" / "scoring" / "verify" / "published.json"


def rewritten(page: str) -> str:
    """Return a page with every marked table made anew. Raises KeyError for a mark no table answers to."""
    method = published(load_method())
    of_method = {name: make(method) for name, make in TABLES.items()}
    of_facts = {"settings": _settings(), "kept": _kept(), "formats": _formats(), "trusted": _trusted()}
    return with_tables(page, {**of_facts, **of_method, "networks": _networks(), "unseen": _unseen()})


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """Return a page with what stands between its marks replaced. Raises KeyError for a mark no table answers to."""
    return re.sub(
        r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}\n{tables[found[2]]}\n\n{found[3]}",
        page,
        flags=re.DOTALL,
    )


def _features(method: PublishedMethod) -> str:
    rows = (
        (
            f"`{feature.facts.id}`",
            feature.side,
            feature.facts.question,
            feature.facts.formula,
            feature.facts.unit,
            "; ".join(feature.facts.weaknesses),
            feature.facts.source,
        )
        for feature in method.features
    )
    return table(("feature", "side", "question", "raw value", "unit", "known weakness", "source"), rows)


def _weights(method: PublishedMethod) -> str:
    rows = (
        (
            f"`{feature.facts.id}`",
            f"{feature.p50:g}",
            f"{feature.p90:g}",
            *(f"{feature.weights[name]:g}" if name in feature.weights else "–" for name in method.profiles),
        )
        for feature in method.features
    )
    return table(("feature", "p50", "p90", *method.profiles), rows)


def _kinds(method: PublishedMethod) -> str:
    rows = (
        (
            f"`{kind.facts.id}`",
            f"{kind.strength:g}{'·m' if kind.facts.soft else ''}",
            kind.facts.when,
            kind.facts.made_of,
            kind.facts.weakness,
        )
        for kind in method.kinds
    )
    return table(("kind", "strength q", "when", "made of", "known weakness"), rows)


def _constants(method: PublishedMethod) -> str:
    sections = (
        "window",
        "standing",
        "voice",
        "backing",
        "copies",
        "topics",
        "status",
        "interval",
        "robustness",
        "position",
    )
    rows = (
        (f"`{section}.{name}`", str(value))
        for section in sections
        for name, value in msgspec.structs.asdict(getattr(method, section)).items()
        if value is not None
    )
    return table(("constant", "value"), rows)


def _settings() -> str:
    """Write a row for each setting: its variable, its default, its unit and what it does."""
    rows = (
        (
            f"`{variable(name)}`",
            f"`{default}`" if (default := written(getattr(Settings, name))) else "",
            facts.unit,
            facts.help,
        )
        for name, facts in FACTS.items()
    )
    return table(("variable", "default", "unit", "what it does"), rows)


def _kept() -> str:
    """Write a row for each kind of thing that is kept."""
    rows = (
        (
            kept.what,
            ", ".join(f"`{spelled(place)}`" for place in kept.places),
            kept.people,
            kept.ends if kept.setting is None else f"`{variable(kept.setting)}` {kept.ends}",
            kept.erased,
        )
        for kept in (*REDIS, *FILES)
    )
    return table(("what", "where", "of people", "until", "an erasure"), rows)


def _formats() -> str:
    """Write a row for each format of dumps: what becomes what."""
    every = [form.facts for form in FORMATS.values()]
    rows = ((f"`{f.id}`: {f.label}", f.question, f.answer, f.accept, f.review, f.lost) for f in every)
    return table(("format", "question or note", "answer or reply", "accept", "review", "what is lost"), rows)


def _trusted() -> str:
    every = [form.facts for form in FORMATS.values()]
    rows = ((f"`{f.id}`", f.files, f"`{f.network}`", f.account, f.trusted) for f in every)
    return table(("format", "files", "network", "account name", "whom its source trusts"), rows)


def _networks() -> str:
    """Write a row for each network that is read: by which leave, how fast, and what is taken for a no."""
    every = [connector.facts for connector in CONNECTORS]
    rows = ((f"`{f.family}`", f.terms, f.limits, ", ".join(f.consent), f.operator_adds or "") for f in every)
    return table(("network", "what is read", "how fast", "taken for a no", "what the operator's key adds"), rows)


def _unseen() -> str:
    every = [connector.facts for connector in CONNECTORS]
    rows = ((f"`{f.family}`", "; ".join(f.unseen.values())) for f in every)
    return table(("network", "what is not seen"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


TABLES = {"features": _features, "weights": _weights, "kinds": _kinds, "constants": _constants}


def published_digests() -> str:
    """Return the file by which verify knows the digest of each version."""
    methods = map(load_method, known_versions())
    return msgspec.json.format(msgspec.json.encode({m.version: m.digest for m in methods}), indent=2).decode() + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(published_digests(), encoding="utf-8")
    for page in (METHOD_PAGE, SETTINGS_PAGE, FORMATS_PAGE, NETWORKS_PAGE):
        page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
