"""Keeps what uploads bring as data sets: records or somebody's own export, whichever the content is."""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from candor.formats import ArchiveError, holds_records, is_archive, is_record_file, read_archive
from candor.formats.columns import IdsUnknownError, OtherColumnsError, likely_columns
from candor.formats.compression import TooLargeError, UnreadableError, peek, unpacked
from candor.formats.day_order import DayUntoldError
from candor.formats.dumps.dump import Run
from candor.formats.dumps.recognised import format_of_head, looks_like
from candor.formats.dumps.registry import FORMATS
from candor.formats.dumps.uploaded import BY_NAME, uploaded_files
from candor.formats.hidden_rows import StatesUnknownError
from candor.formats.preview import preview_of
from candor.formats.rows import Row, records_in
from candor.formats.workbook import ZIP, is_workbook
from candor.names.networks import network_of
from candor.scoring.activity import mapped_columns
from candor.scoring.canonical_names import People
from candor.scoring.gaps import left_out_words
from candor.scoring.record_faults import DAY_UNTOLD
from candor.store.models import ArchiveFacts, BadDatasetError
from candor.store.question_indexes import ask_for_words
from candor.store.sealed import Check, no_check
from candor.store.source_trust import add_trusted
from service.auth import owner
from service.body import kept_body
from service.context import context
from service.kept_records import KeptRecords
from service.named_dataset import check_network, unknown_dataset, which_network
from service.problems import Fault, ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.formats.dumps.dump import Format
    from candor.scoring.record_counts import Counts
    from candor.scoring.record_faults import BadRecord
    from candor.store.models import Dataset

_OWN_IDS = " If these are ids of your own, send them with `network=custom:NAME` and a profile: qa, forum or microblog."
_HEAD_BYTES = 64 * 1024
_OF_RECORDS = ("day_first", "granted_rights", "map", "skip_bad")
_NOT_FOR_EXPORTS = (
    "is for records, not for an export: of several tables send one and add the others to it, or zip them as files of "
    "one kind"
)
_SAY_DAY = "say day_first=true where 02/03/2026 is 2 March, day_first=false where it is 3 February"
_CHOOSE_DAY = "say which of the two it is, and choose the file again"
_BY_DAY_FIRST = " No row tells whether the day or the month comes first: say it with `day_first`."
_ONE_EXPORT = threading.Lock()


@dataclass
class OtherFormatError(ProblemError):
    """The upload is an export of another kind than the one that was said; `format` is what it looks like."""

    format: str = ""


