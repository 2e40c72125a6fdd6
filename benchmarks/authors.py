"""How well the embedded authors write skills from examples, on public tasks.

    python benchmarks/authors.py [--quick] [--json]

The tasks come from `SKILLKILN_DATA` (default `../shared/data`); a part whose data is missing is
null. What was tuned is tuned on one half of the PROSE tasks (by a hash of their names); the
figures are of the other half, and the tuned half is printed beside them.

PROSE Transformation.Text: share of tasks for which the program learnt from the first 3 distinct
examples is right on all remaining rows.

PROSE, released: the author as shipped gets 6 labelled rows, every input to look at, and up to 4
labels that it asks for. Share of released programs that are right on all remaining rows, and share
of tasks (of at least 7 rows) that are released.

SyGuS PBE strings: share of the problems, those with other than text results included, for which a
program fits all rows. Problems that contradict themselves are left out.

Loghub: labels are asked for, from none on. Worst share of unlabelled lines read byte-exact, and
most labels asked for.

Rows without an expected output are left out. Text-to-columns (`split`) is not built.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from skillkiln.author.by_example import ByExample
from skillkiln.author.deadline import OutOfTimeError, build_deadline
from skillkiln.author.record_fields import RecordFields
from skillkiln.author.strings.learner import StringExample, learn_programs
from skillkiln.author.strings.programs import StringProgram
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Refusal
from skillkiln.records.needs import Brief, Case

DATA = Path(os.environ.get("SKILLKILN_DATA", Path(__file__).parents[1] / "../shared/data"))
LEARNT = 3
VISIBLE = 6
MIN_ROWS = 7
MAX_ASKED = 4
MAX_LOG_LABELS = 12
LIMIT_MS = 10_000
NOT_TEXT = ("DateTime", "Number")
"""Prefixes of tasks that mostly need arithmetic or dates of mixed layouts."""


@dataclass
class Figures:
    """What came out, by the names that DESIGN section 8 asks for."""

    values: dict[str, float | None] = field(default_factory=dict[str, float | None])
    notes: list[str] = field(default_factory=list[str])

    def note(self, text: str) -> None:
        """Print a line and keep it."""
        self.notes.append(text)
        print(text, flush=True)


@dataclass(frozen=True)
class Task:
    """One string task: distinct rows with outputs."""

    name: str
    examples: tuple[StringExample, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs' names."""
        return tuple(self.examples[0].row)

    @property
    def is_tuned(self) -> bool:
        """Whether it is in the half that costs were tuned on."""
        return int(hashlib.sha256(f"half:{self.name}".encode()).hexdigest(), 16) % 2 == 0

    @property
    def is_text(self) -> bool:
        """Whether it needs neither dates nor arithmetic, by its name."""
        return not self.name.startswith(NOT_TEXT)


def read_prose(folder: Path) -> list[Task]:
    """Read the PROSE tasks that have more distinct rows than are learnt from."""
    tasks: list[Task] = []
    for path in sorted(folder.glob("*/spec.json")):
        spec: Any = json.loads(path.read_text(encoding="utf-8"))
        rows: dict[tuple[str, ...], str] = {}
        for example in spec["Examples"]:
            given = tuple("" if text is None else str(text) for text in example["Input"])
            if example["Output"] is not None:
                rows.setdefault(given, str(example["Output"]))
        examples = tuple(
            StringExample({f"text_{i}": text for i, text in enumerate(given)}, output)
            for given, output in rows.items()
        )
        if len(examples) > LEARNT:
            tasks.append(Task(path.parent.name, examples))
    return tasks


def is_right(program: StringProgram, examples: Sequence[StringExample]) -> bool:
    """Say whether a program answers every example as expected."""
    return all(program.find_answer(example.row) == example.output for example in examples)


def find_program(task: Task, count: int) -> tuple[StringProgram | None, float]:
    """Learn from the first examples; return the cheapest program and the CPU seconds it took."""
    began = time.process_time()
    deadline = build_deadline(time.process_time, LIMIT_MS)
    try:
        programs = learn_programs(task.examples[:count], task.names, deadline)
    except OutOfTimeError:
        programs = []
    return (programs[0] if programs else None), time.process_time() - began


def share(part: int, whole: int) -> float | None:
    """Return a rate, or nothing where there was nothing to rate."""
    return part / whole if whole else None


def show_share(part: int, whole: int) -> str:
    """Show a rate with its 95% Wilson interval."""
    if not whole:
        return "none"
    z, p = 1.96, part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * ((p * (1 - p) + z * z / (4 * whole)) / whole) ** 0.5 / (1 + z * z / whole)
    low, high = 100 * (middle - half), 100 * (middle + half)
    return f"{100 * p:.1f}% ({part}/{whole}; 95% {low:.0f}-{high:.0f})"


