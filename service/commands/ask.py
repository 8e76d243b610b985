"""`candor ask`: who would answer a question, from a file of records or through a service; and its verification."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import numpy as np

from candor.client import Client
from candor.names.networks import network_of
from candor.questions.answer import QuestionAnswer
from candor.questions.answering import QuestionRequest, answer
from candor.questions.formula import load_formula
from candor.questions.index import build_index
from candor.questions.trust import TrustReach
from candor.questions.verify import TOLERANCE, findings
from candor.scoring.columns import moment
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.trust_root import NO_ROOT
from candor.scoring.verify import UNREADABLE
from candor.scoring.window import window_of
from service.commands.errors import say, usage_error
from service.commands.job_body import parse_instant
from service.commands.sources import STDIN, HowWritten, read_record_table, written_options
from service.schemas.questions import MOST_PEOPLE
from service.words import LANGUAGES, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from candor.questions.answer import PersonWhoMayAnswer
    from candor.scoring.table import Table

MOST_TOLD = 20
PART_WORDS = {"year": "year", "month": "month", "week": "week", "similar": "like it", "tags": "tags", "load": "load"}


@click.command()
@click.argument("text", required=False)
@click.option("--tag", "tags", multiple=True, help="A tag of the question; several are allowed.")
@click.option("--activities", "source", metavar="FILE", help="Records of the community; - for stdin.")
@click.option("--network", help="Where the records are from: stackexchange:travel, custom:NAME …")
@click.option(
    "--profile",
    type=click.Choice(sorted(load_formula().profiles)),
    help="Type of community: what counts as a question and an answer.",
)
@click.option("--map", "pairs", multiple=True, metavar="FROM=TO", help="As in `candor score`.")
@written_options
@click.option("--server", metavar="URL", help="Ask this service instead, about --dataset.")
@click.option("--dataset", help="The data set there.")
@click.option("--trust-root", help="Whose trust counts for the expertise shown beside the list.")
@click.option("--key", envvar="CANDOR_KEY", metavar="ck_…", help="Key for --server; better in CANDOR_KEY.")
@click.option("--as-of", metavar="TIME", help="Read only what happened before; now by default.")
@click.option("--limit", type=click.IntRange(1, MOST_PEOPLE), default=5, show_default=True, help="How many people.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the reasons.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON, for `candor verify`.")
def ask(**given: Any) -> None:
    """Find people who would answer a question, each with the exact sum of parts and the reasons.

    The question is TEXT, or tags, or both. Nothing that happened at --as-of or later is read.
    """
    if not given["text"] and not given["tags"]:
        raise usage_error("give the question, or at least one --tag")
    if (given["source"] is None) == (given["server"] is None):
        raise usage_error("give either --activities or --server")
    found = _there(given) if given["server"] else _here(given)
    if given["as_json"]:
        click.echo(msgspec.json.format(msgspec.json.encode(found)))
    else:
        click.echo(show(found, given["lang"]))


def _here(given: dict[str, Any]) -> QuestionAnswer:
    """Answer in this process. Raises CommandError."""
    if given["network"] is None:
        raise usage_error("--activities needs --network")
    try:
        profile = given["profile"] or network_of(given["network"]).profile or "qa"
    except ValueError as error:
        raise usage_error(str(error)) from None
    as_of = parse_instant(given["as_of"], datetime.now(UTC))
    asked = QuestionRequest(
        text=given["text"],
        tags=given["tags"],
        network=given["network"],
        profile=profile,
        as_of=as_of,
        limit=given["limit"],
    )
    records = read_record_table(given["source"], given["network"], HowWritten.of(given), skip_bad=False)
    return _answer_from(records, asked)


def _answer_from(records: Table, asked: QuestionRequest, first: Collection[str] = ()) -> QuestionAnswer:
    """Answer from records: index all of them, as the service does, and read what happened before.

    People who are said to be reached by trust come `first`.
    """
    about = Question(
        network=asked.network,
        accounts=(),
        topics=(),
        trust_root=NO_ROOT,
        as_of=max(asked.as_of, moment(int(records.published.max(initial=0)))) + timedelta(seconds=1),
        window_days=ALL_DAYS,
        profile="qa",
    )
    index = build_index(window_of(records, about), load_formula().roles(asked.profile))
    none = np.zeros(index.people, np.int64)
    reached = TrustReach(np.isin(index.columns.people, list(first)), none, none)
    return answer(index, load_formula(), asked, {}, reached if first else "nobody_chosen")


def _there(given: dict[str, Any]) -> QuestionAnswer:
    """Have a service answer. Raises ClientError, CommandError."""
    if given["dataset"] is None:
        raise usage_error("--server needs --dataset")
    body = {name: given[name] for name in ("text", "dataset", "trust_root", "limit")}
    as_of = given["as_of"] and parse_instant(given["as_of"], datetime.now(UTC)).isoformat()
    client = Client(given["server"], given["key"], on_message=say)
    return client.ask_question({**body, "tags": list(given["tags"]), "as_of": as_of})


def show(found: QuestionAnswer, language: str) -> str:
    """Write an answer for people."""
    lines = [found.status_words[language], found.trust.words[language], ""]
    for person in found.people:
        lines += [*_person(person, language), ""]
    if any(person.sum < 0 for person in found.people):
        lines += [words(language)("questions.below_zero"), ""]
    lines.append(f"formula {found.formula.version}, {found.candidates} people compared, as of {found.as_of:%Y-%m-%d}")
    return "\n".join(lines)


def _person(person: PersonWhoMayAnswer, language: str) -> list[str]:
    name = f" ({person.name})" if person.name and person.name != person.account else ""
    parts = "  ".join(f"{PART_WORDS[part]} {points:+.2f}" for part, points in person.parts.items())
    lines = [f"{person.rank}. {person.account}{name}", f"   {person.sum:.2f} =  {parts}"]
    lines += [f"   - {person.trust.words[language]}"] if person.trust else []
    lines += [f"   - {reason}" for reason in person.reasons[language]]
    lines += [f"   > {each.question_text or each.question} [{', '.join(each.words)}]" for each in person.answered[:3]]
    return lines


def read_answer(file: str) -> dict[str, Any] | None:
    """Return the answer to a question that a file holds, or None where it holds something else."""
    try:
        content = None if file == STDIN else json.loads(Path(file).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and content.get("kind") == "question_answer" else None


def verify_answer(document: dict[str, Any]) -> int:
    """Recompute an answer and tell what is off; 0 where all adds up, else 1."""
    try:
        off = findings(document)
    except UNREADABLE as error:
        off = [f"cannot be read: {type(error).__name__}: {error}"]
    if off:
        click.echo("\n".join([f"{len(off)} checks failed", *(f"  {each}" for each in off)]))
        return 1
    click.echo(f"all adds up: {len(document['people'])} people, formula {document['formula']['version']}")
    return 0


def verify_from_records(document: dict[str, Any], source: str, written: HowWritten) -> int:
    """Answer the question of an answer anew from records, and tell what differs; 0 where nothing does, else 1.

    Raises CommandError where they cannot be read.
    """
    try:
        stated = msgspec.convert(document, QuestionAnswer)
        asked = QuestionRequest(
            text=stated.text,
            tags=stated.tags,
            network=stated.network,
            profile=stated.profile,
            as_of=stated.as_of,
            limit=max(1, len(stated.people)),
        )
    except msgspec.ValidationError as error:
        raise usage_error(f"the answer cannot be read: {error}") from None
    if stated.formula_digest != load_formula().digest:
        raise usage_error(f"the answer is by formula {stated.formula.version}, this is {load_formula().version}")
    records = read_record_table(source, asked.network, written, skip_bad=True)
    made = _answer_from(records, asked, {each.account for each in stated.people if each.trust and each.trust.reached})
    off = list(_differences("", *(_compared(each) for each in (stated, made))))
    if off:
        click.echo(
            "\n".join(
                [f"{len(off)} parts are other than these records give", *(f"  {each}" for each in off[:MOST_TOLD])]
            )
        )
        return 1
    click.echo(f"answered anew from these records, with the same outcome: {len(stated.people)} people")
    return 0


def _compared(found: QuestionAnswer) -> Any:
    """Return what records alone decide: not the data set, nor whom trust reaches and expertise, which stand beside."""
    plain = msgspec.to_builtins(found, builtin_types=())
    for name in ("dataset", "dataset_digest", "trust"):
        del plain[name]
    for person in plain["people"]:
        del person["expertise"], person["trust"]
    return plain


def _differences(pointer: str, stated: Any, made: Any) -> Iterator[str]:
    """Yield where two values differ, each with a JSON pointer; numbers may differ in the last digits."""
    if isinstance(stated, dict) and isinstance(made, dict) and stated.keys() == made.keys():
        for name in stated:
            yield from _differences(f"{pointer}/{name}", stated[name], made[name])
    elif isinstance(stated, list | tuple) and isinstance(made, list | tuple) and len(stated) == len(made):
        for place, (ours, theirs) in enumerate(zip(stated, made, strict=True)):
            yield from _differences(f"{pointer}/{place}", ours, theirs)
    elif isinstance(stated, float) and isinstance(made, float):
        if not math.isclose(stated, made, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{pointer}: states {stated!r}, from these records {made!r}"
    elif stated != made:
        yield f"{pointer}: states {stated!r}, from these records {made!r}"