@dataclass(frozen=True)
class Upload:
    """What is to become a data set, or with `add` to be added to one. `query` says how it is to be read.

    `check` is asked about the set that is there, and may raise. `file` is the name of a file that came by a form, and
    `charset` how its letters are written, where its sender says so.
    Whatever keeps it raises ProblemError, with the first hundred faults, and keeps nothing then.
    """

    query: dict[str, Any]
    dataset_id: str
    check: Check[Dataset] = no_check
    add: bool = False
    file: str | None = None
    charset: str | None = None

    def keep(self, chunks: Iterator[bytes], media_type: str) -> Dataset:
        """Keep records or an export, whichever the content is."""
        try:
            return self._keep(chunks, media_type)
        except TooLargeError as error:
            raise ProblemError("too_large", _sentence(error)) from None
        except OtherColumnsError as error:
            in_form = (
                f"Say below what each column of the table holds, and choose the file again. It has: {error.columns}."
            )
            if self.file is None:
                kept = self._kept_map(error.names)
                meant = OtherColumnsError(error.names, likely=kept) if kept else error
                raise ProblemError("malformed", _sentence(meant)) from None
            raise ProblemError("malformed", in_form, tuple(self._columns_missing(error.names))) from None
        except IdsUnknownError as error:
            which = (Fault("/column_id", "missing: say which column it is"),) if self.file is not None else ()
            raise ProblemError("malformed", _sentence(error), which) from None
        except DayUntoldError as error:
            raise ProblemError("malformed", _sentence(error), (self._say_day(),)) from None
        except StatesUnknownError as error:
            asked = f"say what each number means, with public for what everybody may read: {error.pairs}"
            words = (Fault("/types", asked),) if self.file else ()
            raise ProblemError("malformed", _sentence(error), words) from None
        except UnreadableError as error:
            raise ProblemError("malformed", _sentence(error)) from None

    def _last_map(self) -> dict[str, str]:
        """Return how the data set says its last table was read, where nobody says it of what is added."""
        if not self.add or self.file is not None or self.query["map"] or self.query.get("format") is not None:
            return {}
        there = context().store.datasets.get(owner(), self.dataset_id)
        return {} if there is None else dict(there.map)

    def _kept_map(self, names: Iterable[str]) -> dict[str, str]:
        """Return how the last table was read, where one has the columns that this names."""
        last = self._last_map()
        columns = {last[field] for field in mapped_columns(last) & last.keys()}
        return last if columns and columns <= {*names} else {}

    def _read_as_before(self, head: bytes) -> None:
        """Read what is added like the last table where nobody says how, and its head has the same columns."""
        if self._last_map():
            found = preview_of([head], context().settings.max_inflated_bytes, self.charset)
            self.query["map"] = self._kept_map(found.names)

    def _columns_missing(self, names: Iterable[str]) -> Iterator[Fault]:
        """Say at each field of the form that is empty which column is probably meant, or that one is needed."""
        named, probably = self.query["map"], likely_columns(names)
        for field, column in probably.items():
            if field not in named:
                yield Fault(f"/column_{field}", f"is it {column}?")
        has_text = not {"content", "title"}.isdisjoint({*named, *probably})
        for field in ("actor", "published") if has_text else ("actor", "published", "content"):
            if field not in named and field not in probably:
                yield Fault(f"/column_{field}", "missing: say which column it is")

    def keep_export(self, body: BinaryIO) -> Dataset:
        """Keep the records of somebody's own export; a process reads one at a time."""
        with _ONE_EXPORT:
            return self._or_other(body, self._keep_export)

    def keep_records(
        self, lines: Iterable[object], archive: ArchiveFacts | None = None, files: Sequence[tuple[int, str]] = ()
    ) -> Dataset:
        """Keep records; of several `files` each with the number of its first line and its name, once they are read."""
        datasets, asked = context().store.datasets, self.query
        if not self.add and asked["network"] is None:
            raise invalid(Fault("/network", which_network(None)))
        is_dump = archive is not None and archive.account is None  # of which parts may overlap: the first counts
        how: dict[str, Any] = {"rename": asked["map"], "skip_bad": asked["skip_bad"] or is_dump, "check": self._check}
        how["restore"] = asked["restore"]
        try:
            if self.add:
                return self._kept(datasets.append(owner(), self.dataset_id, lines, archive=archive, **how))
            how["must_name"] = archive is None
            said = {name: asked[name] for name in ("network", "profile", "granted_rights")}
            if network_of(asked["network"]).profile is not None:
                said["profile"] = None
            return self._kept(datasets.put(owner(), self.dataset_id, lines=lines, archive=archive, **said, **how))
        except LookupError:
            raise unknown_dataset(self.dataset_id) from None
        except BadDatasetError as error:
            untold = self._day_untold(error.bad)
            faults = (*untold, *(_fault(bad, files) for bad in error.bad))  # of which a hundred are told
            is_elsewhere = not asked.get("network", "custom:").startswith("custom:")
            why = _why_refused(error) + (_OWN_IDS if is_elsewhere and _names_nobody(error) else "")
            why += _BY_DAY_FIRST if untold and self.file is None else ""
            raise ProblemError("invalid_records", why, faults or self._meant(error.counts)) from None

    def _check(self, there: Dataset | None) -> None:
        """Look at the set that is there, which may be replaced by one of the same network only."""
        self.check(there)
        if not self.add:
            check_network(there, self.query["network"], "/network" if self.file is None else "/community")

    def _day_untold(self, bad: Sequence[BadRecord]) -> tuple[Fault, ...]:
        """Ask for what no row tells: whether the day or the month comes first."""
        if self.query["day_first"] is not None or not any(each.detail.endswith(DAY_UNTOLD) for each in bad):
            return ()
        return (self._say_day(),)

    def _say_day(self) -> Fault:
        return Fault("/day_first", _SAY_DAY if self.file is None else _CHOOSE_DAY)

    def _meant(self, counts: Counts) -> tuple[Fault, ...]:
        """Say which fields of records of nobody known probably say who did it."""
        unknown = counts.unknown_field_names if counts.nameless else {}
        names = [name for name, nearest in unknown.items() if nearest == "actor"]
        names = names or [name for field, name in likely_columns([*unknown]).items() if field == "actor"]
        if self.file is not None:
            which = [f"is it {name}?" for name in names] or ["missing: say which column it is"] * bool(counts.nameless)
            return tuple(Fault("/column_actor", each) for each in which)
        return tuple(Fault("/map", f"`{name}`: did you mean `actor`? map=actor:{name}") for name in names)

    def _kept(self, dataset: Dataset) -> Dataset:
        """Have a community at hand for the first question; nobody asks one person's own export."""
        if dataset.is_community:
            ask_for_words(context().store, dataset)
        return dataset

    def _or_other(self, body: BinaryIO, keep: Callable[[BinaryIO], Dataset]) -> Dataset:
        """Keep what is in a file; where that cannot be, say what else it looks like. Raises OtherFormatError."""
        try:
            return keep(body)
        except (ProblemError, UnreadableError) as error:
            if isinstance(error, ProblemError) and error.code not in {"invalid_archive", "invalid_records", "invalid"}:
                raise
            self._refuse_other(looks_like(body))
            raise

    def _refuse_other(self, form: str | None) -> None:
        """Say which format was meant, where it is another than was said."""
        if form is None or form == self.query.get("format"):
            return
        label = FORMATS[form].facts.label
        if self.file is None:
            fault = Fault("/format", f"this looks like what is called '{label}' here: send it with format={form}")
        else:
            fault = Fault("/kind", f"this looks like what is called '{label}' here: choose that, and the file again")
        refused = invalid(fault)
        raise OtherFormatError(refused.code, refused.detail, refused.errors, format=form)

    def _keep(self, chunks: Iterator[bytes], media_type: str) -> Dataset:
        settings = context().settings
        if self.query.get("format") is not None:
            chunks = unpacked(chunks, settings.max_inflated_bytes)
            with kept_body(chunks, settings.data_dir) as body, _ONE_EXPORT:
                return self._or_other(body, partial(self._keep_dump, FORMATS[self.query["format"]]))
        head, chunks = peek(chunks, _HEAD_BYTES)
        self._read_as_before(head)
        if self.file is not None or not self.query["map"]:
            self._refuse_other(format_of_head(head))
        if is_archive(head, media_type, renamed=bool(self.query["map"])) and not is_workbook(head):
            with kept_body(chunks, settings.data_dir) as body:
                if _is_of_records(body, self.query["map"] or self._last_map()):
                    return self._or_other(body, self._keep_zip)
                if meant := [
                    name
                    for name in _OF_RECORDS
                    if self.query.get(name) or (name == "day_first" and self.query[name] is not None)
                ]:
                    raise invalid(*(Fault(f"/{name}", _NOT_FOR_EXPORTS) for name in meant))
                return self.keep_export(body)
        folder = settings.data_dir / "datasets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.keep_records(self._rows(chunks, folder))

    def _keep_zip(self, body: BinaryIO) -> Dataset:
        """Keep the records in a zip of parts; of one file whatever its content is."""
        settings, limit = context().settings, context().settings.max_inflated_bytes
        with tempfile.TemporaryFile(dir=settings.data_dir) as spool:
            found = uploaded_files(
                body, cast("BinaryIO", spool), limit, kinds=BY_NAME, called="the upload", left_out=Counter()
            )
            files = [file for file in found if is_record_file(file.name)]
            if len(files) == 1:
                head, chunks = peek(_chunks_of(files[0]), _HEAD_BYTES)
                if head.startswith(ZIP) and not is_workbook(head):  # which may hold itself
                    raise UnreadableError("what is in it is packed itself: unpack it first")
                return self._keep(chunks, "")
            if files:
                self._read_as_before(next(_chunks_of(files[0]), b""))
            firsts: list[tuple[int, str]] = []
            return self.keep_records(self._rows_of_all(files, firsts), files=firsts)

    def _rows_of_all(self, files: Iterable[Path], firsts: list[tuple[int, str]]) -> Iterator[Row]:
        """Yield the records of files, and note before which line each begins."""
        line = 0
        for file in files:
            firsts.append((line, file.name))
            for row in self._rows_of(file):
                line += 1
                yield row

    def _rows(self, chunks: Iterator[bytes], folder: Path) -> Iterator[Row]:
        limit = context().settings.max_inflated_bytes
        earlier = KeptRecords(self.dataset_id) if self.add else None
        return records_in(
            chunks,
            limit,
            self.query["map"],
            folder,
            charset=self.charset,
            earlier=earlier,
            day_first=self.query["day_first"],
        )

    def _rows_of(self, file: Path) -> Iterator[Row]:
        """Yield the records of one file of several. Raises UnreadableError, which names it."""
        try:
            yield from self._rows(_chunks_of(file), context().settings.data_dir)
        except TooLargeError:
            raise
        except UnreadableError as error:
            raise UnreadableError(f"in {file.name}: {error}") from None

    def _keep_export(self, body: BinaryIO) -> Dataset:
        try:
            reading = read_archive(body, self.query["account"], context().settings.data_dir)
            if self.query["network"] is None:
                self.query["network"] = reading.network
            if reading.network != self.query["network"]:
                raise invalid(
                    Fault("/network" if self.file is None else "/kind", f"this is an export of {reading.network}")
                )
            reading.check_not_empty()
        except ArchiveError as error:
            raise ProblemError("invalid_archive", f"Nothing was stored: {error}.") from None
        facts = ArchiveFacts(
            account=reading.account, left_out=reading.left_out, shows=reading.shows, notes=reading.notes
        )
        return self.keep_records(reading.activities, facts)

    def _keep_dump(self, form: Format, body: BinaryIO) -> Dataset:
        """Keep the records of a community's dump; what is left out is counted while it is read."""
        settings, run = context().settings, Run(self.query["network"], self.query["map"])
        facts = ArchiveFacts(
            account=None,
            left_out=run.left_out,
            shows=f"read as {form.facts.label}; not in it: {form.facts.lost}",
            format=self.query["format"],
        )
        try:
            with tempfile.TemporaryFile(dir=settings.data_dir) as file:
                spool, limit = cast("BinaryIO", file), settings.max_inflated_bytes
                called = self.file or "the upload"
                files = uploaded_files(body, spool, limit, kinds=form.kinds, called=called, left_out=run.left_out)
                dataset = self.keep_records(form.records(files, run), facts)
                names = People(dataset.network).names(run.trusted)
                add_trusted(context().store, owner(), self.dataset_id, dataset.network, names)
                return dataset
        except UnreadableError as error:
            words = f"Nothing was stored: it cannot be read as {form.facts.label}: {error}."
            raise ProblemError("invalid_archive", words) from None
        except ProblemError as error:
            counted = left_out_words(run.left_out)
            if error.code != "invalid_records" or not counted:
                raise
            words = f"{error.detail} It was {counted[0]}. /guides/formats says which files are read."
            faulty = (Fault("", f"the first that is malformed: {run.first_fault}"),) if run.first_fault else ()
            raise ProblemError(error.code, words, error.errors or faulty) from None


