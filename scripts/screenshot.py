"""Draw docs/demo.svg: what `skillkiln demo` really prints, cut to what a reader takes in at once.

    python scripts/screenshot.py                 runs the demo (about half a minute) and draws it
    python scripts/screenshot.py --seed 7 --out FILE

The command runs in a terminal's stead and writes its colours; nothing is added to its output, and
where lines within a scene or ends of lines are left out a `…` stands. `CUTS` says what is kept.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from skillkiln.settings import read_child_environment

OUT = Path(__file__).parents[1] / "docs" / "demo.svg"
COLUMNS = 100
LEFT_OUT = "…"

CUTS = (
    (r"^1  recorded", 1),
    (r"^2  scanned", 1),
    (r"^gap ", 3),
    (r"^3  the gap", 1),
    (r"^cases recovered", 1),
    (r"^4  forged", 1),
    (r"^. write", 8),
    (r"^shadow ", 1),
    (r"^5  called", 1),
    (r"^right ", 1),
    (r"^rejected", 4),
)
"""Where a kept passage begins, and how many of its lines are kept."""

CELL_WIDTH, LINE_HEIGHT, FONT_SIZE = 8.4, 19, 14
MARGIN, BAR = 20, 40
BACKGROUND, FRAME = "#11151c", "#2b3240"
THEME = TerminalTheme(
    (17, 21, 28),
    (201, 209, 217),
    [
        (17, 21, 28),
        (240, 113, 120),
        (126, 211, 133),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 200, 216),
        (201, 209, 217),
    ],
)
FONT = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
STYLE = f"text {{ font-family: {FONT}; font-size: {FONT_SIZE}px; white-space: pre; }}"


def run_demo(seed: int) -> str:
    """Run the demo and return what it prints on standard output, colours included."""
    return subprocess.run(
        [sys.executable, "-m", "skillkiln", "demo", "--seed", str(seed)],
        env=read_child_environment()
        | {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=True,
    ).stdout


def cut(lines: list[Text]) -> Iterator[Text]:
    """Yield the kept passages, with a mark where lines are left out."""
    position = 0
    for opening, count in CUTS:
        start = next(n for n in range(position, len(lines)) if re.match(opening, lines[n].plain))
        if re.match(r"\d  ", lines[start].plain):
            yield Text()
        elif any(line.plain.strip() for line in lines[position:start]):
            yield Text(LEFT_OUT, style="dim")
        for line in lines[start : start + count]:
            line.truncate(COLUMNS, overflow="ellipsis")
            yield line
        position = start + count


def draw(lines: list[Text]) -> str:
    """Return an SVG of a terminal window with these lines."""
    width = round(2 * MARGIN + COLUMNS * CELL_WIDTH)
    height = BAR + MARGIN + LINE_HEIGHT * len(lines)
    rows = "\n".join(
        draw_line(line, BAR + LINE_HEIGHT * (number + 1)) for number, line in enumerate(lines)
    )
    lights = "".join(
        f'<circle cx="{24 + 20 * number}" cy="20" r="6" fill="{colour}"/>'
        for number, colour in enumerate(("#f07178", "#e5c07b", "#7ed385"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="A run of skillkiln demo">\n'
        f"<style>{STYLE}</style>\n"
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10"'
        f' fill="{BACKGROUND}" stroke="{FRAME}"/>\n'
        f"{lights}\n{rows}\n</svg>\n"
    )


def draw_line(line: Text, baseline: int) -> str:
    """Return one line, piece by piece: each piece is held to its columns whatever the font."""
    console = Console(width=COLUMNS, color_system="truecolor", force_terminal=True)
    pieces: list[str] = []
    column = 0
    for segment in line.render(console):
        text = segment.text.rstrip("\n")
        if text.strip():
            pieces.append(draw_piece(Segment(text, segment.style), column, baseline))
        column += len(text)
    return "".join(pieces)


def draw_piece(segment: Segment, column: int, baseline: int) -> str:
    """Return text of one style at its column."""
    text = segment.text
    indent = len(text) - len(text.lstrip(" "))
    shown = text.strip(" ")
    style = segment.style or Style()
    colour = style.color.get_truecolor(THEME) if style.color else THEME.foreground_color
    faded = ' opacity="0.6"' if style.dim else ""
    weight = ' font-weight="bold"' if style.bold else ""
    left = MARGIN + (column + indent) * CELL_WIDTH
    return (
        f'<text x="{left:.1f}" y="{baseline}" fill="rgb{tuple(colour)}"{weight}{faded}'
        f' textLength="{len(shown) * CELL_WIDTH:.1f}">{escape(shown)}</text>'
    )


def main(arguments: list[str]) -> None:
    """Run the demo and write the picture."""
    parser = argparse.ArgumentParser(description="Draw docs/demo.svg from a real run.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args(arguments)
    printed = run_demo(given.seed).splitlines()
    lines = [Text.from_ansi(line) for line in ["\x1b[2m$\x1b[0m skillkiln demo", *printed]]
    given.out.write_text(draw([lines[0], *cut(lines[1:])]), encoding="utf-8")
    print(given.out)


if __name__ == "__main__":
    main(sys.argv[1:])
