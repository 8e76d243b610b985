"""Map: everybody on a board by interest and expertise; who has no number stands apart, never at zero."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.drawing.canvas import BOLD, Canvas, Look, Picture, finish, fit, open_picture, width_of, wrap
from service.drawing.provenance import provenance_lines, provenance_sentence
from service.drawing.rough import rough_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from candor.scoring.board import BoardRow, Side
    from service.drawing.provenance import Provenance
    from service.words import Words

KINDS = ("person", "organisation", "bot", "unknown")
Whiskers = tuple[tuple[float, float], tuple[float, float]]
Box = tuple[float, float, float, float]  # left, top, right, bottom

_PAD, _AXIS, _STRIP, _TALLEST = 20, 34, 40, 560
_TICKS = (0, 25, 50, 75, 100)
_ROWS_DESCRIBED = 5  # in the text alternative


@dataclass(frozen=True)
class Mark:
    """Where an account stands; `whiskers` are the ends of its intervals across and up, where it has both numbers."""

    row: BoardRow
    x: float
    y: float
    whiskers: Whiskers | None = None


def shape(kind: str, x: float, y: float, r: float) -> str:
    """Outline a kind: people round, organisations square, bots triangular, unknown a diamond; of about equal area."""
    if kind == "organisation":
        side = 1.8 * r
        return f"M{x - side / 2:.1f} {y - side / 2:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z"
    if kind == "bot":
        return f"M{x:.1f} {y - 1.3 * r:.1f}l{1.25 * r:.1f} {2.2 * r:.1f}h-{2.5 * r:.1f}z"
    if kind == "unknown":
        d = 1.2 * r
        return f"M{x:.1f} {y - d:.1f}l{d:.1f} {d:.1f}l-{d:.1f} {d:.1f}l-{d:.1f} -{d:.1f}z"
    return f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 -{2 * r:.1f} 0z"


def _draw_mark(canvas: Canvas, mark: Mark, r: float, said: tuple[str, str], href: str | None) -> None:
    """Draw an account; as a link where it has an address. `said` is what it is, and that its number is rough."""
    row, (label, rough) = mark.row, said
    kind = f"mark {row.kind} rough" if rough else f"mark {row.kind}"
    group = canvas.grouped(class_=kind) if href is None else canvas.link(href, label, class_=kind, **_data(row))
    group.hint(label)
    if mark.whiskers:
        (left, right), (low, high) = mark.whiskers
        group.path(f"M{left:.1f} {mark.y:.1f}H{right:.1f}M{mark.x:.1f} {low:.1f}V{high:.1f}", "span")
    group.path(shape(row.kind, mark.x, mark.y, r), "dot")


def describe_row(row: BoardRow, about: Provenance, words: Words) -> str:
    """Say who it is and both numbers with their intervals, and where expertise is a rough figure."""
    said = words(
        "map.mark",
        who=row.name or row.account,
        kind=words(f"kind.{row.kind}"),
        expertise=describe_side("expertise", row.expertise, words),
        interest=describe_side("interest", row.interest, words),
    )
    rough = rough_row(row, about, words)
    return f"{said}. {rough}" if rough else said


def describe_side(name: str, side: Side, words: Words) -> str:
    """Say one number with its interval, or that there is none."""
    title = words(f"side.{name}")
    if side.score is None or side.interval is None:
        return words("map.mark_null", side=title, status=words(f"status.{name}.{side.status}"))
    score, low, high = (words.number(n, 1) for n in (side.score, side.interval.low, side.interval.high))
    return words("map.mark_number", side=title, score=score, low=low, high=high)


def _data(row: BoardRow) -> dict[str, str]:
    """The account, and of each number there is the number and its limits, with a decimal point."""
    data = {"data_account": row.account}
    for name, side in (("expertise", row.expertise), ("interest", row.interest)):
        if side.score is not None and side.interval is not None:
            data[f"data_{name}"] = f"{side.score:.1f} {side.interval.low:.1f} {side.interval.high:.1f}"
    return data


@dataclass(frozen=True)
class Plot:
    """Where the map lies: from (left, top), `width` by `height`; `strip` is the room left of it for no interest."""

    left: float
    top: float
    width: float
    height: float
    strip: float
    r: float

    def x(self, interest: float) -> float:
        """Place an interest."""
        return self.left + interest / 100 * self.width

    def y(self, expertise: float) -> float:
        """Place an expertise."""
        return self.top + (1 - expertise / 100) * self.height


def draw_map(
    rows: Sequence[BoardRow],
    about: Provenance,
    look: Look,
    link_of: Callable[[BoardRow], str | None] | None = None,
) -> Picture:
    """Draw everybody on a board as a mark; `link_of` makes the marks links, which the keyboard reaches by rank."""
    words = look.words
    title = words("map.title", topic=about.topic)
    canvas, svg = open_picture(look, "topic-map", title, _description(rows, about, words), links=link_of is not None)
    top = _draw_head(canvas, rows, title, about, look)
    plot = _plot(rows, look.width, top)
    _draw_axes(canvas, plot, words)
    if not rows:
        canvas.text(plot.left + plot.width / 2, plot.top + plot.height / 2, words("map.nobody"), "note", "middle")
    marks = [*_both(rows, plot), *_no_interest(rows, plot)]
    below, y = _strips(canvas, rows, plot, words)
    everyone = canvas.grouped(class_="few" if len(rows) <= 40 else "many")
    for mark in sorted([*marks, *below], key=lambda mark: mark.row.rank):
        said = describe_row(mark.row, about, words), rough_row(mark.row, about, words)
        _draw_mark(everyone, mark, plot.r, said, link_of(mark.row) if link_of else None)
    _draw_names(canvas, [mark for mark in marks if mark.whiskers], plot)
    for line in provenance_lines(about, words, 12, look.width - 2 * _PAD):
        y += 17
        canvas.text(_PAD, y, line, "tick")
    return finish(svg, look.width, y + _PAD, card=True)


def _plot(rows: Sequence[BoardRow], width: float, top: float) -> Plot:
    strip = _STRIP if any(_given(row, "expertise") and not _given(row, "interest") for row in rows) else 0
    left = _PAD + _AXIS + strip
    across = width - left - _PAD - 6
    r = 5.5 if len(rows) <= 60 else 4.2 if len(rows) <= 300 else 3.2
    return Plot(left, top + 34, across, min(across, _TALLEST), strip, r if width >= 500 else r * 0.85)


def _draw_head(canvas: Canvas, rows: Sequence[BoardRow], title: str, about: Provenance, look: Look) -> float:
    """Write the title and the legend; return where they end."""
    y = float(_PAD)
    for line in wrap(title, 20 * BOLD, look.width - 2 * _PAD, 3):
        y += 16
        canvas.text(_PAD, y, line, "title")
        y += 8
    x, y = float(_PAD), y + 22
    words, counted = look.words, Counter(row.kind for row in rows)
    entries = [(kind, words(f"kinds.{kind}"), counted[kind]) for kind in KINDS if counted[kind]]
    if rough := sum(bool(rough_row(row, about, words)) for row in rows):
        entries.append(("person rough", words("map.rough"), rough))
    for kind, name, n in entries:
        label = words("map.by_kind", kind=name, n=words.number(n))
        room = width_of(label, 13) + 32
        if x > _PAD and x + room > look.width - _PAD:
            x, y = float(_PAD), y + 22
        entry = canvas.grouped(class_=f"mark {kind}")
        entry.path(shape(kind, x + 6, y - 4.5, 5.5), "dot")
        entry.text(x + 18, y, label, "note")
        x += room
    return y + 12


def _draw_axes(canvas: Canvas, plot: Plot, words: Words) -> None:
    right, floor = plot.left + plot.width, plot.top + plot.height
    for tick in _TICKS:
        x, y = plot.x(tick), plot.y(tick)
        canvas.line(plot.left - plot.strip, y, right, y, "grid" if tick else "axis")
        canvas.line(x, plot.top, x, floor, "grid" if tick else "axis")
        canvas.text(plot.left - plot.strip - 8, y + 4, str(tick), "tick", "end")
        canvas.text(x, floor + 17, str(tick), "tick", "middle")
    if plot.strip:
        canvas.text(plot.left - plot.strip - 4, floor + 17, words("map.none"), "tick")
    for y, side in ((plot.top - 14, "expertise"), (floor + 40, "interest")):
        canvas.row(_PAD, y, (words(f"side.{side}"), "strong small"), (words(f"side.question.{side}"), "note"))


def _both(rows: Sequence[BoardRow], plot: Plot) -> Iterable[Mark]:
    for row in rows:
        know, care = row.expertise, row.interest
        if know.score is None or know.interval is None or care.score is None or care.interval is None:
            continue
        across = (plot.x(care.interval.low), plot.x(care.interval.high))
        up = (plot.y(know.interval.low), plot.y(know.interval.high))
        yield Mark(row, plot.x(care.score), plot.y(know.score), (across, up))


def _no_interest(rows: Sequence[BoardRow], plot: Plot) -> Iterable[Mark]:
    """Stack those without an interest number beside the axis, by expertise."""
    stacks: dict[int, list[BoardRow]] = defaultdict(list)
    pitch = 2 * plot.r + 1
    for row in rows:
        if row.expertise.score is not None and row.interest.score is None:
            stacks[round(plot.y(row.expertise.score) / pitch)].append(row)
    for level, stack in stacks.items():
        step = min(pitch, (plot.strip - pitch) / max(1, len(stack) - 1))
        for place, row in enumerate(stack):
            yield Mark(row, plot.left - plot.strip + pitch / 2 + place * step, level * pitch)


def _strips(canvas: Canvas, rows: Sequence[BoardRow], plot: Plot, words: Words) -> tuple[list[Mark], float]:
    """Place those without an expertise number beneath the plot: first by interest, then those with neither."""
    y = plot.top + plot.height + 56
    lacking = [row for row in rows if not _given(row, "expertise")]
    caring = [row for row in lacking if _given(row, "interest")]
    neither = [row for row in lacking if not _given(row, "interest")]
    marks: list[Mark] = []
    for key, some, place in (("map.no_expertise", caring, _by_interest), ("map.neither", neither, _packed)):
        if some:
            canvas.text(_PAD, y + 16, words(key, n=words.number(len(some))), "note strong")
            placed = list(place(some, plot, y + 28))
            marks += placed
            y = max(mark.y for mark in placed) + plot.r + 16
            canvas.line(_PAD, y - 4, plot.left + plot.width, y - 4, "rule")
    return marks, y + 6


def _by_interest(rows: Sequence[BoardRow], plot: Plot, top: float) -> Iterable[Mark]:
    stacks: Counter[int] = Counter()
    pitch = 2 * plot.r + 1
    for row in rows:
        level = round(plot.x(row.interest.score or 0) / pitch)
        yield Mark(row, level * pitch, top + plot.r + stacks[level] * pitch)
        stacks[level] += 1


def _packed(rows: Sequence[BoardRow], plot: Plot, top: float) -> Iterable[Mark]:
    pitch = 2 * plot.r + 2.5
    columns = int((plot.left + plot.width - _PAD) // pitch)
    for place, row in enumerate(rows):
        yield Mark(row, _PAD + (place % columns + 0.5) * pitch, top + plot.r + place // columns * pitch)


def _draw_names(canvas: Canvas, marks: Sequence[Mark], plot: Plot) -> None:
    """Name the first few where their names fit without covering each other or anybody's mark."""
    taken: list[Box] = []
    spots = {mark.row.rank: (mark.x - plot.r, mark.y - plot.r, mark.x + plot.r, mark.y + plot.r) for mark in marks}
    right = plot.left + plot.width
    for mark in sorted(marks, key=lambda mark: mark.row.rank)[: 8 if plot.width > 400 else 4]:
        name = fit(mark.row.name or mark.row.account, 12, 140 if plot.width > 400 else 90)
        wide = width_of(name, 12 * BOLD)
        beside = mark.x + plot.r + 4
        for x in (beside, mark.x - plot.r - 4 - wide):
            box = (x - 6, mark.y - 9, x + wide + 6, mark.y + 9)
            others = (*taken, *(spot for rank, spot in spots.items() if rank != mark.row.rank))
            if x > plot.left and x + wide < right and not any(_overlap(box, other) for other in others):
                taken.append(box)
                canvas.text(x if x == beside else x + wide, mark.y + 4, name, "name", None if x == beside else "end")
                break


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _given(row: BoardRow, side: str) -> bool:
    return (row.expertise if side == "expertise" else row.interest).score is not None


def _description(rows: Sequence[BoardRow], about: Provenance, words: Words) -> str:
    if not rows:
        return words("map.nobody")
    counted = Counter(row.kind for row in rows)
    kinds = [
        words("map.by_kind", kind=words(f"kinds.{kind}"), n=words.number(counted[kind]))
        for kind in KINDS
        if counted[kind]
    ]
    lacking = sum(not _given(row, "expertise") for row in rows)
    marks = [describe_row(row, about, words) for row in rows if _given(row, "expertise")][:_ROWS_DESCRIBED]
    return " ".join(
        [
            words.count("map.desc", len(rows)),
            ", ".join(kinds) + ".",
            words("map.no_expertise", n=words.number(lacking)) + ".",
            *([words("map.first", marks="; ".join(marks))] if marks else []),
            provenance_sentence(about, words),
        ]
    )
