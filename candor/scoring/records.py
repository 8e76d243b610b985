"""Records: read from JSON, checked, counted and de-duplicated, with faults by line."""

from __future__ import annotations

import json
from array import array
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.names.account_text import UnknownAccountError
from candor.scoring.activity import FIELDS, RECORD_TYPES, Activity, mapped_columns, visibility_words
from candor.scoring.canonical_names import People
from candor.scoring.columns import microseconds
from candor.scoring.hidden_records import hides, may_hide, says_state
from candor.scoring.long_numbers import cut_off_words, is_cut_off
from candor.scoring.loose_values import ABSENT, PLACEHOLDER_NAMES, id_of, missing, put_right, with_whole_numbers
from candor.scoring.own_text import may_hold_more, own_text
from candor.scoring.record_batch import RecordBatch
from candor.scoring.record_counts import ASKING, MAX_NAMED, Counts, References
from candor.scoring.record_decoder import UNREADABLE, RecordDecoder
from candor.scoring.record_faults import (
    BadRecord,
    conflicting_id,
    explain_json,
    faults_of,
    missing_name,
    nearest_field,
    place_of,
)
from candor.scoring.withdrawn import Withdrawal, Withdrawals, withdrawal_in
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MAX_REPORTED = 100
MAX_EXAMPLES = 5
_FIRST, _LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
"""Some times before and after have no date in UTC."""
_FIRST_US, _LAST_US = microseconds(_FIRST), microseconds(_LAST)
_NO_TIME = "not a real date: some programs write the year 1 or 9999 where a date is missing"
_LONGEST_NAME = 64
_IDS = ("id", "actor", "object", "target_actor", "via")
NAMELESS_SHARE = 0.98  # of acts: that many of nobody known are a field that is called otherwise
_AT_ONCE = 512


