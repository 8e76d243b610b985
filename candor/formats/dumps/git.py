"""A git history, as `git log` prints it: who wrote, committed, reviewed, tested and reported, with paths as topics."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING

from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run, lines_in
from candor.formats.dumps.uploaded import Kinds
from candor.formats.lines import CutShort
from candor.formats.reading import MALFORMED, record
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="git",
    label="git history",
    files="a repository, or what `git log --date=iso-strict --pretty=fuller --name-only` printed; a MAINTAINERS file",
    network="git:NAME",
    account="e-mail address, the name of who has none",
    question="none: each commit is a note, tagged with the folders it changes, or the sections of MAINTAINERS",
    answer="none",
    accept="the committer, of a commit that somebody else wrote",
    review="Reviewed-by, Acked-by and Tested-by, which say nothing for the author; Reported-by is a report",
    trusted="people in MAINTAINERS",
    lost="what was never merged, and the discussion; changes of merge commits",
)
_LOG = (
    "log",
    "--no-show-signature",
    "--no-color",
    "--date=iso-strict",
    "--pretty=fuller",
    "--name-only",
    "--no-mailmap",
)
_COMMIT = re.compile(r"(?:[|*\\/_] ?)*commit ([0-9a-f]{7,64})\b")
_HEADER = re.compile(r"(Author|AuthorDate|Commit|CommitDate|Date|Merge):\s*(.*)")
_TRAILER = re.compile(r"(Reviewed|Acked|Tested|Reported)(?:-and-[A-Za-z]+)*-by:\s*(.+)", re.IGNORECASE)
_KINDS = {"reviewed": "review", "acked": "review", "tested": "review", "reported": "report"}
"""What those named did. None of it speaks for the author, who writes the message: whoever takes a commit can recognise
them, and a review without a value approves nothing."""
_ADDRESS = re.compile(r"<\s*+([^<>\s@]++@[^<>\s]++)\s*+>")
_OTHER_HEADER = re.compile(r"(?:tree|parent|gpgsig|encoding|mergetag|Reflog\w*|Notes)\b")
_RAW_HEADER = re.compile(r"(author|committer) (.*>) (\d+ [+-]\d{4})")
_MACHINE = re.compile(r"no-?reply\b")
"""Whose address takes no mail: what merged in a browser is committed by GitHub <noreply@github.com>."""
_NO_ADDRESS = re.compile(
    r"(?:none|nobody|devnull|unknown|no-?mail|noemail)@(?:none|nobody|localhost|unknown|example\.\w+)?"
)
"""What tools write for authors of whom they know no address, one for all."""
_NO_NAME = frozenset({"none", "nobody", "unknown", "(no author)", "no author", "no_author", "anonymous", "root"})
_LONGEST_NAME = 1_000
_RENAMED = re.compile(r"(?:\A[^{}]* => |\{(?:(?! => )[^{}])*+ => ([^{}]*+)\})")
_EPOCH, _ZONE = re.compile(r"\d{9,}"), re.compile(r"\s[+-]\d{4}$")
_GIT_TIME = "%a %b %d %H:%M:%S %Y %z"
_PATCHED = re.compile(r"diff --git a/.* b/(.*)")
_SUMMARY = re.compile(r" \d+ files? changed.*| (?:create|delete) mode .*| rename .*")
_MAINTAINED = re.compile(r"([MRFS]):\s*(.+)")
_MOST_TAGS = 20


@dataclass
class Commit:
    """A commit: its headers by name, its text by lines, the paths it changes."""

    key: str
    head: dict[str, str] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    is_patch: bool = False


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of repositories or of what was printed of them. Raises DumpError."""
    sections = [section for path in paths if path.name == "MAINTAINERS" for section in _sections(path)]
    for section in sections:
        run.trusted |= dict.fromkeys(section.people)
    for path in paths:
        if path.name != "MAINTAINERS":
            for commit in _commits(_printed(path, run) if path.is_dir() else _decoded(lines_in(path), run)):
                try:
                    made = list(records_of(commit, sections, run))
                except MALFORMED:
                    run.left_out["malformed"] += 1
                    continue
                yield from made


def _printed(repository: Path, run: Run) -> Iterator[str]:
    git = shutil.which("git")
    if git is None:
        raise DumpError("there is no git on this machine: print the history elsewhere")
    with subprocess.Popen((git, "-C", str(repository), *_LOG), stdout=subprocess.PIPE) as log:  # noqa: S603 # no shell
        yield from _decoded(log.stdout or (), run)
    if log.returncode:
        raise DumpError(f"git cannot read {repository}")


def _decoded(lines: Iterable[bytes], run: Run) -> Iterator[str]:
    """Yield lines as text, without what is too long to be held: of a message that is counted, of a patch never read."""
    for line in lines:
        if not isinstance(line, CutShort):
            yield line.decode("utf-8", "replace").rstrip("\r\n")
        elif line.startswith(b"    "):
            run.left_out["cut"] += 1


def _commits(lines: Iterator[str]) -> Iterator[Commit]:
    commit: Commit | None = None
    for line in lines:
        if found := _COMMIT.match(line):
            if commit is not None:
                yield commit
            commit = Commit(found[1])
        elif commit is None or not line:
            continue
        elif line.startswith("    "):
            commit.text.append(line[4:])
        elif commit.text or not _is_header(line, commit.head):
            _take_path(line, commit)
    if commit is not None:
        yield commit


