"""Path: who passed a message on to whom, as a tree; of a large one the largest branches, and the rest counted."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.drawing.canvas import BOLD, Canvas, Look, Picture, finish, fit, open_picture, width_of, wrap
from service.drawing.provenance import provenance_lines, provenance_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from candor.messages.path import MessagePath, PathStep, Shape, TakenUp
    from service.drawing.provenance import Provenance
    from service.words import Words

MOST_DRAWN = 40
_PAD, _TITLE, _FACT, _LEGEND = 20, 17, 20, 24
_R, _INDENT, _DEEPEST = 5, 22, 0.4  # of the width, at most, for all indents together
_WIDE = 560
_A_PAIR = 2


@dataclass(frozen=True)
class TreeLine:
    """A line of the tree: a step, or how many more there are; `above` is the line of where it came from.

    Without a step and without `above` it is the head of those of which nobody knows through whom they came.
    """

    step: PathStep | None
    depth: int
    above: int | None
    more: int = 0


def outline(path: MessagePath, steps: Sequence[PathStep], most: int = MOST_DRAWN) -> tuple[TreeLine, ...]:
    """Return the tree line by line: the way to the first of the trusted, then the largest branches, `most` steps."""
    under: dict[int | None, list[int]] = {}
    for step in steps[1:]:
        under.setdefault(step.came_from, []).append(step.place)
    sizes = _sizes(steps)
    drawn = _drawn(path, under, sizes, most)
    lines: list[TreeLine] = []
    _branch(lines, 0, None, _Tree(steps, under, sizes, drawn))
    if None in under:
        lines.append(TreeLine(None, 0, None, more=sum(sizes[place] for place in under[None])))
        _below(lines, None, 1, None, _Tree(steps, under, sizes, drawn))
    return tuple(lines)


@dataclass(frozen=True)
class _Tree:
    steps: Sequence[PathStep]
    under: Mapping[int | None, Sequence[int]]
    sizes: Sequence[int]
    drawn: frozenset[int]


def _sizes(steps: Sequence[PathStep]) -> list[int]:
    """Return of each step how many came from it, itself among them: each comes after what it came from."""
    sizes = [1] * len(steps)
    for step in reversed(steps):
        if step.came_from is not None:
            sizes[step.came_from] += sizes[step.place]
    return sizes


def _drawn(
    path: MessagePath, under: Mapping[int | None, Sequence[int]], sizes: Sequence[int], most: int
) -> frozenset[int]:
    way = (*path.through, path.first_trusted) if path.first_trusted is not None else ()
    drawn = {0, *way[:most]}
    waiting = [(-sizes[place], place) for above in (*drawn, None) for place in under.get(above, ())]
    heapq.heapify(waiting)
    while waiting and len(drawn) < most:
        _, place = heapq.heappop(waiting)
        if place not in drawn:
            drawn.add(place)
            for below in under.get(place, ()):
                heapq.heappush(waiting, (-sizes[below], below))
    return frozenset(drawn)


def _branch(lines: list[TreeLine], place: int, above: int | None, tree: _Tree, depth: int = 0) -> None:
    lines.append(TreeLine(tree.steps[place], depth, above))
    _below(lines, place, depth + 1, len(lines) - 1, tree)


def _below(lines: list[TreeLine], place: int | None, depth: int, above: int | None, tree: _Tree) -> None:
    """Add what came from a step, or from nobody knows whom: drawn ones, then how many more."""
    for below in tree.under.get(place, ()):
        if below in tree.drawn:
            _branch(lines, below, above, tree, depth)
    more = sum(tree.sizes[below] for below in tree.under.get(place, ()) if below not in tree.drawn)
    if more:
        lines.append(TreeLine(None, depth, -1 if above is None else above, more=more))


def draw_path(path: MessagePath, steps: Sequence[PathStep], about: Provenance, look: Look) -> Picture:
    """Draw how a message went from person to person."""
    words, lines = look.words, outline(path, steps)
    facts = list(path_facts(path, steps, words, names_trusted=about.names_people))
    said = " ".join([*facts, *path_sentences(lines, steps, words), provenance_sentence(about, words)])
    title = words("path.title", who=_who(steps[0], words))
    canvas, svg = open_picture(look, "message-path", title, said)
    room, y = look.width - 2 * _PAD, 32.0
    for line in wrap(title, _TITLE * BOLD, room, most=3):
        canvas.text(_PAD, y, line, "strong title-line")
        y += 24
    for fact in facts:
        for line in wrap(fact, 13, room):
            canvas.text(_PAD, y, line, "small")
            y += _FACT
    y = _draw_legend(canvas, _signs(path, lines), y + 8, room, words)
    y = _draw_lines(canvas, lines, path, look, y + 20)
    for line in provenance_lines(about, words, 12, room):
        y += 18
        canvas.text(_PAD, y, line, "tick")
    return finish(svg, look.width, y + 16, card=True)


def path_facts(
    path: MessagePath, steps: Sequence[PathStep], words: Words, *, names_trusted: bool = True
) -> Iterator[str]:
    """Say who took it up, the shape, what is inferred or unknown in it, and the first trusted person reached, if any.

    Where nobody was named as trusted (`names_trusted`), there is none to be reached.
    """
    yield from uptake_sentences(path, words)
    yield words("path.recorded", shape=_shape(path.recorded, words))
    if path.with_inferred != path.recorded:
        yield words("path.with_inferred", shape=_shape(path.with_inferred, words))
    if path.unknown:
        yield words.count("path.unknown", path.unknown)
    if path.left_out:
        yield words.count("path.left_out", path.left_out, most=words.number(len(steps)))
    if path.first_trusted is None:
        if names_trusted:
            yield words("path.reached_none")
    else:
        first = _who(steps[path.first_trusted], words)
        through = [_who(steps[place], words) for place in path.through[1:]]
        known = "path.reached" if through else "path.reached_directly" if path.through else "path.reached_somehow"
        yield words(known, who=first, through=", ".join(through))


def uptake_sentences(path: MessagePath, words: Words) -> Iterator[str]:
    """Say who took the message up, a sentence a kind of recognition."""
    for taken in path.taken_up:
        did = words.get(f"path.took.{taken.kind}", taken.kind)
        yield words.count("path.taken_up", taken.people, did=did, who=_takers(taken, words))


def _takers(taken: TakenUp, words: Words) -> str:
    named = ", ".join(author.name or author.account for author in taken.by)
    if not named:
        return words("path.hidden")
    more = taken.people - len(taken.by)
    return f"{named} {words.count('path.more', more)}" if more else named


def path_sentences(lines: Sequence[TreeLine], steps: Sequence[PathStep], words: Words) -> Iterator[str]:
    """Say every line of the tree in words."""
    for line in lines:
        if line.step is not None:
            yield _sentence(line.step, steps, words)
        elif line.above is None:
            yield words.count("path.unknown", line.more)
        else:
            yield words.count("path.more", line.more) + "."


def _sentence(step: PathStep, steps: Sequence[PathStep], words: Words) -> str:
    by = {"who": _who(step, words), "did": words(f"path.did.{step.type}"), "date": words.date(step.at)}
    if step.came_from is None:
        said = words("path.sentence", **by)
    else:
        said = words(f"path.sentence_{step.how}", **by, source=_who(steps[step.came_from], words))
    return f"{said} {words('path.is_trusted')}" if step.trusted else said


def _who(step: PathStep, words: Words) -> str:
    return words("path.hidden") if step.author is None else step.author.name or step.author.account


def _shape(shape: Shape, words: Words) -> str:
    """Say how large a path is and how it is spread; of a message and one act there is nothing more to say."""
    said = [words.count("path.records", shape.steps)]
    if shape.steps > _A_PAIR:
        said.append(words.count("path.chain", shape.depth))
        said.append(words("path.breadth", n=words.number(shape.breadth)))
        said += [] if shape.virality is None else [words("path.apart", n=words.number(shape.virality, 1))]
    return ", ".join(said)


def _signs(path: MessagePath, lines: Sequence[TreeLine]) -> Iterator[str]:
    """Yield the lines and dots that are there, by their names in the legend."""
    drawn = [line.step for line in lines if line.step is not None]
    yield from (sign for sign in ("recorded", "inferred") if any(step.how == sign for step in drawn))
    if path.through:
        yield "way"
    if any(step.trusted for step in drawn):
        yield "trusted"


def _draw_legend(canvas: Canvas, signs: Iterable[str], y: float, room: float, words: Words) -> float:
    """Explain lines and dots, as many on a line as fit; return where it ends."""
    x = float(_PAD)
    for sign in signs:
        label = fit(words(f"path.legend.{sign}"), 12, room - 34)
        wide = width_of(label, 12) + 46
        if x > _PAD and x + wide > _PAD + room:
            x, y = float(_PAD), y + _LEGEND
        if sign == "trusted":
            canvas.circle(x + 14, y - 4, _R, "person-dot trusted")
        else:
            canvas.line(x, y - 4, x + 28, y - 4, f"passed {sign}")
        canvas.text(x + 34, y, label, "tick")
        x += wide + 12
    return y


def _draw_lines(canvas: Canvas, lines: Sequence[TreeLine], path: MessagePath, look: Look, top: float) -> float:
    """Draw the tree downwards from `top`; return the height of the picture."""
    deepest = max(line.depth for line in lines) or 1
    indent = min(_INDENT, look.width * _DEEPEST / deepest)
    way = {*path.through, path.first_trusted} if path.first_trusted is not None else set()
    places, y = [], top + 8
    for line in lines:
        places.append((_PAD + 8 + line.depth * indent, y))
        y += 46 if line.step is not None and look.width < _WIDE else 30
    bottom = y - 8
    for on_way in (False, True):  # the way lies above the other lines
        for line, (x, y) in zip(lines, places, strict=True):
            if line.step and line.above is not None and (line.step.place in way) == on_way:
                above_x, above_y = places[line.above]
                kind = f"passed {line.step.how}{' way' if on_way else ''}"
                canvas.path(f"M{above_x:.1f} {above_y + _R:.1f}V{y:.1f}H{x - _R:.1f}", kind)
    for line, (x, y) in zip(lines, places, strict=True):
        _draw_line(canvas, line, x, y, look, is_first=line.step is not None and line.step.place == path.first_trusted)
    return bottom


def _draw_line(canvas: Canvas, line: TreeLine, x: float, y: float, look: Look, *, is_first: bool) -> None:
    words, room = look.words, look.width - _PAD - x - 14
    if line.step is None:
        if line.above is None:
            canvas.text(_PAD, y + 4, fit(words("path.from_nobody_knows"), 13, look.width - 2 * _PAD), "note")
        else:
            canvas.text(x + 14, y + 4, fit(words.count("path.more", line.more), 13, room), "note")
        return
    step = line.step
    if is_first:
        canvas.circle(x, y, _R + 4, "first-ring")
    canvas.circle(x, y, _R, f"person-dot {'trusted' if step.trusted else step.how}")
    did = " · ".join(_did(step, words, is_first=is_first))
    name = _who(step, words)
    if look.width >= _WIDE:
        name = fit(name, 14 * BOLD, room * 0.5)
        beside = room - width_of(name, 14 * BOLD) - 12
        canvas.row(x + 14, y + 5, (name, "strong"), (fit(did, 12, beside), "tick"))
    else:
        canvas.text(x + 14, y + 5, fit(name, 14 * BOLD, room), "strong")
        canvas.text(x + 14, y + 22, fit(did, 12, room), "tick")


def _did(step: PathStep, words: Words, *, is_first: bool) -> Iterator[str]:
    yield words(f"path.did.{step.type}")
    if is_first:
        yield words("path.first")
    if step.how == "inferred":
        yield words("path.inferred")
    yield words.date(step.at)