def measure_intended(tasks: Sequence[Task], figures: Figures) -> None:
    """Measure how often the first three examples are enough."""
    seconds: list[float] = []
    right: dict[tuple[bool, bool], list[bool]] = {}
    for task in tasks:
        program, cpu_s = find_program(task, LEARNT)
        seconds.append(cpu_s)
        verdict = program is not None and is_right(program, task.examples[LEARNT:])
        right.setdefault((task.is_tuned, task.is_text), []).append(verdict)
    for is_tuned in (True, False):
        text, other = right.get((is_tuned, True), []), right.get((is_tuned, False), [])
        both = text + other
        figures.note(
            f"PROSE k={LEARNT} {'tuned' if is_tuned else 'reported'} half: "
            f"all {show_share(sum(both), len(both))}; text only {show_share(sum(text), len(text))}"
        )
        if not is_tuned:
            figures.values["prose_intended_k3"] = share(sum(both), len(both))
            figures.values["prose_intended_k3_text"] = share(sum(text), len(text))
    figures.values["median_s"] = statistics.median(seconds) if seconds else None
    figures.note(
        f"PROSE k={LEARNT} CPU s: median {statistics.median(seconds):.3f}, most {max(seconds):.2f}"
    )


def build_string_brief(task: Task, labelled: Sequence[StringExample]) -> Brief:
    """Return what the author is shown: some labelled rows and every other input."""
    shown = [example.row for example in labelled]
    return Brief(
        need_id="bench",
        name="task",
        purpose="Answer as the examples do.",
        parameters=task.names,
        cases=tuple(Case(inputs={**e.row}, expected=e.output) for e in labelled),
        unlabelled=tuple({**e.row} for e in task.examples if e.row not in shown),
    )


def release(task: Task) -> tuple[StringProgram | None, list[StringExample]]:
    """Run the author as shipped, answering what it asks; return its program and what is left."""
    labelled = list(task.examples[:VISIBLE])
    author = ByExample(time.process_time)
    for _ in range(MAX_ASKED + 1):
        found = author.learn(
            build_string_brief(task, labelled), (), Budget(attempts=1, wall_ms=LIMIT_MS)
        )
        left = [example for example in task.examples if example not in labelled]
        if not isinstance(found, Refusal):
            return found.program, left
        asked = [e for e in left if " | ".join(e.row.values()) in found.ask[:1]]
        if not asked or len(left) < 2:
            break
        labelled += asked[:1]
    return None, []


def measure_released(tasks: Sequence[Task], figures: Figures) -> None:
    """Measure how often what the author hands in is right, and how often it hands anything in."""
    for is_tuned in (True, False):
        released: list[bool] = []
        eligible = [t for t in tasks if t.is_tuned is is_tuned and len(t.examples) >= MIN_ROWS]
        for task in eligible:
            program, left = release(task)
            if program is not None:
                released.append(is_right(program, left))
        figures.note(
            f"PROSE released, {'tuned' if is_tuned else 'reported'} half: right "
            f"{show_share(sum(released), len(released))}; coverage "
            f"{show_share(len(released), len(eligible))}"
        )
        if not is_tuned:
            figures.values["prose_released_right"] = share(sum(released), len(released))
            figures.values["prose_coverage"] = share(len(released), len(eligible))


_SYGUS = re.compile(
    r'\(constraint \(= \(f ((?:[^"\n]|"(?:[^"]|"")*")*)\) ([^\s"]+|"(?:[^"]|"")*")\)\)'
)
_SYGUS_TEXT = re.compile(r'"((?:[^"]|"")*)"')


def read_sygus(folder: Path) -> Iterator[tuple[str, Task | None]]:
    """Read every problem made of examples; None for one that is not of texts alone."""
    for path in sorted(folder.glob("*.sl")):
        rows = _SYGUS.findall(path.read_text(encoding="utf-8", errors="replace"))
        outputs: dict[str, set[str]] = {}
        for given, output in rows:
            outputs.setdefault(given, set()).add(output)
        if not rows or any(len(found) > 1 for found in outputs.values()):
            continue
        is_text = all(
            output.startswith('"') and not _SYGUS_TEXT.sub("", given).strip()
            for given, output in rows
        )
        yield path.stem, build_sygus_task(path.stem, dict(rows)) if is_text else None


