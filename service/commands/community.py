"""`candor score` without an account: everybody in the records, ranked on each topic, as text or as a file."""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from candor.formats.tables import MOST_SHEET_ROWS, Form, TooManyRowsError, written
from candor.scoring.board import make_board
from candor.scoring.board_row import TitledRow, order_may_be_chance
from candor.scoring.everybody import Everybody
from candor.scoring.made_from import TrustRootRef
from candor.scoring.method import load_method
from candor.scoring.trust_root import root_names
from candor.scoring.world import build_world
from service.commands.errors import usage_error
from service.commands.text import printable, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from candor.client import Client
    from candor.scoring.question import Question
    from service.commands.sources import ScoreRequest, ScoreSource

STDOUT = "-"
SHOWN = 20
_WIDTHS = (5, 44, 7, 13, 8)


def rank_here(source: ScoreSource, asking: Question, version: str | None) -> Iterator[TitledRow]:
    """Rank everybody in this process. Raises CommandError when the records or the profile do not fit."""
    try:
        world = build_world(source.read(), asking, load_method(version))
        everybody = Everybody(world)
        root, *_ = root_names(world.root)
        title: dict[str, Any] = {
            "network": asking.network,
            "trust_root": root,
            "as_of": asking.as_of,
            "method": world.method.version,
        }
        for number, topic in enumerate(asking.topics):
            board = make_board(world, number, everybody=everybody)
            for row in board.rows(0, len(board)):
                yield TitledRow(**title, topic=topic.id, **msgspec.structs.asdict(row))
    except ValueError as error:
        raise usage_error(str(error)) from None


def rank_there(source: ScoreSource, asked: ScoreRequest, client: Client) -> Iterator[TitledRow]:
    """Have a service rank everybody. Its data set is deleted afterwards, the boards are kept as any."""
    with source.sent(client, asked) as said:
        job = client.wait(client.ask(**{**asked.body, **said}))
    for result in job["results"]:
        if result["board_id"] is None:
            continue
        found = client.whole_board(result["board_id"], kind="all")
        root, *_ = root_names(msgspec.convert(found["board"]["trust_root"], TrustRootRef))
        title = {name: found["board"][name] for name in ("topic", "network", "as_of", "method")}
        for row in found["data"]:
            yield msgspec.convert({**row, **title, "trust_root": root}, TitledRow)


def write(rows: Iterable[TitledRow], form: Form | None, output: str) -> None:
    """Write boards to a file or to stdout, in a form or as text. Raises CommandError."""
    if form in {"parquet", "xlsx"} and output == STDOUT and sys.stdout.isatty():
        raise usage_error(f"{form} is no text: name a file with --output")
    with click.open_file(output, "wb") as file:
        if form is None:
            file.write("".join(f"{line}\n" for line in shown(rows)).encode())
        else:
            try:
                file.writelines(written(rows, TitledRow, form, Path(tempfile.gettempdir())))
            except TooManyRowsError:
                raise usage_error(f"a workbook takes at most {MOST_SHEET_ROWS:,} rows: write csv or parquet") from None
            if form == "json":
                file.write(b"\n")


def shown(rows: Iterable[TitledRow]) -> Iterator[str]:
    """Yield the lines of a table for each topic: its first twenty people."""
    found = False
    for topic, some in itertools.groupby(rows, key=lambda row: row.topic):
        found = True
        board = list(some)
        title = f"{len(board):,} accounts on {printable(topic)}"
        yield from (title, "=" * len(title))
        yield _line("rank", "account", "score", "90 % interval", "interest", "people")
        yield from map(_row, board[:SHOWN])
        if order_may_be_chance(board[:SHOWN]):
            yield "Where the intervals of two overlap, their order may be chance."
        if len(board) > SHOWN:
            yield f"… and {len(board) - SHOWN:,} more: --format csv, xlsx, ndjson, json or parquet writes them all"
        yield ""
    if not found:
        yield "Nobody is on a board: nothing in the records is on these topics."


def _row(row: TitledRow) -> str:
    name = printable(f"{row.name} ({row.account})" if row.name else row.account)
    name += f", {row.kind}" if row.kind in {"organisation", "bot"} else ""
    score = row.expertise.status.replace("_", " ") if row.expertise.score is None else f"{row.expertise.score:.1f}"
    interest = "-" if row.interest.score is None else f"{row.interest.score:.1f}"
    rank = "-" if row.rank is None else str(row.rank)
    line = _line(rank, name, score, span(row.expertise.interval) or "-", interest, f"{row.people:,}")
    return f"{line}  rough" if row.expertise.little_evidence else line


def _line(rank: str, name: str, *others: str) -> str:
    first, second, *rest = _WIDTHS
    columns = (text.rjust(width) for text, width in zip(others, [*rest, 6], strict=True))
    name = name if len(name) <= second else f"{name[: second - 1]}…"
    return f"{rank:>{first}}  {name:<{second}}  {'  '.join(columns)}"