class RecordReader:
    """Collects records from JSON: lines as bytes, values that were decoded already, or records as they are.

    `network` is where the people are: each is kept under the one name of the account there, however it is written; with
    None names stay as they are. `rename` maps record types of a source to ours (`{"like": "review"}`), and our fields
    to those of a source (`{"actor": "user_id"}`); words for `visibility` in it are for whoever cuts the rows. With
    `loose`, values are taken as data frames and databases write them.

    After `feed`, `activities` holds what was kept, `counts` what was seen and `bad` the first hundred faults
    (`bad_total` counts them all). With `keep`, records go there instead, some at a time, with the line of each; whether
    an id stands there twice is then for the keeper to say, and which records have the id of a private one: `hide` is
    told these. Of more than `most_junk` blank or wrong lines, where they are more than the rest, no more is read, and
    `gave_up` says so: each takes as long as twenty that are right.
    """

    def __init__(
        self,
        network: str | None,
        rename: Mapping[str, str] | None = None,
        *,
        keep: Callable[[Sequence[int], Sequence[Activity]], object] | None = None,
        hide: Callable[[str], object] | None = None,
        loose: bool = False,
        most_junk: int | None = None,
    ) -> None:
        self.gave_up = False
        self._most_junk = most_junk
        nobody = (
            PLACEHOLDER_NAMES if (network or "").startswith("custom:") else ABSENT
        )  # elsewhere these may be accounts
        self._people = None if network is None else People(network, nobody if loose else ())
        self.activities: list[Activity] = []
        self.withdrawals: list[Withdrawal] = []
        self._keep = keep
        self._hidden: set[str] = set()
        self._hide = hide or self._hidden.add
        self.counts = Counts()
        self.references = References()
        self.bad: list[BadRecord] = []
        self.bad_total = 0
        self._lines = array("q")  # where each activity stood
        self._seen: dict[str, Activity] = {}
        self._loose = loose
        rename = rename or {}
        no_types = mapped_columns(rename) | visibility_words(rename).keys()
        self._fields = {ours: theirs for ours, theirs in rename.items() if ours in FIELDS}
        self._rename = {theirs: ours for theirs, ours in rename.items() if theirs not in no_types}
        if unknown := set(self._rename.values()) - set(RECORD_TYPES):
            raise ValueError(f"not a record type: {', '.join(sorted(unknown))}")
        self._as_ours = not self._fields and not self._rename
        self._decode = msgspec.json.Decoder().decode
        self._decoder = RecordDecoder()

    def feed(self, lines: Iterable[object]) -> None:
        """Read every line that is not blank; faults are collected, never raised."""
        rows = iter(lines)
        while some := list(islice(rows, _AT_ONCE)):
            first = self.counts.records + self.counts.skipped + 1
            if (activities := self._all_exactly(some)) is not None:
                self.counts.records += len(some)
                self._take_all(range(first, first + len(some)), activities)
            else:
                self._read_each(first, some)
            if self._is_junk():
                self.gave_up = True
                break
        self._take_told_names()
        if self._people is not None:
            self.counts.looking_alike = tuple(self._people.looking_alike()[:MAX_NAMED])
        if self._keep is None:
            self._drop_withdrawn()
            self._drop_hidden()
            self._count_unmatched()

    def _take_told_names(self) -> None:
        """Take how accounts are shown whose names say more to a reader than the account does."""
        told = [] if self._people is None else self._people.told_names()
        lines = [self.counts.records + self.counts.skipped] * len(told)
        if self._keep is not None and told:
            self._keep(lines, told)
        elif told:
            self.activities.extend(told)
            self._lines.extend(lines)

    def _is_junk(self) -> bool:
        junk, lines = self.counts.bad + self.counts.skipped, self.counts.records + self.counts.skipped
        return self._most_junk is not None and junk > self._most_junk and 2 * junk > lines

    def names_nobody(self) -> bool:
        """Tell whether nearly no act that was kept says who did it; a vote need not."""
        if not self.counts.nameless:
            return False
        acts = sum(each.type not in {"vote", "account"} for each in self.activities)
        return self.counts.nameless >= NAMELESS_SHARE * acts

    def _drop_withdrawn(self) -> None:
        """Leave out what a later record takes back; whoever keeps records elsewhere does that there."""
        if not self.withdrawals:
            return
        taken_back = Withdrawals(self.withdrawals)
        kept = [each for each in self.activities if not taken_back.take_back(each)]
        self.counts.withdrawn += len(self.activities) - len(kept)
        self.activities = kept

    def _drop_hidden(self) -> None:
        """Leave out what a private record of the same id hides."""
        if not self._hidden.isdisjoint(self._seen):
            kept = [each for each in self.activities if each.id not in self._hidden]
            self.counts.withdrawn += len(self.activities) - len(kept)
            self.activities = kept
            self._seen = {each.id: each for each in kept if each.id is not None}

    def _count_private(self, record_id: str | None) -> None:
        self.counts.private += 1
        if record_id is not None:
            self._hide(record_id)

    def _count_unmatched(self) -> None:
        unmatched = [each.object for each in self.activities if each.object and each.object not in self._seen]
        answering = sum(bool(each.object) for each in self.activities) - len(unmatched)
        asks = any(each.type in ASKING for each in self.activities)
        examples = tuple(dict.fromkeys(unmatched))[:MAX_EXAMPLES]
        self.references = References(answering, len(unmatched), examples, asks)

    def _all_exactly(self, lines: list[Any]) -> Sequence[Activity] | None:
        """Return the record on each line, or None where one has to be looked at by itself."""
        kinds = set(map(type, lines))
        if kinds == {Activity}:
            return lines
        if not self._as_ours or kinds not in ({bytes}, {dict}):
            return None
        try:
            if kinds == {dict}:
                return in_own_words(msgspec.convert(lines, list[Activity]))
            return in_own_words(list(map(self._decoder.exactly, lines)))
        except UNREADABLE:
            return None

    def _read_each(self, first: int, lines: Sequence[object]) -> None:
        """Read lines one by one, and take together those between others that say more than a record of ours does."""
        numbers: list[int] = []
        ready: list[Activity] = []
        for number, line in enumerate(lines, first):
            if (plain := self._plainly(line)) is not None:
                numbers.append(number)
                ready.append(plain)
                continue
            self._take_all(numbers, in_own_words(ready))
            numbers, ready = [], []
            if (activity := self._read(number, line)) is not None:
                self._take(number, self._with_known_object(activity))
        self._take_all(numbers, in_own_words(ready))

    def _plainly(self, line: object) -> Activity | None:
        """Return the record on a line that has fields of ours, and others whose names are known; None where not."""
        if not isinstance(line, bytes) or not self._as_ours:
            return None
        try:
            activity, others = self._decoder.exactly(line), 0
        except UNREADABLE:
            if (found := self._decoder.with_others(line)) is None:
                return None
            activity, others = found
        self.counts.records += 1
        self.counts.unknown_fields += others
        return activity

    def _read(self, number: int, line: object) -> Activity | None:
        """Read one line that has to be looked at by itself, blank or not."""
        if line == b"":
            self.counts.skipped += 1
            return None
        self.counts.records += 1
        if isinstance(line, Activity):
            return line
        activity = self._parse(number, line)
        return None if activity is None else in_own_words([activity])[0]

    def _parse(self, number: int, line: object) -> Activity | None:
        if isinstance(line, bytes) and not line.strip():
            self.counts.records -= 1
            self.counts.skipped += 1
            return None
        if isinstance(line, ValueError):  # whoever cut the rows says what is wrong with this one
            self._refuse(number, [("", str(line))])
            return None
        try:
            record = self._decoded(line) if isinstance(line, bytes) else line
        except UNREADABLE as error:
            self._refuse(number, explain_json(line, error) if isinstance(line, bytes) else [place_of(error)])
            return None
        if isinstance(record, dict):
            record = self._named(record)
            if (activity := self._with_time_read(record)) is not None:
                return activity
        try:
            return msgspec.convert(record, Activity)
        except (msgspec.ValidationError, RecursionError) as error:
            return self._put_right(number, line, record, error)

    def _decoded(self, line: bytes) -> object:
        """Decode a line; with `loose`, NaN is a value that is missing, as Python writes it. Raises UNREADABLE."""
        try:
            return self._decode(line)
        except msgspec.DecodeError:
            if not self._loose or b"NaN" not in line:
                raise
            try:
                return json.loads(line, parse_constant=missing)
            except (ValueError, RecursionError):
                pass
            raise

    def _named(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record with our names of fields and types, and count the fields that are none of ours."""
        if self._fields:
            ours = {name: record[theirs] for name, theirs in self._fields.items() if theirs in record}
            used = set(self._fields.values())
            record = {name: value for name, value in record.items() if name not in used} | ours
        if unknown := record.keys() - FIELDS:
            heeded = set(filter(may_hide, unknown)) if self._loose else set()
            if any(hides(name, record[name]) for name in heeded):
                record["visibility"] = "private"
            else:
                self.counts.note_states(record[name] for name in heeded if says_state(name))
            others, names = unknown - heeded, self.counts.unknown_field_names
            self.counts.unknown_fields += len(others)
            for name in sorted(others - names.keys())[: MAX_NAMED - len(names)]:
                names[name[:_LONGEST_NAME]] = nearest_field(name)
            self._decoder.learn(others & names.keys())
            record = {name: value for name, value in record.items() if name not in unknown}
        if self._rename and isinstance(kind := record.get("type"), str):
            record["type"] = self._rename.get(kind, kind)
        return record

    def _with_time_read(self, record: dict[str, Any]) -> Activity | None:
        """Read a record of which only the time may be written otherwise, as `put_right` has it; None for any other."""
        if not self._loose or "" in record.values():
            return None
        time, has_zone = time_of(record.get("published"))
        try:
            activity = None if time is None else msgspec.convert({**record, "published": time}, Activity)
        except (msgspec.ValidationError, RecursionError):
            return None
        self.counts.without_zone += activity is not None and not has_zone
        return activity

    def _put_right(self, number: int, line: object, record: object, error: Exception) -> Activity | None:
        """Read a record that is not written as ours are, or report all that is wrong with it."""
        if isinstance(record, dict):
            if cut_off := [name for name in _IDS if isinstance(record.get(name), float) and is_cut_off(record[name])]:
                self._refuse(number, [(f"/{name}", cut_off_words(record[name])) for name in cut_off])
                return None
            record, without_zone = put_right(record) if self._loose else (with_whole_numbers(record), False)
            try:
                activity = msgspec.convert(record, Activity)
            except (msgspec.ValidationError, RecursionError) as second:
                error = second
            else:
                self.counts.without_zone += without_zone
                return activity
            if record.get("visibility") == "private":
                self._count_private(id_of(record.get("id")))  # whatever it would be, also without a time as drafts are
                return None
            if (withdrawal := withdrawal_in(record, self._people)) is not None:
                self.withdrawals.append(withdrawal)
                return None
        if self.bad_total >= MAX_REPORTED:
            self._refuse(number, [place_of(error)])
        elif isinstance(record, dict):
            self._refuse(number, faults_of(record))
        else:
            self._refuse(number, explain_json(line, error) if isinstance(line, bytes) else [place_of(error)])
        return None

    def _refuse(self, number: int, faults: list[tuple[str, str]]) -> None:
        self.counts.bad += 1
        for pointer, detail in faults:
            self._fault(number, pointer, detail)

    def _take_all(self, numbers: Sequence[int], activities: Sequence[Activity]) -> None:
        """Take the records of some lines: together, where none is private or wrong."""
        if not numbers:
            return
        batch = RecordBatch(activities)
        if self._loose and not ABSENT.isdisjoint(batch.columns["object"]):
            batch = RecordBatch(list(map(self._with_known_object, activities)))
        named = self._all_named(batch)
        if named is not None and self._keep is not None:
            self._keep(numbers, named)
        elif named is None or not self._all_new(numbers, named):
            for number, activity in zip(numbers, batch, strict=True):
                self._take(number, activity)

    def _all_new(self, numbers: Sequence[int], activities: Sequence[Activity]) -> bool:
        """Collect records together; False, and none of them is, where one has an id that was there before."""
        by_id = dict(zip(map(attrgetter("id"), activities), activities, strict=True))
        if len(by_id) < len(activities) or not self._seen.keys().isdisjoint(by_id):
            return False
        self._seen.update((name, activity) for name, activity in by_id.items() if name is not None)
        for activity in activities:
            self._count_nameless(activity)
        self.activities.extend(activities)
        self._lines.extend(numbers)
        return True

    def _count_nameless(self, activity: Activity) -> None:
        if activity.actor is None and activity.type != "vote":
            self.counts.nameless += 1
            self.counts.ownerless_accepts += activity.type == "accept"

    def _all_named(self, batch: RecordBatch) -> RecordBatch | None:
        """Return the records with the one names of their accounts; None where one is private or wrong."""
        columns = batch.columns
        ids, actors = columns["id"], columns["actor"]
        if not (all(ids) and all(actors)):
            each = zip(columns["type"], ids, actors, strict=True)
            if None in [by if kind == "account" else name for kind, name, by in each]:  # as missing_name says of one
                return None
        if batch.published.min() < _FIRST_US or batch.published.max() > _LAST_US:
            return None
        if "private" in columns["visibility"]:
            return None
        try:
            return batch if self._people is None else self._people.all_with_canonical_names(batch)
        except UnknownAccountError:
            return None

    def _with_known_object(self, activity: Activity) -> Activity:
        return replace(activity, object=None) if self._loose and activity.object in ABSENT else activity

    def _take(self, number: int, activity: Activity) -> None:
        record_id = activity.id
        if (record_id is None or activity.actor is None) and (
            problem := missing_name(activity.type, record_id, activity.actor)
        ):
            self._refuse(number, [problem])
            return
        if not is_possible_time(activity.published):
            self._refuse(number, [("/published", _NO_TIME)])
            return
        if activity.visibility == "private":
            self._count_private(record_id)
            return
        if self._people is not None:
            try:
                activity = self._people.with_canonical_names(activity)
            except UnknownAccountError as error:
                self._refuse(number, [(self._people.pointer(activity), str(error))])
                return
        if self._keep is not None:
            self._keep((number,), (activity,))
        elif record_id is None or (first := self._seen.setdefault(record_id, activity)) is activity:
            self._count_nameless(activity)
            self.activities.append(activity)
            self._lines.append(number)
        elif first == activity:
            self.counts.duplicates += 1
        else:
            self._refuse_other_content(number, first)

    def _refuse_other_content(self, number: int, first: Activity) -> None:
        if len(self.bad) < MAX_REPORTED:
            self._refuse(number, [conflicting_id(self._lines[self.activities.index(first)])])
        else:
            self.counts.bad += 1
            self.bad_total += 1

    def _fault(self, number: int, pointer: str, detail: str) -> None:
        self.bad_total += 1
        if len(self.bad) < MAX_REPORTED:
            self.bad.append(BadRecord(number, pointer, detail))


def in_own_words(activities: list[Activity]) -> list[Activity]:
    """Return records with the text of each as its author wrote it (own_text), the others as they are."""
    texts = [activity.content for activity in activities]
    if not may_hold_more("\n".join(filter(None, texts))):
        return activities
    return [
        activity if text is None or (own := own_text(text)) == text else replace(activity, content=own or None)
        for activity, text in zip(activities, texts, strict=True)
    ]


def is_possible_time(time: datetime) -> bool:
    """Tell whether something may have happened then; programs write times before and after for what has none."""
    return _FIRST <= time <= _LAST
