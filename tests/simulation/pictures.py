"""Pictures of figures as SVG: panels with lines, an axis and a legend. Colours are never alone: markers differ too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDE, HIGH, LEFT, TOP, GAP = 300, 190, 56, 62, 78
INK, PALE = "#333", "#ddd"
LOOKS = (("#1b5e9e", "circle"), ("#b3261e", "square"), ("#2e7d32", "triangle"), ("#7b3fa0", "diamond"))


@dataclass(frozen=True)
class Line:
    """Points (x, y) joined up; `reach` are the ends of a margin about each, `look` chooses its colour and marker."""

    name: str
    points: Sequence[tuple[float, float]]
    look: int
    dashed: bool = False
    reach: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Panel:
    """One pair of axes from 0; `level` draws a level line, `diagonal` the line y = x."""

    title: str
    below: str
    across: Mapping[str, float]
    most: tuple[float, float]
    steps: Sequence[float]
    lines: Sequence[Line]
    level: float | None = None
    diagonal: bool = False

    def x(self, value: float) -> float:
        return round(WIDE * value / self.most[0], 1)

    def y(self, value: float) -> float:
        return round(HIGH - HIGH * min(value, self.most[1]) / self.most[1], 1)


def draw(title: str, panels: Sequence[Panel], columns: int) -> str:
    """The picture; every line named anywhere is in the legend once."""
    rows = -(-len(panels) // columns)
    width, height = columns * (LEFT + WIDE) + 20, TOP + rows * (HIGH + GAP) + 4
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *_legend(panels),
    ]
    for number, panel in enumerate(panels):
        x, y = LEFT + (number % columns) * (LEFT + WIDE), TOP + (number // columns) * (HIGH + GAP)
        parts += [f'<g transform="translate({x} {y})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _legend(panels: Sequence[Panel]) -> list[str]:
    lines = {line.name: line for panel in panels for line in panel.lines}
    parts, x = [], 12
    for line in lines.values():
        parts += [
            f'<g transform="translate({x} 18)">',
            _path([(0, 0), (26, 0)], line),
            _marker(13, 0, line.look),
            f'<text x="32" y="4" fill="{INK}">{escape(line.name)}</text></g>',
        ]
        x += 50 + round(6.4 * len(line.name))
    return parts


def _panel(panel: Panel) -> list[str]:
    parts = [f'<text y="-10" font-weight="bold" fill="{INK}">{escape(panel.title)}</text>']
    for step in panel.steps:
        y = panel.y(step)
        parts.append(f'<path d="M0 {y}H{WIDE}" stroke="{PALE}"/>')
        parts.append(f'<text x="-6" y="{y + 4}" text-anchor="end" fill="{INK}">{step:g}</text>')
    for label, value in panel.across.items():
        parts.append(f'<text x="{panel.x(value)}" y="{HIGH + 16}" text-anchor="middle" fill="{INK}">{label}</text>')
    parts.append(f'<text x="{WIDE / 2}" y="{HIGH + 33}" text-anchor="middle" fill="{INK}">{escape(panel.below)}</text>')
    if panel.level is not None:
        parts.append(f'<path d="M0 {panel.y(panel.level)}H{WIDE}" stroke="{INK}" stroke-dasharray="2 3"/>')
    if panel.diagonal:
        end = min(panel.most)
        parts.append(f'<path d="M0 {HIGH}L{panel.x(end)} {panel.y(end)}" stroke="{INK}" stroke-dasharray="2 3"/>')
    parts.append(f'<path d="M0 0V{HIGH}H{WIDE}" fill="none" stroke="{INK}"/>')
    for line in panel.lines:
        parts += _line(panel, line)
    return parts


def _line(panel: Panel, line: Line) -> list[str]:
    at = [(panel.x(x), panel.y(y)) for x, y in line.points]
    colour = LOOKS[line.look][0]
    ends = [(x, panel.y(low), panel.y(high)) for (x, _), (low, high) in zip(at, line.reach, strict=False)]
    whiskers = [f'<path d="M{x} {low}V{high}" stroke="{colour}" opacity=".6"/>' for x, low, high in ends]
    return [*whiskers, _path(at, line), *(_marker(x, y, line.look) for x, y in at)]


def _path(at: Sequence[tuple[float, float]], line: Line) -> str:
    points = "L".join(f"{x:g} {y:g}" for x, y in at)
    dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
    return f'<path d="M{points}" fill="none" stroke="{LOOKS[line.look][0]}" stroke-width="1.6"{dashes}/>'


def _marker(x: float, y: float, look: int) -> str:
    colour, shape = LOOKS[look]
    if shape == "circle":
        return f'<circle cx="{x:g}" cy="{y:g}" r="4" fill="{colour}"/>'
    drawn = {"square": "M-4 -4h8v8h-8z", "triangle": "M0 -5L5 4H-5z", "diamond": "M0 -5.5L5.5 0L0 5.5L-5.5 0z"}
    return f'<path transform="translate({x:g} {y:g})" d="{drawn[shape]}" fill="{colour}"/>'