def _fault(bad: BadRecord, files: Sequence[tuple[int, str]]) -> Fault:
    """Say what is wrong with a record, where it is one of several files in which, by its own lines."""
    found = next((each for each in reversed(files) if each[0] < bad.line), None) if len(files) > 1 else None
    if found is None:
        return Fault(f"/{bad.line}{bad.pointer}", bad.detail)
    return Fault(f"/{bad.line - found[0]}{bad.pointer}", f"in {found[1]}: {bad.detail}")


def _chunks_of(file: Path) -> Iterator[bytes]:
    return iter(partial(file.open("rb").read, _HEAD_BYTES), b"")


def _is_of_records(body: BinaryIO, rename: Mapping[str, str]) -> bool:
    try:
        return holds_records(body, rename)
    except ArchiveError:  # which whoever reads it as an export says better
        body.seek(0)
        return False


def _why_refused(error: BadDatasetError) -> str:
    counts = error.counts
    if error.gave_up:
        lines = counts.records + counts.skipped
        return f"Nothing was stored: most of the first {lines} lines are blank or no records; the rest was not read."
    if not counts.records:
        return "Nothing was stored: there is no record in the upload."
    if not error.total and counts.nameless:
        return (
            f"Nothing was stored: {counts.nameless} of {counts.records} records do not say who did it; that is `actor`."
        )
    if not error.total:
        return f"Nothing was stored: none of {counts.records} records can be kept, {counts.private} are private."
    return (
        f"Nothing was stored: {counts.bad} of {counts.records} records cannot be read; faults: {error.total}. Pointers "
        "begin with the number of the line, or of the record where records are not lines."
    )


def _names_nobody(error: BadDatasetError) -> bool:
    """Whether no record names an account as its network does."""
    named_wrongly = bool(error.bad) and all(bad.pointer == "/actor" for bad in error.bad)
    return named_wrongly and error.counts.bad == error.counts.records


def _sentence(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
