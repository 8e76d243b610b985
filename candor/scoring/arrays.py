"""Arrays: sorting, grouping and summing them fast, and working on chunks of them that fit a cache."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from _typeshed import DataclassInstance
    from numpy.typing import NDArray
    from scipy.sparse import csr_array, dia_array

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    from collections.abc import Iterator

THREADS = 2
ACTS_AT_ONCE = 150_000
ROWS_AT_ONCE = 500_000
Item = TypeVar("Item")
Result = TypeVar("Result")
Record = TypeVar("Record", bound="DataclassInstance")
_BITS = 63  # of a whole number from 0 up
_SMALL = 10_000
FEW = 500  # rows: so many are sorted at once by all columns
MANY = 100  # subjects: their voices are added up as they stand
_LARGEST_32 = 2**31 - 1


def order_by(*columns: Ints) -> Ints:
    """Return the order that sorts by columns of whole numbers from 0 up, the first deciding most; equals as they stand.

    As many columns as fit are packed into 64 bits: of 4.7 million, numpy sorts numbers in 25 ms and places in 150.
    """
    if columns[0].size < FEW:
        return np.lexsort(columns[::-1])
    room = _BITS - columns[0].size.bit_length()
    order: Ints | None = None
    packed: list[tuple[Ints, int]] = []
    for column in columns[::-1]:
        width = int(column.max(initial=0)).bit_length()
        if packed and width + sum(bits for _, bits in packed) > room:
            order, packed = _sorted_anew(order, packed), []
        packed.insert(0, (column, width))
    return _sorted_anew(order, packed)


def order_of_hashes(hashes: NDArray[np.uint64]) -> Ints:
    """Return an order that sorts hashes of 64 bits; equals stand in any order.

    Each is sorted as its first bits and its place behind them: of 712,560, numbers take half of what places do. Where
    two that differ have the same first bits, which is rare below a million, all are sorted as they are.
    """
    place_bits = np.uint64(hashes.size.bit_length())
    places = (np.uint64(1) << place_bits) - np.uint64(1)
    packed = hashes & ~places
    packed |= np.arange(hashes.size, dtype=np.uint64)
    packed.sort()
    packed &= places
    order = packed.view(np.int64)
    found = hashes[order]
    return order if (found[1:] >= found[:-1]).all() else hashes.argsort()


def group_by(*columns: Ints) -> tuple[Ints, Bools]:
    """Return the same order, and where a group of equals begins in it."""
    order = order_by(*columns)
    new = np.ones(order.size, np.bool_)
    for at in range(1, order.size, ROWS_AT_ONCE):
        some = order[at - 1 : at + ROWS_AT_ONCE]
        new[at : at + ROWS_AT_ONCE] = changes(*(column[some] for column in columns))[1:]
    return order, new


def _sorted_anew(order: Ints | None, columns: list[tuple[Ints, int]]) -> Ints:
    """Return an order sorted by some columns more, the first deciding most; they have so many bits each."""
    size = columns[0][0].size
    place_bits, key_bits = size.bit_length(), sum(bits for _, bits in columns)
    if key_bits + place_bits > _BITS:
        ((column, _),) = columns
        places = (column if order is None else column[order]).argsort(kind="stable")
        return places if order is None else order[places]
    key = np.empty(size, np.int64)
    for at in range(0, size, ROWS_AT_ONCE):
        some = slice(at, at + ROWS_AT_ONCE)
        numbers: Any = np.int64(0)
        for column, bits in columns:
            numbers = (numbers << bits) | (column[some] if order is None else column[order[some]])
        key[some] = (numbers << place_bits) | np.arange(at, min(at + ROWS_AT_ONCE, size))
    key.sort()
    key &= (1 << place_bits) - 1
    return key if order is None else order[key]


def sparse(parts: Any, shape: tuple[int, int] | None = None) -> csr_array:  # noqa: ANN401 as csr_array has it
    """Return a matrix in compressed rows, made of values and where they stand, or of another matrix."""
    from scipy.sparse import csr_array  # noqa: PLC0415 # 23 MB, which an interface that only shows can do without

    return csr_array(parts, shape)


def diagonal(values: Any) -> dia_array:  # noqa: ANN401 as diags_array has it
    """Return a matrix with these values on its diagonal, and nothing beside it."""
    from scipy.sparse import diags_array  # noqa: PLC0415 # as above

    return diags_array(values)


def where_true(chosen: NDArray[Any]) -> Ints:
    """Return where one row is true, or not zero: np.flatnonzero takes six times as long, which counts with few rows."""
    return chosen.nonzero()[0]


def with_changes(record: Record, **changes: Any) -> Record:  # noqa: ANN401 # values of its fields
    """Do what dataclasses.replace does, in half the time, with a record that looks at nothing when it is made."""
    made = object.__new__(type(record))
    known = record.__dict__
    made.__dict__.update({name: known[name] for name in type(record).__dataclass_fields__} | changes)
    return made


def any_of(chosen: NDArray[Any]) -> bool:
    """Say whether any is true: the method of arrays takes four times as long, which counts with few rows."""
    return bool(np.count_nonzero(chosen))


def all_of(chosen: NDArray[Any]) -> bool:
    """Say whether all are true."""
    return bool(np.count_nonzero(chosen) == chosen.size)


def ranges(first: Ints, last: Ints) -> Ints:
    """Return the numbers from each of `first` up to its `last`, one range after the other."""
    if not first.size or all_of(first[1:] == last[:-1]):
        return np.arange(first[0], last[-1]) if first.size else first
    size = last - first
    before = size.cumsum() - size
    return np.repeat(first - before, size) + np.arange(int(size.sum()))


def pair_key(first: Ints, second: Ints, size: int) -> Ints:
    """Return one number of 64 bits for each pair of numbers below `size`, in the order of the pairs."""
    return np.asarray(first * np.int64(size) + second)


def distinct(values: Ints) -> Ints:
    """Return each value once, ascending."""
    ascending = values.copy()
    ascending.sort()
    return ascending[changes(ascending)] if values.size else ascending


def places_in_order(names: Sequence[str]) -> Ints:
    """Return for each name its place when they are sorted."""
    places = np.empty(len(names), np.int64)
    places[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return places


def is_among(values: Ints, ascending: Ints) -> Bools:
    """Say which values are among distinct ascending ones: fast where the values ascend too."""
    place = ascending.searchsorted(values)
    place[place == ascending.size] = 0
    return np.asarray(ascending[place] == values) if ascending.size else np.zeros(values.size, np.bool_)


def places_among(ascending: Ints, values: Ints) -> Ints:
    """Return the place of each value among ascending ones, which have it: told at once where they leave none out."""
    if ascending.size and ascending[-1] - ascending[0] + 1 == ascending.size:
        return np.asarray(values - np.int64(ascending[0]))
    return ascending.searchsorted(values)


def changes(*columns: Ints | Bools) -> Bools:
    """Say where a group of equals begins: what differs in any column from the row before."""
    changed = np.empty(columns[0].size, np.bool_)
    changed[:1] = True
    np.not_equal(columns[0][1:], columns[0][:-1], out=changed[1:])
    for column in columns[1:]:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def index_by(person: Ints, people: int) -> tuple[Ints, Ints]:
    """Return the places in `person` sorted by it, and where each of `people` begins there.

    Many are counted, as columns of a matrix of one row are: each is moved once, where a sort moves it several times.
    """
    if person.size < _SMALL:
        return person.argsort(kind="stable"), np.bincount(person + 1, minlength=people + 1).cumsum()
    width = np.int32 if max(person.size, people) < _LARGEST_32 else np.int64
    places, first = np.arange(person.size, dtype=width), np.array([0, person.size], width)
    by_column = sparse((places, person.astype(width, copy=False), first), (1, people)).tocsc()
    return by_column.data, by_column.indptr.astype(np.int64)


def sum_by(group: Ints, values: Floats, groups: int) -> Floats:
    """Sum `values` by group number."""
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64, copy=False)


def sum_voices(subjects: int, subject: Ints, voice: Floats) -> tuple[Floats, Floats]:
    """Return the sum of voices by subject (ascending) and their effective number (Kish 1965).

    Adds in order of size, so names play no part; of many as they stand, which changes the fifteenth place.
    """
    if subjects == 1 and voice.size < MANY:
        return _sum_few(voice.tolist())
    if subjects < MANY:
        voice = -voice
        ends = subject.searchsorted(np.arange(subjects + 1)).tolist()
        for first, last in pairwise(ends):
            voice[first:last].sort()
        voice = -voice
    return effective(sum_by(subject, voice, subjects), sum_by(subject, voice * voice, subjects))


def _sum_few(voices: list[float]) -> tuple[Floats, Floats]:
    """Do what `sum_voices` does with few voices about one subject, as most documents have: arrays take twice as long.

    The same numbers to the last place.
    """
    total, squares = added(voices := sorted(voices, reverse=True)), added(voice * voice for voice in voices)
    return np.array([total]), np.array([total * total / squares if squares > 0 else 0.0])


def added(values: Iterable[float]) -> float:
    """Add values up in their order, as arrays are: `sum` makes up for rounding since Python 3.12."""
    total = 0.0
    for value in values:
        total += value
    return total


def effective(total: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Return sums and, from the sums of squares, the effective number of what they are the sums of."""
    return total, np.divide(total * total, squares, out=np.zeros(total.size), where=squares > 0)


