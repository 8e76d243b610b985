"""Map: everybody on a board by interest and expertise; who has no number stands apart, never at zero."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring.activity import ACCOUNT_KINDS
from service.drawing.canvas import BOLD, Canvas, Look, Picture, describe, finish, fit, open_picture, width_of, wrap
from service.drawing.map_marks import (
    PAD,
    Cluster,
    Mark,
    Plot,
    both_numbers,
    clusters,
    fitted,
    no_interest,
    packed,
    stack_by_interest,
)
from service.drawing.provenance import provenance_lines, provenance_sentence, rough_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from candor.scoring.board_row import BoardRow, Side
    from service.drawing.map_marks import Axis
    from service.drawing.provenance import Provenance
    from service.words import Words

SIDES = ("expertise", "interest")
Box = tuple[float, float, float, float]  # left, top, right, bottom

LEAST_SPAN = 20.0  # points that an axis shows at least, so that near-ties do not look far apart
_AXIS, _STRIP, _TALLEST, _LOW = 34, 40, 560, 24
_WIDE = 500  # from where a picture is one for a wide screen
_HIT_WIDE, _HIT_NARROW = 32, 28  # a picture may be shown at four fifths: 24 pixels remain for a finger
_ROWS_DESCRIBED = 5  # in the text alternative
_NAMES_HINTED = 5


@dataclass(frozen=True)
class MapLinks:
    """Where the marks of a map lead: that of one account, and that of several which stand too close together."""

    one: Callable[[BoardRow], str]
    several: Callable[[Sequence[BoardRow]], str]


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


def _draw_mark(canvas: Canvas, mark: Mark, plot: Plot, said: tuple[str, str], href: str | None) -> None:
    """Draw an account; as a link where it has an address. `said` is what it is, and that its number is rough."""
    row, (label, rough) = mark.row, said
    kind = f"mark {row.kind} rough" if rough else f"mark {row.kind}"
    group = canvas.grouped(class_=kind) if href is None else canvas.link(href, label, class_=kind, **_data(row))
    group.hint(label)
    if plot.reach:
        group.circle(mark.x, mark.y, plot.reach / 2, "hit")
    if mark.whiskers:
        (left, right), (low, high) = mark.whiskers
        group.path(f"M{left:.1f} {mark.y:.1f}H{right:.1f}M{mark.x:.1f} {low:.1f}V{high:.1f}", "span")
    group.path(shape(row.kind, mark.x, mark.y, plot.r), "dot")


def _draw_cluster(canvas: Canvas, cluster: Cluster, plot: Plot, links: MapLinks, words: Words) -> None:
    """Draw several accounts as a ring with their number in it, which leads to them alone."""
    rows, (x, y) = cluster.rows, (cluster.first.x, cluster.first.y)
    names = ", ".join(row.name or row.account for row in rows[:_NAMES_HINTED])
    label = words("map.cluster", n=words.number(len(rows)), names=names + ("…" if len(rows) > _NAMES_HINTED else ""))
    group = canvas.link(links.several(rows), label, class_="mark cluster")
    group.hint(label)
    group.circle(x, y, plot.reach / 2, "hit")
    group.circle(x, y, plot.reach / 2 - 3, "dot")
    group.text(x, y + 4, words.number(len(rows)), "count", "middle")


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
        return words("map.mark_null", side=title, status=words.within(f"status.{name}.{side.status}"))
    score, low, high = (words.number(n, 1) for n in (side.score, side.interval.low, side.interval.high))
    return words("map.mark_number", side=title, score=score, low=low, high=high)


def _data(row: BoardRow) -> dict[str, str]:
    """The account, and of each number there is the number and its limits, with a decimal point."""
    data = {"data_account": row.account}
    for name, side in (("expertise", row.expertise), ("interest", row.interest)):
        if side.score is not None and side.interval is not None:
            data[f"data_{name}"] = f"{side.score:.1f} {side.interval.low:.1f} {side.interval.high:.1f}"
    return data


def draw_map(
    rows: Sequence[BoardRow],
    about: Provenance,
    look: Look,
    links: MapLinks | None = None,
    least: float = LEAST_SPAN,
) -> Picture:
    """Draw everybody on a board as a mark, on axes that fit them and show `least` points or more.

    `links` makes the marks links, which the keyboard reaches by rank; then accounts that stand too close together to be
    hit are one mark.
    """
    words = look.words
    title = words("map.title", topic=about.topic)
    canvas, svg = open_picture(look, "topic-map", title, "", links=links is not None)
    plot = _plot(rows, look.width, _draw_head(canvas, rows, title, about, look), links is not None, least)
    describe(svg, _description(rows, about, plot, words))
    _draw_axes(canvas, plot, words)
    if not rows:
        canvas.text(plot.left + plot.width / 2, plot.top + plot.height / 2, words("map.nobody"), "note", "middle")
    places = [list(both_numbers(rows, plot)), list(no_interest(rows, plot))]
    below, y = _strips(canvas, rows, plot, words)
    everyone = canvas.grouped(class_="few" if len(rows) <= 40 else "many")
    drawn = [cluster for some in (*places, *below) for cluster in clusters(some, plot.reach)]
    for cluster in sorted(drawn, key=lambda cluster: cluster.first.row.row):
        if links and len(cluster.marks) > 1:
            _draw_cluster(everyone, cluster, plot, links, words)
            continue
        row = cluster.first.row
        said = describe_row(row, about, words), rough_row(row, about, words)
        _draw_mark(everyone, cluster.first, plot, said, links.one(row) if links else None)
    known = [cluster for cluster in drawn if _given(cluster.first.row, "expertise")]
    _draw_names(canvas, sorted(known, key=lambda cluster: cluster.first.row.row), plot)
    for line in provenance_lines(about, words, 12, look.width - 2 * PAD):
        y += 17
        canvas.text(PAD, y, line, "tick")
    return finish(svg, look.width, y + PAD, card=True)


def _plot(rows: Sequence[BoardRow], width: float, top: float, linked: bool, least: float) -> Plot:  # noqa: FBT001 # one caller
    strip = _STRIP if any(_given(row, "expertise") and not _given(row, "interest") for row in rows) else 0
    left = PAD + _AXIS + strip
    across = width - left - PAD - 6
    r = 5.5 if len(rows) <= 60 else 4.2 if len(rows) <= 300 else 3.2
    know, care = (_on_axis(rows, name) for name in SIDES)
    return Plot(
        left,
        top + 34,
        across,
        min(across, _TALLEST) if know or not rows else _LOW,
        strip,
        r if width >= _WIDE else r * 0.85,
        fitted(care, least),
        fitted(know, least),
        (_HIT_WIDE if width >= _WIDE else _HIT_NARROW) if linked else 0,
    )


def _on_axis(rows: Sequence[BoardRow], name: str) -> list[float]:
    """Return the scores of one side, and the ends of the intervals that are drawn: an axis shows them whole."""
    scores = [score for row in rows if (score := _side(row, name).score) is not None]
    spans = [_side(row, name).interval for row in rows if all(_given(row, each) for each in SIDES)]
    return [*scores, *(end for span in spans if span is not None for end in (span.low, span.high))]


def _draw_head(canvas: Canvas, rows: Sequence[BoardRow], title: str, about: Provenance, look: Look) -> float:
    """Write the title and the legend; return where they end."""
    y = float(PAD)
    for line in wrap(title, 20 * BOLD, look.width - 2 * PAD, 3):
        y += 16
        canvas.text(PAD, y, line, "title")
        y += 8
    x, y = float(PAD), y + 22
    words, counted = look.words, Counter(row.kind for row in rows)
    entries = [(kind, words(f"kinds.{kind}"), counted[kind]) for kind in ACCOUNT_KINDS if counted[kind]]
    if rough := sum(bool(rough_row(row, about, words)) for row in rows):
        entries.append(("person rough", words("map.rough"), rough))
    for kind, name, n in entries:
        label = words("map.by_kind", kind=name, n=words.number(n))
        room = width_of(label, 13) + 32
        if x > PAD and x + room > look.width - PAD:
            x, y = float(PAD), y + 22
        entry = canvas.grouped(class_=f"mark {kind}")
        entry.path(shape(kind, x + 6, y - 4.5, 5.5), "dot")
        entry.text(x + 18, y, label, "note")
        x += room
    return y + 12


def _draw_axes(canvas: Canvas, plot: Plot, words: Words) -> None:
    for tick in plot.up.ticks() if plot.height > _LOW else ():
        y = plot.y(tick)
        canvas.line(plot.left - plot.strip, y, plot.right, y, "axis" if tick == plot.up.low else "grid")
        canvas.text(plot.left - plot.strip - 8, y + 4, plot.up.label(tick, words), "tick", "end")
    for tick in plot.across.ticks():
        x = plot.x(tick)
        canvas.line(x, plot.top, x, plot.floor, "axis" if tick == plot.across.low else "grid")
        canvas.text(x, plot.floor + 17, plot.across.label(tick, words), "tick", "middle")
    if plot.strip:
        canvas.text(plot.left - plot.strip - 4, plot.floor + 17, words("map.none"), "tick")
    if plot.height > _LOW:
        canvas.row(
            PAD, plot.top - 14, (words("side.expertise"), "strong small"), (words("side.question.expertise"), "note")
        )
    canvas.row(
        PAD, plot.floor + 40, (words("side.interest"), "strong small"), (words("side.question.interest"), "note")
    )


def _strips(canvas: Canvas, rows: Sequence[BoardRow], plot: Plot, words: Words) -> tuple[list[list[Mark]], float]:
    """Place those without an expertise number beneath the plot: first by interest, then those with neither."""
    y = plot.floor + 56
    lacking = [row for row in rows if not _given(row, "expertise")]
    caring = [row for row in lacking if _given(row, "interest")]
    neither = [row for row in lacking if not _given(row, "interest")]
    strips: list[list[Mark]] = []
    for key, some, place in (("map.no_expertise", caring, stack_by_interest), ("map.neither", neither, packed)):
        if some:
            canvas.text(PAD, y + 16, words(key, n=words.number(len(some))), "note strong")
            placed = list(place(some, plot, y + 28))
            strips.append(placed)
            y = max(mark.y for mark in placed) + max(plot.r, plot.reach / 2) + 16
            canvas.line(PAD, y - 4, plot.right, y - 4, "rule")
    return strips, y + 6


def _draw_names(canvas: Canvas, drawn: Sequence[Cluster], plot: Plot) -> None:
    """Name the first few where their names fit without covering each other or anybody's mark."""
    taken: list[Box] = []
    spots = {id(cluster): _spot(cluster, plot) for cluster in drawn}
    alone = [cluster for cluster in drawn if len(cluster.marks) == 1]
    for cluster in alone[: 8 if plot.width > 400 else 4]:
        mark = cluster.first
        name = fit(mark.row.name or mark.row.account, 12, 140 if plot.width > 400 else 90)
        wide = width_of(name, 12 * BOLD)
        beside = mark.x + plot.r + 4
        for x in (beside, mark.x - plot.r - 4 - wide):
            box = (x - 6, mark.y - 9, x + wide + 6, mark.y + 9)
            others = (*taken, *(spot for which, spot in spots.items() if which != id(cluster)))
            if (
                x > plot.left - plot.strip
                and x + wide < plot.right
                and not any(_overlap(box, other) for other in others)
            ):
                taken.append(box)
                canvas.text(x if x == beside else x + wide, mark.y + 4, name, "name", None if x == beside else "end")
                break


