"""Writes what documentation takes from facts: the tables of docs/, of the method, settings, formats and networks.

And the digest that verify knows the method by. Run `python -m lab.docs`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import datetime
from functools import cache
from math import fsum, log, log2
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import msgspec

from candor import sample
from candor.formats.dumps.registry import FORMATS
from candor.scoring.activity import Activity
from candor.scoring.features import FEATURES
from candor.scoring.method import known_versions, load_method
from candor.scoring.published import PublishedMethod, published
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import load_catalogue
from candor.settings import FACTS, Settings, setting_text, variable
from candor.store.kept import FILES, REDIS, spelled
from service.words import typeset, words
from worker.connectors import CONNECTORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Say = Callable[[str], str]
    from collections.abc import Iterator


ROOT = Path(__file__).parent.parent
METHOD_PAGE = ROOT / "docs" / "method.md"
FRENCH_METHOD_PAGE = METHOD_PAGE.with_suffix(".fr.md")
SETTINGS_PAGE = ROOT / "docs" / "operations.md"
FORMATS_PAGE = ROOT / "docs" / "formats.md"
NETWORKS_PAGE = ROOT / "docs" / "networks.md"
_FRENCH = Path(__file__).with_name("french.toml")
PUBLISHED = ROOT / "candor" / "scoring" / "verify" / "published.json"


def rewritten(page: str) -> str:
    """Return a page with every marked table made anew. Raises KeyError for a mark no table answers to."""
    method = published(load_method())
    of_method = {name: make(method, str) for name, make in TABLES.items() if f"table: {name} " in page}
    of_facts = {"settings": _settings(), "kept": _kept(), "formats": _formats(), "trusted": _trusted()}
    return with_tables(page, {**of_facts, **of_method, "networks": _networks(), "unseen": _unseen()})


def rewritten_in_french(page: str) -> str:
    """Return the French page of the method with every marked table made anew: the same facts, said in French."""
    method = published(load_method())
    tables = {name: with_commas(make(method, _in_french)) for name, make in TABLES.items()}
    return typeset(with_tables(page, tables), "fr")


def _in_french(text: str) -> str:
    """Say the head or the fact of a table in French. Raises LookupError, saying what to do, for what has no French."""
    of_tables = {f.facts.unit: f.french.unit for f in FEATURES} | french_of_tables()["method"]
    said = of_tables.get(text) or words("fr").translate(text)
    if said == text and text not in of_tables:
        raise LookupError(f'"{text}" is not said in French: add it to [method] in lab/{_FRENCH.name}')
    return said


@cache
def french_of_tables() -> dict[str, dict[str, str]]:
    """Return the French of what stands in tables alone: heads and the texts of cells."""
    return tomllib.loads(_FRENCH.read_text("utf-8"))


def with_commas(text: str) -> str:
    """Write decimals as French does."""
    return re.sub(r"(?<![\w.:])(\d+)\.(\d+)(?!\w|\.\d)", r"\1,\2", text)


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """Return a page with what stands between its marks replaced. Raises KeyError for a mark no table answers to."""
    return re.sub(
        r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}\n{tables[found[2]]}\n\n{found[3]}",
        page,
        flags=re.DOTALL,
    )


def _features(method: PublishedMethod, say: Say) -> str:
    rows = (
        (
            f"`{feature.facts.id}`",
            say(feature.side),
            say(feature.facts.question),
            say(feature.facts.formula),
            say(feature.facts.unit),
            say("; ").join(map(say, feature.facts.weaknesses)),
            say(feature.facts.source),
        )
        for feature in method.features
    )
    return table(map(say, ("feature", "side", "question", "raw value", "unit", "known weakness", "source")), rows)


def _weights(method: PublishedMethod, say: Say) -> str:
    rows = (
        (
            f"`{feature.facts.id}`",
            f"{feature.p50:g}",
            f"{feature.p90:g}",
            *(f"{feature.weights[name]:g}" if name in feature.weights else "–" for name in method.profiles),
        )
        for feature in method.features
    )
    return table((say("feature"), "p50", "p90", *method.profiles), rows)


def _kinds(method: PublishedMethod, say: Say) -> str:
    rows = (
        (
            f"`{kind.facts.id}`",
            f"{kind.strength:g}{'·m' if kind.facts.soft else ''}",
            say(kind.facts.when),
            say(kind.facts.made_of),
            say(kind.facts.weakness),
        )
        for kind in method.kinds
    )
    return table(map(say, ("kind", "strength q", "when", "made of", "known weakness")), rows)


def _constants(method: PublishedMethod, say: Say) -> str:
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
    return table(map(say, ("constant", "value")), rows)


def _settings() -> str:
    """Write a row for each setting: its variable, its default, its unit and what it does."""
    rows = (
        (
            f"`{variable(name)}`",
            f"`{default}`" if (default := setting_text(getattr(Settings, name))) else "",
            facts.unit,
            f"{facts.between[0]:,} to {facts.between[1]:,}" if facts.between else "",
            facts.help,
        )
        for name, facts in FACTS.items()
    )
    return table(("variable", "default", "unit", "may be", "what it does"), rows)


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
    """Write a row for each network that is read: by which leave, how fast, and what counts as a refusal."""
    every = [connector.facts for connector in CONNECTORS]
    rows = ((f"`{f.family}`", f.terms, f.limits, ", ".join(f.consent), f.operator_adds or "") for f in every)
    return table(("network", "what is read", "how fast", "counts as a refusal", "what the operator's key adds"), rows)


def _unseen() -> str:
    every = [connector.facts for connector in CONNECTORS]
    rows = ((f"`{f.family}`", "; ".join(f.unseen.values())) for f in every)
    return table(("network", "what is not seen"), rows)


def table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    names = list(head)
    lines = ["| " + " | ".join(cells) + " |" for cells in (names, ["---"] * len(names), *rows)]
    return "\n".join(lines)


def _example(_: PublishedMethod, say: Say) -> str:
    """Write a row for each step of a score computed by hand, and the score of the document as the last."""
    found = example_document()
    made = [(what, how, round(figure, 6 if what.startswith("`") else 5)) for what, how, figure in example_steps(found)]
    points = [figure for what, _, figure in made if what.startswith("`")]
    score = found["expertise"]["score"]
    if round(sum(points), 6) != score:
        raise ValueError(f"the steps of the worked example add up to {sum(points)}, its document says {score}")
    made.append((f"**{say('expertise')}**", " + ".join(map(str, points)), score))
    return table(map(say, ("step", "how", "figure")), ((what, how, str(figure)) for what, how, figure in made))


TABLES = {
    "features": _features,
    "weights": _weights,
    "kinds": _kinds,
    "constants": _constants,
    "example": _example,
}


def published_digests() -> str:
    """Return the file by which verify knows the digest of each version."""
    methods = map(load_method, known_versions())
    return msgspec.json.format(msgspec.json.encode({m.version: m.digest for m in methods}), indent=2).decode() + "\n"


PERSON = "p02"
"""Two people thanked him once each, no limit takes anything away, and most of his help is on other topics."""
DAY_S = 86_400
NORMAL = NormalDist()


def example_document() -> dict[str, Any]:
    """Return the score document of the example, with all evidence."""
    lines = sample.records_path().read_bytes().splitlines()
    question = Question(
        network=sample.NETWORK,
        accounts=(PERSON,),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=sample.trust_root(),
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
    )
    activities = [msgspec.json.decode(line, type=Activity) for line in lines]
    (made,) = score(activities, question, load_method())
    found: dict[str, Any] = msgspec.to_builtins(made)
    return found


def example_steps(found: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
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
    others = [row["voice"] for row in _rows(side["evidence"], "other_topics")]
    yield from _points(fsum(voices), others, side["features"])


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


def _points(a: float, others: list[float], features: list[dict[str, Any]]) -> Iterator[tuple[str, str, float]]:
    """Yield the steps from A, which no limit holds down here, to the points; other raw values are as stated."""
    yield "A", f"min({a:.5f}, {a:.5f} + 0, {a:.5f})", a
    b = a + fsum(others)
    yield "B", " + ".join(f"{each:.5f}" for each in (a, *others)), b
    focused = a * ((a + 10) / (b + 10)) ** 0.75
    yield "A·((A+10)/(B+10))^0.75", f"{a:.5f} · ({a + 10:.5f}/{b + 10:.5f})^0.75", focused
    computed = {"acknowledged_help": a, "specialised_help": focused}
    sigmas: dict[tuple[float, float], float] = {}
    for feature in (each for each in features if each["contribution"]):
        p50, p90, weight = feature["curve"]["p50"], feature["curve"]["p90"], feature["weight"]
        if (p50, p90) not in sigmas:
            sigmas[p50, p90] = log(p90 / p50) / NORMAL.inv_cdf(0.9)
            yield "σ", f"ln({p90:g}/{p50:g})/1.281552", sigmas[p50, p90]
        raw, sigma = computed.get(feature["id"], feature["raw"]), sigmas[p50, p90]
        how = f"{weight:g} · Φ(ln({raw:.5f}/{p50:g})/{sigma:.5f})"
        yield f"`{feature['id']}`", how, weight * NORMAL.cdf(log(raw / p50) / sigma)


if __name__ == "__main__":
    pages = (METHOD_PAGE, SETTINGS_PAGE, FORMATS_PAGE, NETWORKS_PAGE)
    made = {page: rewritten(page.read_text(encoding="utf-8")) for page in pages}
    made[FRENCH_METHOD_PAGE] = rewritten_in_french(FRENCH_METHOD_PAGE.read_text(encoding="utf-8"))
    for path, text in {**made, PUBLISHED: published_digests()}.items():
        path.write_text(text, encoding="utf-8")
