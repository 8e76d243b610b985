"""Draws the growth of a board's cost with the number of events, both axes logarithmic, as SVG."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT, LEFT, TOP = 640, 400, 70, 40


def draw(costs: Sequence[tuple[int, float, float]]) -> str:
    """Return the picture of (events, seconds of CPU, megabytes)."""
    lines = (
        ("#0b6e99", "seconds of CPU", [cost[1] for cost in costs]),
        ("#b3541e", "megabytes", [cost[2] for cost in costs]),
    )
    values = [value for _, _, column in lines for value in column]
    across = _scale([cost[0] for cost in costs], LEFT, WIDTH - 40)
    up = _scale([min(values), max(values)], HEIGHT - 60, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="12">',
        f"<title>Cost of a board by events</title><rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
    ]
    parts.extend(
        f'<text x="{across(events):.0f}" y="{HEIGHT - 35}" text-anchor="middle">{events:,}</text>'
        for events, _, _ in costs
    )
    parts.append(f'<text x="{WIDTH // 2}" y="{HEIGHT - 12}" text-anchor="middle">events (both axes logarithmic)</text>')
    for place, (colour, name, column) in enumerate(lines):
        points = [(across(cost[0]), up(value)) for cost, value in zip(costs, column, strict=True)]
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" '
            f'points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        )
        for (x, y), value in zip(points, column, strict=True):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            parts.append(f'<text x="{x - 6:.1f}" y="{y - 8:.1f}" text-anchor="end" fill="{colour}">{value:,.1f}</text>')
        parts.append(f'<text x="{LEFT + 110 * place}" y="20" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _scale(values: Sequence[float], first: float, last: float) -> Callable[[float], float]:
    low, high = math.log(min(values)), math.log(max(values))
    return lambda value: first + (last - first) * (math.log(value) - low) / (high - low)
