"""What happens in one recorded session: a person asks, the agent looks, trips, fixes, reports.

Rules: every command is really run and recorded with what it really printed; a session works on a
file of its own. Also the sessions that belong to no task (`record_side_work`): looking around in
the project, and a test run that fails. How records look is left to `transcript`, what a task is to
`tasks`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from string import Template

from skillkiln.demo.shell import run_command
from skillkiln.demo.tasks import Row, Task
from skillkiln.demo.transcript import Transcript

HEREDOC_LABELS = ("EOF", "EOF", "PY")
LOOKS = ("head -n 5 $path", "sed -n '1,6p' $path", "cat $path")
FIRST_WORDS = (
    "Let me look at the file first.",
    "I'll check what the lines look like.",
    "First a look at the format.",
)
DRAFT_WORDS = ("A short script will do.", "I'll write a small script for it.", "Simple enough:")
FIX_WORDS = (
    "One line looks different from the rest. I'll handle that.",
    "Not every line has the same form; let me fix the script.",
    "That tripped over an odd line. Second try:",
)
LAST_WORDS = ("Done, all of it is above.", "That is the whole file.", "Finished; see the output.")

FAILING_TEST = Template("""import unittest


class TotalsTest(unittest.TestCase):
    def test_totals_add_up(self):
        self.assertEqual(sum([$first, $second]), $wrong)


if __name__ == "__main__":
    unittest.main()
""")


@dataclass(frozen=True, slots=True)
class Recording:
    """One session as it was recorded."""

    transcript: Transcript
    rows: tuple[Row, ...]
    """The truth about the file that was worked on."""


def record_task(task: Task, project: Path, moment: datetime, source: Random) -> Recording:
    """Work on one new file of a task's kind, and record it."""
    sample = task.sample(source, moment - timedelta(days=1))
    path = f"{task.folder}/{task.stem}-{moment:%Y%m%d}{task.suffix}"
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(sample.text, encoding="utf-8")

    transcript = Transcript(project, moment, source)
    transcript.person_says(task.goal.replace("$path", path))
    _look_at(file, path, transcript, source)
    for words, script in (
        (DRAFT_WORDS, task.draft(source, path)),
        (FIX_WORDS, task.final(source, path)),
    ):
        label = source.choice(HEREDOC_LABELS)
        command = f"python3 - <<'{label}'\n{script}{label}"
        _run(command, source.choice(words), f"Process {path}", transcript, project)
    transcript.agent_says(source.choice(LAST_WORDS))
    return Recording(transcript, sample.rows)


def record_side_work(project: Path, moment: datetime, source: Random) -> Recording:
    """Record a session without a recurring task: looking around, or a failing test run."""
    transcript = Transcript(project, moment, source)
    if source.random() < 0.5:
        transcript.person_says("What is the state of this checkout?")
        steps = (
            ("Checking the tree.", "git status --short", "Show changes"),
            ("And the history.", "git log --oneline -5", "Show recent commits"),
            ("What is in here?", "ls", "List files"),
        )
    else:
        _write_failing_test(project, source)
        transcript.person_says("Do the tests pass?")
        steps = (
            ("Running them.", "python3 -m unittest discover -s tests", "Run the tests"),
            ("One fails; let me see it.", "cat tests/test_totals.py", "Show the test"),
        )
    for words, command, purpose in steps:
        _run(command, words, purpose, transcript, project)
    transcript.agent_says("That is how it stands; I changed nothing.")
    return Recording(transcript, ())


def _look_at(file: Path, path: str, transcript: Transcript, source: Random) -> None:
    words = source.choice(FIRST_WORDS)
    if source.random() < 0.3:
        transcript.agent_reads(words, file)
        return
    command = source.choice(LOOKS).replace("$path", path)
    _run(command, words, f"Look at {path}", transcript, transcript.folder)


def _run(command: str, words: str, purpose: str, transcript: Transcript, project: Path) -> None:
    transcript.agent_runs(words, command, purpose, run_command(command, project))


def _write_failing_test(project: Path, source: Random) -> None:
    first, second = source.randint(1, 99), source.randint(1, 99)
    text = FAILING_TEST.substitute(first=first, second=second, wrong=first + second + 1)
    tests = project / "tests"
    tests.mkdir(exist_ok=True)
    (tests / "test_totals.py").write_text(text, encoding="utf-8")