def oldest_of_strongest(strength: Floats, new: Bools) -> Ints:
    """Return the place of the strongest in each group, the first of equals; `new` marks where groups begin."""
    start = where_true(new)
    size = np.diff(np.concatenate((start, [new.size])))
    several = size > 1
    if not any_of(several):
        return start
    among = where_true(several.repeat(size))
    first = size[several].cumsum() - size[several]
    group = np.repeat(np.arange(first.size), size[several])
    top = where_true(strength[among] == np.maximum.reduceat(strength[among], first)[group])
    start[several] = among[top[changes(group[top])]]
    return start


def run_parallel(*works: Callable[[], Any], rows: int = _SMALL) -> list[Any]:
    """Return what each of `works` returns; on threads, unless `rows` are few: numpy lets go of the interpreter."""
    if rows < _SMALL:
        return [work() for work in works]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda work: work(), works))


def map_chunks(work: Callable[[Item], Result], chunks: Iterable[Item]) -> list[Result]:
    """Return what `work` makes of each chunk; the first alone, as it may find things that all of them need."""
    first, *rest = chunks
    if not rest:
        return [work(first)]
    with ThreadPoolExecutor(THREADS) as pool:
        return [work(first), *pool.map(work, rest)]


def concat(parts: Sequence[Result]) -> Result:
    """Put what was found for one chunk after the other into one: arrays, arrays by name, or records of such.

    Fields of a record that are one array in each part are one array again.
    """
    some: Sequence[Any] = parts
    first = some[0]
    joint: Any
    if len(some) == 1:
        joint = first
    elif isinstance(first, np.ndarray):
        joint = np.concatenate(some)
    elif first is None:
        joint = None
    elif isinstance(first, dict):
        joint = {name: concat([part[name] for part in some]) for name in first}
    else:
        known: dict[tuple[int, ...], Any] = {}
        columns = {}
        for field in fields(first):
            values = [getattr(part, field.name) for part in some]
            alike = tuple(map(id, values))
            if alike not in known:
                known[alike] = concat(values)
            columns[field.name] = known[alike]
        joint = type(first)(**columns)
    found: Result = joint
    return found


TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # of mallopt(3)
KEPT = 2**31 - 1  # bytes
USUAL = 2**25


@contextmanager
def kept_memory() -> Iterator[None]:
    """Keep what is freed until the block ends, then give it back. Holds for the whole process."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        yield
        return
    for setting, value in ((MMAP_THRESHOLD, KEPT), (TRIM_THRESHOLD, KEPT), (ARENA_MAX, 1)):
        library.mallopt(setting, value)
    try:
        yield
    finally:
        library.mallopt(MMAP_THRESHOLD, USUAL)
        library.mallopt(TRIM_THRESHOLD, USUAL)
        library.malloc_trim(0)