def build_sygus_task(name: str, rows: dict[str, str]) -> Task:
    """Turn a problem's constraints into examples."""
    examples: list[StringExample] = []
    for given, output in rows.items():
        texts = [text.replace('""', '"') for text in _SYGUS_TEXT.findall(given)]
        row = {f"text_{index}": text for index, text in enumerate(texts)}
        examples.append(StringExample(row, output[1:-1].replace('""', '"')))
    return Task(name, tuple(examples))


def solves(task: Task) -> bool:
    """Say whether a program fits all rows, learning from ever more of those it gets wrong."""
    chosen = list(task.examples[:LEARNT])
    deadline = build_deadline(time.process_time, LIMIT_MS)
    try:
        while True:
            programs = learn_programs(chosen, task.names, deadline)
            if not programs:
                return False
            wrong = [e for e in task.examples if programs[0].find_answer(e.row) != e.output]
            if not wrong:
                return True
            chosen.append(wrong[0])
    except OutOfTimeError:
        return False


def measure_sygus(folder: Path, every: int, figures: Figures) -> None:
    """Measure how many problems are solved."""
    tasks = list(read_sygus(folder))[::every]
    solved = sum(task is not None and solves(task) for _, task in tasks)
    figures.values["sygus_solved"] = share(solved, len(tasks))
    figures.note(f"SyGuS solved: {show_share(solved, len(tasks))}")


def read_log(folder: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Read a log's lines and, for each, the true fields."""
    path = next(folder.glob("*_2k.log"))
    text = path.read_text(encoding="utf-8-sig", errors="replace").rstrip("\n")
    with Path(f"{path}_structured.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    skipped = {"LineId", "EventId", "EventTemplate"}
    return text.split("\n"), [{k: v or "" for k, v in r.items() if k not in skipped} for r in rows]


def measure_log(folder: Path) -> tuple[float, int]:
    """Label what the author asks for; return the share read byte-exact and the labels given."""
    lines, rows = read_log(folder)
    known: dict[str, dict[str, str]] = {}
    author = RecordFields(time.process_time, max_refused_share=0.0)
    while True:
        cases = [Case(inputs={"line": k}, expected={**fields}) for k, fields in known.items()]
        unlabelled: tuple[dict[str, JsonValue], ...] = tuple({"line": line} for line in lines)
        brief = Brief(
            need_id="bench",
            name="log",
            purpose="Read a log line.",
            parameters=("line",),
            cases=tuple(cases),
            unlabelled=unlabelled,
        )
        found = author.learn(brief, (), Budget(attempts=1, wall_ms=LIMIT_MS))
        if not isinstance(found, Refusal):
            left = [(line, row) for line, row in zip(lines, rows, strict=True) if line not in known]
            exact = sum(found.parser.find_fields(line) == row for line, row in left)
            return exact / len(left), len(known)
        if not found.ask or len(known) >= MAX_LOG_LABELS:
            return 0.0, len(known)
        # With too few labels it asks for all that it needs, later for one more at a time.
        wanted = found.ask if len(known) < VISIBLE - 1 else found.ask[:1]
        known |= {line: rows[lines.index(line)] for line in wanted}


def measure_logs(folder: Path, figures: Figures) -> None:
    """Measure every log format."""
    exact: list[float] = []
    labels: list[int] = []
    for home in sorted(path.parent for path in folder.glob("*/*_2k.log")):
        share_exact, count = measure_log(home)
        figures.note(f"Loghub {home.name:10s} exact {100 * share_exact:6.2f}%  labels {count}")
        exact.append(share_exact)
        labels.append(count)
    figures.values["loghub_exact_min"] = min(exact)
    figures.values["loghub_labels_max"] = max(labels)


def main() -> int:
    """Run every part whose data is there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a sample, below 45 s on 2 cores")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    options = parser.parse_args()
    names = "prose_intended_k3 prose_released_right prose_coverage split_intended_k3 sygus_solved"
    names += " loghub_exact_min loghub_labels_max median_s"
    figures = Figures(dict.fromkeys(names.split()))
    every = 6 if options.quick else 1
    if options.quick:
        print(f"--quick: every {every}th PROSE and SyGuS task; all logs")
    if (DATA / "prose").is_dir():
        tasks = read_prose(DATA / "prose/Transformation.Text")[::every]
        measure_intended(tasks, figures)
        measure_released(tasks, figures)
    if (DATA / "sygus").is_dir():
        measure_sygus(DATA / "sygus", every, figures)
    if (DATA / "loghub").is_dir():
        measure_logs(DATA / "loghub", figures)
    missing = [name for name, value in figures.values.items() if value is None]
    if missing:
        print(f"not measured: {', '.join(missing)} (data is looked for in {DATA})")
    if options.json:
        print(json.dumps(figures.values))
    return 0


if __name__ == "__main__":
    sys.exit(main())
