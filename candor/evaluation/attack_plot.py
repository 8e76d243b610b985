"""Draws points gained against what an attack costs, as SVG: a colour and a shape for each attack, and all in words."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from candor.scoring.measured import AttackReport

    Line = Sequence[tuple[int, float]]

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 60, 330, 64, 70
MOST_COST = 1000
NOTHING = 0.05
COLOURS = ("#0b5cad", "#b3261e", "#1b7a3d", "#7a4a00", "#6b2fa0", "#00707a", "#a0185f", "#6a6a6a", "#000000", "#0080b0")
SHAPES = ("M-4-4h8v8h-8z", "M0-5L5 4H-5z", "M0-5L5 0L0 5L-5 0z", "M-4-4L4 4M4-4L-4 4", "M0-5V5M-5 0H5", "M0 5L5-4H-5z")
DASHES = ("", "6 3", "2 3")


def drawn(report: AttackReport, labels: Mapping[str, str]) -> str:
    """Return the picture: for each attack and size the largest median over the thirds of activity, in raw points."""
    lines = _lines(report)
    rising = {name: line for name, line in lines.items() if max(points for _, points in line) >= NOTHING}
    flat = [labels[name] for name in lines if name not in rising]
    top = max(10.0, 10 * math.ceil(max((points for line in rising.values() for _, points in line), default=0) / 10))
    title = f"Method {report.method}: points an attack gains, against what it costs"
    under = f"trust root {report.trust_root}, topic {report.topic}; the worst of three groups of targets, medians"
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d" '
            'font-family="sans-serif" font-size="12" fill="#1a1a1a">'
        ),
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(_description(rising, flat, labels))}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">{escape(title)}</text>',
        f'<text x="{LEFT}" y="44">{escape(under)}</text>',
        *_axes(top),
        *(part for place, (name, line) in enumerate(rising.items()) for part in _drawn(place, labels[name], line, top)),
        *_zero(flat, len(rising)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lines(report: AttackReport) -> dict[str, list[tuple[int, float]]]:
    worst: dict[str, dict[int, float]] = {}
    for row in report.rows:
        sizes = worst.setdefault(row.attack, {})
        gained = -row.raw_median if row.lowers else row.raw_median
        sizes[row.size] = max(sizes.get(row.size, 0.0), gained)
    return {name: sorted(sizes.items()) for name, sizes in worst.items()}


def _description(rising: Mapping[str, Line], flat: Iterable[str], labels: Mapping[str, str]) -> str:
    said = [
        f"{labels[name]}: {', '.join(f'{at} cost {by:.1f} points' for at, by in line)}" for name, line in rising.items()
    ]
    return "; ".join([*said, f"no points at any size staged: {', '.join(flat)}"]) + "."


def _x(cost: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(max(1, cost)) / math.log10(MOST_COST)


def _y(points: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * points / top


def _axes(top: float) -> list[str]:
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<path d="M{LEFT} {TOP}V{floor}H{right}" fill="none" stroke="#1a1a1a"/>',
        (
            f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 26}" text-anchor="middle">'
            "accounts, vouches, posts or reshares bought (logarithmic)</text>"
        ),
        (
            f'<text x="18" y="{(TOP + floor) / 2:.0f}" text-anchor="middle" '
            f'transform="rotate(-90 18 {(TOP + floor) / 2:.0f})">points of raw score</text>'
        ),
    ]
    for cost in (1, 10, 100, 1000):
        parts.append(f'<path d="M{_x(cost):.1f} {floor}v5" stroke="#1a1a1a"/>')
        parts.append(f'<text x="{_x(cost):.1f}" y="{floor + 20}" text-anchor="middle">{cost}</text>')
    for points in range(0, int(top) + 1, 10):
        parts.append(f'<path d="M{LEFT} {_y(points, top):.1f}H{right}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{_y(points, top) + 4:.1f}" text-anchor="end">{points}</text>')
    return parts


def _drawn(place: int, label: str, line: Line, top: float) -> list[str]:
    colour, shape = COLOURS[place % len(COLOURS)], SHAPES[place % len(SHAPES)]
    dash = DASHES[place % len(DASHES)]
    spots = [(_x(cost), _y(points, top)) for cost, points in line]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    at = TOP + 20 * place + 6
    beside = WIDTH - RIGHT + 24
    return [
        f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-dasharray="{dash}"/>',
        *(_mark(x, y, colour, shape) for x, y in spots),
        _mark(beside, at, colour, shape),
        f'<text x="{beside + 12}" y="{at + 4}">{escape(label)}</text>',
    ]


def _mark(x: float, y: float, colour: str, shape: str) -> str:
    return f'<path transform="translate({x:.1f} {y:.1f})" d="{shape}" fill="{colour}" stroke="{colour}"/>'


def _zero(flat: Sequence[str], above: int) -> list[str]:
    x, y = WIDTH - RIGHT + 24, TOP + 20 * above + 20
    head = f'<text x="{x}" y="{y}" font-weight="bold">No points at any size:</text>'
    return [head, *(f'<text x="{x}" y="{y + 16 * (n + 1)}">{escape(label)}</text>' for n, label in enumerate(flat))]
