"""Topic import: topics from vocabularies of others, SKOS as JSON and CSV with labels by language."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from candor.scoring.topics import Topic, check_topic
from candor.scoring.words import slug, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

VocabularyFormat = Literal["skos-json", "csv"]
Labels = dict[str, list[str]]

_CSV_COLUMNS = {
    "id": ("topicId", "id"),
    "slug": ("topicSlug", "slug"),
    "language": ("language", "lang"),
    "label": ("topicDisplayName", "label", "name"),
    "broader": ("parentTopicId", "broader"),
}
_NO_LANGUAGE = "en"


class TopicFault(msgspec.Struct, frozen=True):
    """A part of the source that became no topic: where (a line or a concept) and why."""

    where: str
    detail: str


class _Concept(msgspec.Struct):
    """What is read of a SKOS concept; IPTC writes more."""

    uri: str
    qcode: str | None = None
    prefLabel: dict[str, str] = {}  # noqa: N815 -- the name in the file
    altLabel: dict[str, str | list[str]] = {}  # noqa: N815 -- the name in the file
    broader: list[str] = []
    retired: str | None = None


class _Source(msgspec.Struct):
    """A concept of any vocabulary, before it is a topic. `where` it stands is for faults."""

    where: str
    key: str
    slug: str
    labels: Labels
    broader: tuple[str, ...] = ()
    uri: str = ""


def read_topics(
    source: Path | bytes, form: VocabularyFormat | None = None, *, on_fault: Callable[[TopicFault], None]
) -> Iterator[Topic]:
    """Yield a topic for each concept: every label in every language becomes a term, its id is the slug of its name.

    A path's ending names the format (.json, .csv). `skos-json` is a `conceptSet` of concepts with `prefLabel` and
    `altLabel` by language, as IPTC publishes its Media Topics; retired concepts are faults. `csv` has a header with
    topicId (or id), topicDisplayName (label, name), and perhaps topicSlug (slug), language (lang) and parentTopicId
    (broader); rows with one id are one topic, as in the Klout Topic Ontology. Where two names give one slug the later
    gets its own id as well.
    Raises ValueError when the whole is unreadable; what is wrong with a part of it goes to `on_fault`.
    """
    if isinstance(source, Path):
        form = form or ("csv" if source.suffix.lower() == ".csv" else "skos-json")
        source = source.read_bytes()
    if form is None:
        raise ValueError("the format of the vocabulary is not named")
    read = _read_csv if form == "csv" else _read_skos
    taken: set[str] = set()
    made: list[tuple[Topic, _Source]] = []
    for concept in read(source, on_fault):
        try:
            topic = _topic(concept, taken)
            check_topic(topic)
        except ValueError as error:
            on_fault(TopicFault(concept.where, str(error)))
        else:
            taken.add(topic.id)
            made.append((topic, concept))
    ids = {name: topic.id for topic, concept in made for name in (concept.key, concept.uri, concept.where) if name}
    for topic, concept in made:
        broader = tuple(dict.fromkeys(ids[name] for name in concept.broader if name in ids))
        yield msgspec.structs.replace(topic, broader=broader)


def _topic(concept: _Source, taken: set[str]) -> Topic:
    names = {language: labels[0] for language, labels in sorted(concept.labels.items(), key=_english_first)}
    if not names:
        raise ValueError("it has no label")
    label = next(iter(names.values()))
    topic_id = next(filter(None, map(slug, (concept.slug, *names.values()))), f"topic-{slug(concept.key)}")
    if topic_id in taken:
        topic_id = f"{topic_id}-{slug(concept.key)}"
    terms: dict[tuple[str, ...], str] = {}
    for language in names:
        for text in concept.labels[language]:
            terms.setdefault(tuple(tokens(text)), text)
    return Topic(id=topic_id[:200], label=label, terms=tuple(terms.values()), labels=names)


def _english_first(item: tuple[str, object]) -> tuple[bool, str]:
    return not item[0].lower().startswith("en"), item[0]


def _read_skos(source: bytes, on_fault: Callable[[TopicFault], None]) -> Iterator[_Source]:
    try:
        concepts = msgspec.json.decode(source, type=dict[str, msgspec.Raw])["conceptSet"]
        raws = msgspec.json.decode(concepts, type=list[msgspec.Raw])
    except (msgspec.DecodeError, KeyError, RecursionError) as error:
        raise ValueError(f"not SKOS as JSON, which is an object with a conceptSet: {error}") from error
    for number, raw in enumerate(raws, 1):
        try:
            concept = msgspec.json.decode(raw, type=_Concept)
        except msgspec.DecodeError as error:
            on_fault(TopicFault(f"concept {number}", str(error)))
            continue
        key = concept.qcode or concept.uri
        if concept.retired:
            on_fault(TopicFault(key, f"retired on {concept.retired[:10]}"))
        else:
            short = key.rpartition(":")[2].rpartition("/")[2]
            yield _Source(key, short, "", _skos_labels(concept), tuple(concept.broader), concept.uri)


def _skos_labels(concept: _Concept) -> Labels:
    labels = {language: [label] for language, label in concept.prefLabel.items() if label.strip()}
    for language, more in concept.altLabel.items():
        labels.setdefault(language, []).extend([more] if isinstance(more, str) else more)
    return labels


def _read_csv(source: bytes, on_fault: Callable[[TopicFault], None]) -> Iterator[_Source]:
    try:
        rows = csv.DictReader(io.StringIO(source.decode("utf-8-sig"), newline=""), strict=True)
        columns = _columns(rows.fieldnames or ())
        concepts: dict[str, _Source] = {}
        for row in rows:
            where = f"line {rows.line_num}"
            cell = {part: (row[name] or "").strip() for part, name in columns.items()}
            if cell["id"] and cell["label"] and None not in row:
                _gather(concepts, where, cell)
            else:
                on_fault(TopicFault(where, "the row has no id, no label or cells without a column"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"not CSV in UTF-8: {error}") from error
    yield from concepts.values()


def _columns(header: Sequence[str]) -> Mapping[str, str]:
    columns = {part: next((name for name in known if name in header), "") for part, known in _CSV_COLUMNS.items()}
    missing = [" or ".join(_CSV_COLUMNS[part]) for part in ("id", "label") if not columns[part]]
    if missing:
        raise ValueError(f"the header lacks a column: {', '.join(missing)}")
    return {part: name for part, name in columns.items() if name}


def _gather(concepts: dict[str, _Source], where: str, cell: Mapping[str, str]) -> None:
    broader = (cell["broader"],) if cell.get("broader") else ()
    concept = concepts.setdefault(cell["id"], _Source(where, cell["id"], cell.get("slug", ""), {}, broader))
    concept.labels.setdefault(cell.get("language") or _NO_LANGUAGE, []).append(cell["label"])
