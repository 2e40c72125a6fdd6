"""Measures scanning: speed, memory, and whether memory stays flat when the input grows tenfold.

    python benchmarks/scan.py [--quick] [--json]

Scans every recording below `SKILLKILN_DATA/sessions` (default `../shared/data` beside the clone).
Files in formats that no reader knows are skipped and counted. Peak memory is measured in a process
of its own, by the kernel's high-water mark (`VmHWM`; `ru_maxrss` would carry the parent's over),
once on the Claude Code recordings and once on ten copies of them, whose ids are rewritten so that
no copy is recognised as one. Those hold no throwaway scripts, so the same is measured on generated
sessions that hold little else. `--quick` repeats less.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from skillkiln.notice.scan import ScanReport, scan

DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GROWTH = 10
PROBE = """
import re, sys
from pathlib import Path
from skillkiln.notice.scan import scan
report = scan([Path(sys.argv[1])])
peak_kib = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(peak_kib, report.sessions, report.signals)
"""
SCRIPT = """python3 - <<'EOF'
import json
for line in open("logs/app-{number}.log"):
    at, level, *words = line.split()
    if level not in {{"DEBUG", "TRACE"}}:
        print(json.dumps({{"at": at, "level": level, "words": " ".join(words)}}))
EOF"""
SCRIPT_SESSIONS = 100
SCRIPTS_PER_SESSION = 6
OUTPUT_LINES = 60
IDS = re.compile(rb'(toolu_|msg_|"(?:sessionId|agentId)":")([A-Za-z0-9-]{4})')
"""Ids whose first characters are rewritten, so that each copy is a session of its own."""


def measure_peak_mb(folder: Path) -> float:
    """Return the peak memory of a process that scans a folder."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(folder)], capture_output=True, text=True, check=True
    )
    peak_kib, sessions, signals = map(int, done.stdout.split())
    print(f"{folder.name}: {peak_kib / 1024:.1f} MB for {sessions} sessions, {signals} signals")
    return peak_kib / 1024


def write_script_sessions(folder: Path, count: int) -> None:
    """Write sessions that run little but throwaway scripts, each on a file of its own."""
    for number in range(count):
        records: list[dict[str, object]] = []
        for place in range(SCRIPTS_PER_SESSION):
            use = {"type": "tool_use", "id": f"toolu_{number}_{place}", "name": "Bash"}
            use |= {"input": {"command": SCRIPT.format(number=f"{number}-{place}")}}
            rows = (
                json.dumps({"at": f"{number}-{place}-{row}", "level": "INFO", "words": "x" * 40})
                for row in range(OUTPUT_LINES)
            )
            result = {"type": "tool_result", "tool_use_id": use["id"], "content": "\n".join(rows)}
            for role, block in (("assistant", use), ("user", result)):
                message = {"id": f"msg_{number}_{place}", "role": role, "content": [block]}
                records.append({"type": role, "sessionId": f"s{number}", "message": message})
        text = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"s{number}.jsonl").write_text(text, encoding="utf-8")


def measure_script_peaks() -> tuple[float, float]:
    """Return the peak memory for some script sessions, and for ten times as many."""
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        write_script_sessions(Path(small), SCRIPT_SESSIONS)
        write_script_sessions(Path(large), SCRIPT_SESSIONS * GROWTH)
        return measure_peak_mb(Path(small)), measure_peak_mb(Path(large))


def copy_grown(source: Path, target: Path, copies: int) -> None:
    """Write copies of every recording, each with ids of its own."""
    for path in sorted(source.rglob("*.jsonl")):
        content = path.read_bytes()
        for number in range(copies):
            renamed = IDS.sub(rb"\g<1>c%03d" % number, content)
            (target / f"{path.stem}-{number}.jsonl").write_bytes(renamed)


def measure_speed(folder: Path, repeats: int) -> tuple[ScanReport, float]:
    """Return a report and the median speed in megabytes a second."""
    speeds: list[float] = []
    report = None
    for _ in range(repeats):
        began = time.perf_counter()
        report = scan([folder])
        speeds.append(report.size_bytes / 1e6 / (time.perf_counter() - began))
    assert report is not None
    return report, statistics.median(speeds)


def measure(sessions: Path, *, is_quick: bool) -> dict[str, float | int | None]:
    """Return all figures."""
    report, mb_per_s = measure_speed(sessions, repeats=3 if is_quick else 9)
    known = sessions / "claude-code"
    with tempfile.TemporaryDirectory() as once, tempfile.TemporaryDirectory() as grown:
        copy_grown(known, Path(once), 1)
        copy_grown(known, Path(grown), GROWTH)
        small, large = measure_peak_mb(Path(once)), measure_peak_mb(Path(grown))
    scripts_small, scripts_large = measure_script_peaks()
    return {
        "mb_per_s": round(mb_per_s, 1),
        "peak_mb": round(large, 1),
        "sessions": report.sessions,
        "signals": report.signals,
        "gaps": len(report.gaps),
        "peak_mb_one_copy": round(small, 1),
        "peak_ratio_tenfold": round(large / small, 3),
        "peak_mb_scripts": round(scripts_large, 1),
        "peak_ratio_tenfold_scripts": round(scripts_large / scripts_small, 3),
        "megabytes": round(report.size_bytes / 1e6, 2),
        "files": report.files,
        "skipped": report.skipped,
        "damaged": report.damaged,
    }


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    sessions = Path(os.environ.get("SKILLKILN_DATA", DEFAULT_DATA)) / "sessions"
    keys = ("mb_per_s", "peak_mb", "sessions", "signals", "gaps")
    figures: dict[str, float | int | None]
    if sessions.is_dir():
        figures = measure(sessions, is_quick=options.quick)
    else:
        print(f"no recordings at {sessions}; set SKILLKILN_DATA to a folder with `sessions/`")
        figures = dict.fromkeys(keys)
    for key, value in figures.items():
        print(f"{key:>20}  {value}")
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
