"""The dump of a Stack Exchange site: Posts.xml, Votes.xml, Users.xml, Badges.xml and Comments.xml, row by row."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, cast

from candor.formats.compression import files_in, is_packed
from candor.formats.delimited import header_in, rows_in
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run, chunks_of, lines_in
from candor.formats.dumps.uploaded import UploadedFile
from candor.formats.lines import LONGEST_LINE_BYTES
from candor.formats.reading import record
from candor.scoring.markup import plain
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="stackexchange",
    label="Stack Exchange dump",
    files="a folder with Posts.xml and, if there, Votes.xml, Users.xml, Badges.xml, Comments.xml, or the 7z of it "
    "where bsdtar or 7z is installed; or posts as CSV of the Data Explorer, with Id, PostTypeId and CreationDate",
    network="stackexchange:SITE",
    account="number of the member",
    question="a post of type 1",
    answer="a post of type 2; comments are replies",
    accept="AcceptedAnswerId, by who asked, dated as its vote in Votes.xml, without that as the answer",
    trusted="holders of a gold badge for a tag",
    lost="who voted, edits, closing and bounties; posts of deleted members belong to nobody",
)
_ROW = re.compile(r"""<row((?:\s+\w+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*/?>""")
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ROOT = re.compile(rb"<(posts|votes|users|badges|comments)[\s/>]")
_COLUMNS = frozenset({"Id", "PostTypeId", "CreationDate"})
_HEAD_BYTES = 16 * 1024
"""Since 2025 a note on the licence stands above the rows."""
_TAG = re.compile(r"[^<>|\s]+")
_QUESTION, _ANSWER = "1", "2"
_ACCEPTED, _UP, _DOWN = "1", "2", "3"
_VALUE = {_UP: 1.0, _DOWN: -1.0}
_Row = dict[str, str]
_USED = frozenset({"posts", "votes", "users", "badges", "comments"})
_OTHERS = _USED | {"posthistory", "postlinks", "tags"}


def is_posts(head: bytes) -> bool:
    """Say whether a text begins as Posts.xml does."""
    return b"<posts>" in head[:_HEAD_BYTES] and head.lstrip()[:5] in {b"<?xml", b"<post"}


def is_table(names: Iterable[str]) -> bool:
    """Say whether columns are those of the site's table of posts, as its Data Explorer gives them."""
    return set(names) >= _COLUMNS


def posts_alone(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield what Posts.xml alone tells, as records to be read: what was accepted is dated as the answer."""
    run = Run("")
    posts = _Posts(run, once=True)
    yield from map(_told, posts.read(_rows(_pieces(chunks), run)))
    yield from map(_told, posts.accepts({}))


def posts_in_rows(rows: Iterable[Any]) -> Iterator[Any]:
    """Yield what the rows of posts tell, as records to be read; what is no row stays as it is."""
    run = Run("")
    posts = _Posts(run, once=True)
    for row in rows:
        before = run.left_out["malformed"]
        if not isinstance(row, dict):
            yield row
            continue
        yield from map(_told, posts.read([row]))
        if run.left_out["malformed"] > before:
            yield {"id": row.get("Id"), "published": row.get("CreationDate")}  # for its faults to be named
    yield from map(_told, posts.accepts({}))


def _told(activity: Activity) -> dict[str, Any]:
    names = ("type", "published", "id", "actor", "object", "content", "tags")
    return {name: value for name in names if (value := getattr(activity, name)) is not None}


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of a dump. Raises DumpError."""
    files = _files(paths)
    if "posts" not in files and len(paths) == 1 and (table := _table(paths[0])) is not None:
        yield from table
        return
    if "posts" not in files:
        raise DumpError("there is no Posts.xml")
    posts = _Posts(run)
    yield from posts.read(_rows(_pieces_of(files["posts"]), run))
    accepted: dict[str, str] = {}
    if "votes" in files:
        yield from _each(run, files["votes"], lambda row: _vote(row, accepted))
    if missing := posts.undated(accepted):
        posts.date(missing, _rows(_pieces_of(files["posts"]), Run("")))
    yield from posts.accepts(accepted)
    if "comments" in files:
        yield from _each(run, files["comments"], _comment)
    if "users" in files:
        yield from _each(run, files["users"], _member)
    if "badges" in files:
        for row in _rows(_pieces_of(files["badges"]), run):
            if row.get("Class") == "1" and row.get("TagBased", "").lower() == "true" and "UserId" in row:
                run.trusted[row["UserId"]] = None


def _table(path: Path) -> Iterator[Activity] | None:
    """Return the records in a table of posts; None where a file is none."""
    with chunks_of(path) as chunks:
        head = next(iter(chunks), b"")
    if (header := header_in(head, None)) is None or not is_table(header.names):
        return None
    posts = posts_in_rows(rows_in(lines_in(path), header, head, None))
    return (record(**each) for each in posts if isinstance(each, dict) and "type" in each)


def _files(paths: Sequence[Path]) -> dict[str, Path]:
    """Return the files by what is in them. Raises DumpError where two are of a kind."""
    found: dict[str, Path] = {}
    for path in (each for named in paths for each in _files_at(named)):
        kind = path.name.partition(".")[0].lower()
        if kind not in _OTHERS:
            kind = _kind(path) or kind
        if kind in found and kind in _USED:
            raise DumpError(f"there is more than one list of {kind}: bring one site at a time")
        found[kind] = path
    return found


def _kind(path: Path) -> str | None:
    """Return of what a file is a list, by its first lines."""
    with chunks_of(path) as chunks:
        root = _ROOT.search(next(iter(chunks), b"")[:_HEAD_BYTES])
    return root[1].decode() if root else None


def _files_at(path: Path) -> list[Path]:
    if not is_packed(path):
        return [path]
    if isinstance(path, UploadedFile):
        raise DumpError("this is packed as 7z: send it unpacked, as a zip")
    return cast("list[Path]", files_in(path))


def _pieces_of(path: Path) -> Iterator[bytes]:
    with chunks_of(path) as chunks:
        yield from _pieces(chunks)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a file where something ends in it: all rows may stand on one line."""
    rest = b""
    for chunk in chunks:
        end = chunk.rfind(b">") + 1
        if end or len(rest) > LONGEST_LINE_BYTES:
            yield rest + chunk[:end]
            rest = chunk[end:]
        else:
            rest += chunk
    yield rest


def _rows(pieces: Iterable[bytes], run: Run) -> Iterator[_Row]:
    """Yield the rows of a file, which say all they say in attributes; count those cut off, or too long to be held."""
    before = ""
    for piece in pieces:
        text = before + piece.decode("utf-8", "replace")
        end = 0
        for found in _ROW.finditer(text):
            run.leave_out("malformed", text.count("<row", end, found.start()))
            end = found.end()
            yield {name: unescape(one or other) for name, one, other in _ATTRIBUTE.findall(found[1]) if one or other}
        begin = text.rfind("<row", end)
        before = text[begin:] if begin >= 0 else text[max(end, len(text) - len("<row")) :]
        if len(before) > LONGEST_LINE_BYTES:
            run.left_out["malformed"], before = run.left_out["malformed"] + 1, ""
    if cut_off := before.count("<row"):
        run.left_out["malformed"] += cut_off


def _each(run: Run, path: Path, make: Callable[[_Row], Iterator[Activity]]) -> Iterator[Activity]:
    return run.each(_rows(_pieces_of(path), run), _Row, make)


class _Posts:
    """Makes records of posts, and remembers which answers were accepted.

    Since 2025 an answer may come before its question: of posts that are read `once` the dates of all answers are kept.
    """

    def __init__(self, run: Run, *, once: bool = False) -> None:
        self._run, self._once = run, once
        self._accepted: dict[str, tuple[str, str | None]] = {}
        self._answered: dict[str, str] = {}

    def read(self, rows: Iterable[_Row]) -> Iterator[Activity]:
        """Yield questions and answers."""
        return self._run.each(rows, _Row, self._post)

    def undated(self, dates: Mapping[str, str]) -> set[str]:
        """Return the accepted answers of which no date is known, neither of their vote nor their own."""
        return {answer for answer in self._accepted if answer not in dates and answer not in self._answered}

    def date(self, answers: Collection[str], rows: Iterable[_Row]) -> None:
        """Read the dates of some answers, which came before their questions."""
        for row in rows:
            if row.get("Id") in answers and "CreationDate" in row:
                self._answered[row["Id"]] = row["CreationDate"]

    def accepts(self, dates: Mapping[str, str]) -> Iterator[Activity]:
        """Yield who accepted what, when all posts were read; `dates` of the answers' votes, where they are known."""
        for answer, (question, asker) in self._accepted.items():
            at, _ = time_of(dates.get(answer) or self._answered.get(answer))
            if at is not None:
                act = {"actor": asker, "object": answer, "published": at}
                yield record(type="accept", id=f"accept-{question}", **act)
            else:
                self._run.left_out["undated"] += 1

    def _post(self, row: _Row) -> Iterator[Activity]:
        if row.get("DeletionDate"):  # in the Data Explorer's table of posts with those that are gone
            self._run.left_out["deleted"] += 1
            return
        kind, key, text = row.get("PostTypeId"), row["Id"], plain(row.get("Body", ""))
        said = {"id": key, "actor": row.get("OwnerUserId"), "published": _at(row["CreationDate"])}
        if kind == _QUESTION:
            if accepted := row.get("AcceptedAnswerId"):
                self._accepted[accepted] = (key, row.get("OwnerUserId"))
            text = f"{row.get('Title', '')}\n\n{text}".strip()
            yield record(type="question", content=text, tags=_TAG.findall(row.get("Tags", "")), **said)
        elif kind == _ANSWER:
            if self._once or key in self._accepted:
                self._answered[key] = row["CreationDate"]
            yield record(type="answer", object=row["ParentId"], content=text, **said)
        else:
            self._run.left_out["other"] += 1


def _vote(row: _Row, accepted: dict[str, str]) -> Iterator[Activity]:
    kind = row.get("VoteTypeId", "")
    if kind == _ACCEPTED:
        accepted[row["PostId"]] = row["CreationDate"]
    elif kind in _VALUE:
        act = {"object": row["PostId"], "published": _at(row["CreationDate"]), "value": _VALUE[kind]}
        yield record(type="vote", id=f"vote-{row['Id']}", **act)


def _comment(row: _Row) -> Iterator[Activity]:
    said = {"actor": row.get("UserId"), "published": _at(row["CreationDate"]), "content": row.get("Text", "")}
    yield record(type="reply", id=f"comment-{row['Id']}", object=row["PostId"], **said)


def _member(row: _Row) -> Iterator[Activity]:
    kind = "bot" if row["Id"] == "-1" else "person"
    seen = row.get("LastAccessDate") or row["CreationDate"]
    told = {"name": row.get("DisplayName"), "bio": plain(row.get("AboutMe", ""))}
    yield record(type="account", actor=row["Id"], published=_at(seen), kind=kind, **told)


def _at(written: str) -> datetime:
    """Read a time, which is UTC without saying so. Raises ValueError."""
    time, _ = time_of(written)
    if time is None:
        raise ValueError("no time")
    return time


FORMAT = Format(FACTS, read)