def _is_header(line: str, head: dict[str, str]) -> bool:
    """Take in a line of the head of a commit, also as --pretty=raw prints it, and say whether it is one."""
    if header := _HEADER.fullmatch(line):
        head[header[1]] = header[2]
    elif raw := _RAW_HEADER.fullmatch(line):
        name = "Author" if raw[1] == "author" else "Commit"
        head |= {name: raw[2], f"{name}Date": raw[3]}
    return bool(header or raw or _OTHER_HEADER.match(line))


def _take_path(line: str, commit: Commit) -> None:
    """Take in a path, as --name-only, --name-status, --stat, --numstat, --raw or a patch tells it."""
    if found := _PATCHED.match(line):
        commit.paths.append(found[1])
        commit.is_patch = True
    elif not commit.is_patch and not _SUMMARY.fullmatch(line):
        commit.paths.append(_path(line.partition(" | ")[0].rpartition("\t")[2].strip()))


def _path(written: str) -> str:
    """Return a path as it is after the commit, of `a/{b => c}/d` or `b => c`, and without the quotes of odd letters."""
    if written.startswith('"') and written.endswith('"'):
        octets = written[1:-1].encode("latin-1", "replace").decode("unicode_escape").encode("latin-1", "replace")
        written = octets.decode("utf-8", "replace")
    return _RENAMED.sub(r"\1", written).replace("//", "/") if " => " in written else written


def records_of(commit: Commit, sections: Sequence[Section], run: Run) -> Iterator[Activity]:
    """Yield who wrote, took, reviewed, tested and reported a commit. May raise one of MALFORMED."""
    head = commit.head
    author = _account(head["Author"])
    committer = _account(head.get("Commit", head["Author"]))
    at = _time(head.get("CommitDate") or head.get("Date") or head["AuthorDate"])
    tags = list(dict.fromkeys(_topics(commit.paths, sections)))[:_MOST_TAGS]
    key = commit.key
    said = "\n".join(line for line in commit.text if not _TRAILER.match(line)).strip()
    yield record(type="note", id=key, actor=author, published=at, content=said, tags=tags)
    if author:
        _name(head["Author"], author, at, run)
    if committer and committer != author and not _MACHINE.match(committer):
        _name(head["Commit"], committer, at, run)
        yield record(type="accept", id=f"{key}/accept", actor=committer, published=at, object=key)
    named: set[tuple[str, str]] = set()
    for found in filter(None, map(_TRAILER.match, commit.text)):
        kind, by = _KINDS[found[1].lower()], mail_address(found[2])
        if by is None or by == author or (kind, by) in named:
            continue
        named.add((kind, by))
        yield record(type=kind, id=f"{key}/{kind}/{by}", actor=by, published=at, object=key)
        _name(found[2], by, at, run)


def _name(written: str, address: str, at: datetime, run: Run) -> None:
    """Take in how somebody is called in `Name <address>`, and that a name with [bot] is a program's."""
    name = written.partition("<")[0].strip().strip('"')
    run.name(address, name if name and "@" not in name else None, at, "bot" if "[bot]" in written else None)


def mail_address(written: str) -> str | None:
    """Return the address in `Name <address>`, in lower case, whatever the name is; None where there is none."""
    found = _ADDRESS.search(written)
    address = (found[1] if found else name_and_address(written)[1]).strip().lower()
    return address if "@" in address else None


def name_and_address(written: str) -> tuple[str, str]:
    """Return what stands in `Name <address>`, however it is written; nothing of what is nested without end."""
    try:
        return parseaddr(written)
    except RecursionError:
        return "", ""


def _account(written: str) -> str | None:
    """Return the address in `Name <address>`, or where it is none, as in what came from CVS and Subversion, the name.

    None for nobody. Raises ValueError for what is no name.
    """
    if len(written) > _LONGEST_NAME:
        raise ValueError("no name")
    address = mail_address(written)
    if address is not None and not _NO_ADDRESS.fullmatch(address):
        return address
    name, _, within = written.partition("<")
    within = within.partition(">")[0].strip()
    told = within.lower() if within and "@" not in within else " ".join(name.split())
    return told if told and told.lower() not in _NO_NAME else None


def _time(written: str) -> datetime:
    """Read a time in any form that git has a name for, but those relative to today. Raises ValueError."""
    found, _ = time_of(_ZONE.sub("", written) if _EPOCH.match(written) else written)
    if found is not None:
        return found
    for form in (_GIT_TIME, _GIT_TIME.removesuffix(" %z")):
        try:
            found = datetime.strptime(written, form)  # noqa: DTZ007 # a zone that is not told is UTC
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    raise ValueError("no time")


@dataclass
class Section:
    """A part of a MAINTAINERS file: what it is called, who looks after it, which paths begin so."""

    name: str
    people: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def _sections(path: Path) -> list[Section]:
    found: list[Section] = []
    before = ""
    for line in _decoded(lines_in(path), Run("")):
        if (said := _MAINTAINED.fullmatch(line)) is None:
            before = line.strip()
            continue
        if before:
            found.append(Section(before.lower()))
            before = ""
        if found and said[1] == "F":
            found[-1].paths.append(said[2].partition("*")[0])
        elif found and said[1] == "M" and "@" in said[2]:
            found[-1].people.append(name_and_address(said[2])[1].lower())
    return found


def _topics(paths: Sequence[str], sections: Sequence[Section]) -> Iterator[str]:
    """Yield the sections that look after a path, or without a MAINTAINERS file its first two folders."""
    for path in paths:
        if sections:
            yield from (each.name for each in sections if any(path.startswith(begin) for begin in each.paths if begin))
        else:
            yield from path.split("/")[:-1][:2]


FORMAT = Format(FACTS, read, Kinds(any_name=True, whole_folder=True))
