"""Recovers examples from the recorded runs of one gap.

For each run that succeeded and whose output is known, the texts that it may have read are tried: as
the session showed them, else as they lie on disk below the folders that a person allowed. Rules:
exactly one reading must fit. Within a session the last run speaks, because an agent corrects its
script until it is right. Where sessions disagree about an input it is dropped, and counted. Inputs
that something was redacted from, or that hold control characters, are not used.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from skillkiln.notice.align import Alignment, Example, Misfit, align
from skillkiln.notice.interface import FileSource
from skillkiln.notice.secrets import clean_text, is_redacted
from skillkiln.records.needs import Case
from skillkiln.records.signals import Gap, Signal
from skillkiln.sessions.text import make_inert

MAX_CASES = 600
MAX_TEXT_CHARS = 2_000
MAX_UNLABELLED = 60
_ADDING_UP = re.compile(
    r"\b(?:Counter|defaultdict|groupby|most_common|value_counts|sum|mean|reduce|uniq|wc)\b"
    r"|\+= ?1\b|\.get\([^()\n]{1,80}, ?0\) ?\+"
)
LINE = "line"
"""The input's name where the result is a record."""
TEXT = "text"
"""The input's name where the result is a text."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the runs of a gap gave."""

    cases: tuple[Case, ...]
    parameter: str
    unlabelled: tuple[str, ...]
    disagreements: int
    """Inputs that sessions had different results for."""
    left_out: int
    """Examples with other fields, or with another kind of result, than most."""
    reasons: tuple[str, ...]
    """Why runs gave no examples: of those that succeeded first, then the most frequent."""


@dataclass(frozen=True, slots=True)
class _Sighting:
    """One example with where it was seen."""

    example: Example
    signal: Signal


def recover_cases(gap: Gap, files: FileSource) -> Recovered:
    """Recover the examples in a gap's recorded runs."""
    sightings: list[_Sighting] = []
    reasons: Counter[str] = Counter()
    unlabelled: dict[str, None] = {}
    for signal in sorted(gap.signals, key=lambda s: (s.pointer.path, s.pointer.line)):
        found = _align_run(signal, files)
        if isinstance(found, Misfit):
            reasons[found.reason] += 1 if signal.detail.get("has_failed") else len(gap.signals)
            continue
        sightings += [_Sighting(e, signal) for e in found.examples if _is_usable(e)]
        unlabelled.update(dict.fromkeys(filter(_is_plain, found.unlabelled[:MAX_UNLABELLED])))
    kept, left_out = _keep_commonest_kind(sightings)
    settled, disagreements = _settle(kept)
    parameter = LINE if settled and isinstance(settled[0].example.expected, dict) else TEXT
    labelled = {sighting.example.line for sighting in settled}
    return Recovered(
        cases=tuple(_build_case(sighting, parameter) for sighting in settled[:MAX_CASES]),
        parameter=parameter,
        unlabelled=tuple(line for line in unlabelled if line not in labelled)[:MAX_UNLABELLED],
        disagreements=disagreements,
        left_out=left_out,
        reasons=tuple(reason for reason, _ in reasons.most_common()),
    )


def _align_run(signal: Signal, files: FileSource) -> Alignment | Misfit:
    if signal.detail.get("has_failed"):
        return Misfit("the run failed")
    output = signal.detail.get("output")
    if not isinstance(output, str) or not output.strip():
        return Misfit("the recording does not hold the run's own output whole")
    texts = list(dict.fromkeys(_list_texts(signal, files)))
    if not texts:
        return Misfit("no text that the run read is known")
    if len(texts) > 1:
        texts.append("\n".join(text.strip("\n") for text in texts))
    found = [align(text, output) for text in texts]
    fitting = [each for each in found if isinstance(each, Alignment)]
    if fitting and _ADDING_UP.search(str(signal.detail.get("code"))):
        return Misfit("the script adds up over lines, so no result belongs to one line alone")
    if not fitting:
        return next(each for each in found if isinstance(each, Misfit))
    return _choose(fitting)


def _choose(fitting: Sequence[Alignment]) -> Alignment | Misfit:
    """Return the alignment that explains most, unless another explains as much differently."""
    most = max(len(each.examples) for each in fitting)
    best = [each for each in fitting if len(each.examples) == most]
    readings = {tuple((e.line, str(e.expected)) for e in each.examples) for each in best}
    return best[0] if len(readings) == 1 else Misfit("several texts fit the output differently")


def _list_texts(signal: Signal, files: FileSource) -> Iterator[str]:
    inputs = signal.detail.get("inputs")
    for each in inputs if isinstance(inputs, list) else []:
        if not isinstance(each, dict):
            continue
        content, path = each.get("content"), each.get("path")
        if isinstance(content, str):
            yield content
        elif isinstance(path, str):
            text = files.find_text(path)
            if text is not None:
                yield clean_text(text, len(text))


def _is_usable(example: Example) -> bool:
    expected = example.expected
    texts = [expected] if isinstance(expected, str) else [*expected, *expected.values()]
    return bool(example.line.strip()) and all(map(_is_plain, [example.line, *texts]))


def _is_plain(text: str) -> bool:
    """Say whether a text is as it was recorded, and safe to show."""
    is_inert = "\ufffd" not in text and make_inert(text, MAX_TEXT_CHARS) == text
    return is_inert and not is_redacted(text)


def _keep_commonest_kind(sightings: Sequence[_Sighting]) -> tuple[list[_Sighting], int]:
    """Return the sightings whose results have the commonest fields, and how many have others."""
    kinds = Counter(_name_kind(sighting.example) for sighting in sightings)
    if not kinds:
        return [], 0
    commonest = kinds.most_common(1)[0][0]
    kept = [sighting for sighting in sightings if _name_kind(sighting.example) == commonest]
    return kept, len(sightings) - len(kept)


def _name_kind(example: Example) -> tuple[str, ...]:
    return () if isinstance(example.expected, str) else tuple(sorted(example.expected))


def _settle(sightings: Sequence[_Sighting]) -> tuple[list[_Sighting], int]:
    """Return one sighting for each input, and how many inputs sessions disagree about."""
    said: defaultdict[str, dict[str, _Sighting]] = defaultdict(dict)
    for sighting in sightings:
        said[sighting.example.line][sighting.signal.pointer.session_id] = sighting
    settled: list[_Sighting] = []
    for by_session in said.values():
        first, *others = by_session.values()
        if all(other.example.expected == first.example.expected for other in others):
            settled.append(first)
    return settled, len(said) - len(settled)


def _build_case(sighting: _Sighting, parameter: str) -> Case:
    example, pointer = sighting.example, sighting.signal.pointer
    return Case(
        inputs={parameter: example.line},
        expected=cast(JsonValue, example.expected),
        origin=f"session {pointer.session_id[:8]} line {pointer.line},"
        f" input line {example.line_number}",
        session_id=pointer.session_id,
    )