def _spot(cluster: Cluster, plot: Plot) -> Box:
    r = plot.reach / 2 if len(cluster.marks) > 1 else plot.r
    return (cluster.first.x - r, cluster.first.y - r, cluster.first.x + r, cluster.first.y + r)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _side(row: BoardRow, name: str) -> Side:
    return row.expertise if name == "expertise" else row.interest


def _given(row: BoardRow, name: str) -> bool:
    return _side(row, name).score is not None


def _description(rows: Sequence[BoardRow], about: Provenance, plot: Plot, words: Words) -> str:
    if not rows:
        return words("map.nobody")
    counted = Counter(row.kind for row in rows)
    kinds = [
        words("map.by_kind", kind=words(f"kinds.{kind}"), n=words.number(counted[kind]))
        for kind in ACCOUNT_KINDS
        if counted[kind]
    ]
    lacking = sum(not _given(row, "expertise") for row in rows)
    marks = [describe_row(row, about, words) for row in rows if _given(row, "expertise")][:_ROWS_DESCRIBED]
    return " ".join(
        [
            words.count("map.desc", len(rows)),
            ", ".join(kinds) + ".",
            words("map.axes", **_ends("care", plot.across, words), **_ends("know", plot.up, words)),
            words("map.no_expertise", n=words.number(lacking)) + ".",
            *([words("map.first", marks="; ".join(marks))] if marks else []),
            provenance_sentence(about, words),
        ]
    )


def _ends(name: str, axis: Axis, words: Words) -> dict[str, str]:
    return {f"{name}_low": axis.label(axis.low, words), f"{name}_high": axis.label(axis.high, words)}
