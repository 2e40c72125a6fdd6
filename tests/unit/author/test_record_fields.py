"""Does the author of line parsers read what it should, and refuse the rest?"""

import io
import random
import subprocess
import tokenize
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from pydantic import JsonValue

from skillkiln.author.interface import Author
from skillkiln.author.record_fields import RecordFields
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.needs import Brief, Case
from skillkiln.skill.kinds import ArtefactKind
from skillkiln.skill.skill_md import parse_skill_md

MakeBrief = Callable[..., Brief]
RunSkill = Callable[[Candidate, Sequence[Mapping[str, str]]], Any]
RunOwnTests = Callable[[Candidate], "subprocess.CompletedProcess[str]"]
Rows = list[tuple[str, dict[str, str]]]


def access_lines(seed: int, count: int) -> Rows:
    chance = random.Random(seed)
    rows: Rows = []
    for _ in range(count):
        fields = {
            "host": ".".join(str(chance.randint(1, 255)) for _ in range(4)),
            "user": chance.choice(["-", "ada", "grace"]),
            "time": f"{chance.randint(1, 28):02}/Mar/2031:10:{chance.randint(10, 59)}:07 +0000",
            "request": f"GET /shelf/{chance.randint(1, 999)} HTTP/1.1",
            "status": str(chance.choice([200, 304, 404])),
            "size": chance.choice(["-", str(chance.randint(1, 9_999))]),
        }
        line = '{host} - {user} [{time}] "{request}" {status} {size}'.format(**fields)
        rows.append((line, fields))
    return rows


def daemon_lines(seed: int, count: int) -> Rows:
    """Two shapes in one stream: with a process number in brackets, and without."""
    chance = random.Random(seed)
    rows: Rows = []
    for index in range(count):
        fields = {
            "stamp": f"Oct {chance.randint(1, 28):2} 07:{chance.randint(10, 59)}:01",
            "program": chance.choice(["kettle", "lamp", "bell"]),
            "pid": str(chance.randint(1, 9_999)) if index % 3 else "",
            "message": " ".join(chance.choice(["went", "on", "off", "(again)"]) for _ in range(4)),
        }
        process = f"[{fields['pid']}]" if fields["pid"] else ""
        line = f"{fields['stamp']} {fields['program']}{process}: {fields['message']}"
        rows.append((line, fields))
    return rows


def test_it_is_an_author(record_fields: RecordFields) -> None:
    author: Author = record_fields
    assert author.name == "record-fields"


def test_it_reads_every_unseen_line_of_a_learnt_shape(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    brief = make_brief(access_lines(1, 12), parameters=("line",))
    candidate = record_fields.write(brief, budget)
    assert isinstance(candidate, Candidate)
    unseen = access_lines(2, 60)
    assert run_skill(candidate, [{"line": line} for line, _ in unseen]) == [f for _, f in unseen]


def test_it_reads_several_shapes_and_leaves_what_a_shape_lacks_empty(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    brief = make_brief(daemon_lines(3, 16), parameters=("line",))
    candidate = record_fields.write(brief, budget)
    assert isinstance(candidate, Candidate)
    unseen = daemon_lines(4, 60)
    assert run_skill(candidate, [{"line": line} for line, _ in unseen]) == [f for _, f in unseen]
    assert candidate.files["skill.py"].count("re.compile(") == 2


def test_it_takes_some_fields_and_skips_the_rest_of_the_line(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    def few(rows: Rows) -> Rows:
        return [(line, {k: f[k] for k in ("host", "status")}) for line, f in rows]

    candidate = record_fields.write(
        make_brief(few(access_lines(5, 20)), parameters=("line",)), budget
    )
    assert isinstance(candidate, Candidate)
    unseen = few(access_lines(6, 60))
    assert run_skill(candidate, [{"line": line} for line, _ in unseen]) == [f for _, f in unseen]


def test_it_finds_fields_that_are_listed_in_another_order_than_they_stand(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    rows = [(line, dict(sorted(f.items()))) for line, f in access_lines(7, 12)]
    assert isinstance(record_fields.write(make_brief(rows), budget), Candidate)


def test_lines_of_no_learnt_shape_are_refused_in_words(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    candidate = record_fields.write(make_brief(access_lines(8, 12)), budget)
    assert isinstance(candidate, Candidate)
    line = access_lines(8, 1)[0][0]
    strange = ["", "   ", "hello", line + "\n" + line, line[:30], "\u2603" * 50, line + " junk"]
    answers = run_skill(candidate, [{"text": text} for text in strange])
    assert all("no learnt shape" in answer["refused"] for answer in answers)


def test_hostile_lines_are_answered_at_once(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    for rows in (access_lines(9, 12), daemon_lines(9, 16)):
        candidate = record_fields.write(make_brief(rows), budget)
        assert isinstance(candidate, Candidate)
        line = rows[0][0]
        units = [" ", "[", "]", '"', ": ", " - ", "a ", "1", "[1", "a[", '" ', "(((", "x: "]
        hostile = [unit * 100_000 for unit in units]
        hostile += [line[:at] + unit * 50_000 for at in (5, 20, 40) for unit in units]
        # The fixture kills the process after a minute; backtracking would take hours.
        assert len(run_skill(candidate, [{"text": text} for text in hostile])) == len(hostile)


def test_its_own_tests_pass_and_hold_only_lines_it_did_not_learn_from(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_own_tests: RunOwnTests
) -> None:
    rows = access_lines(10, 12)
    candidate = record_fields.write(make_brief(rows, parameters=("line",)), budget)
    assert isinstance(candidate, Candidate)
    done = run_own_tests(candidate)
    assert done.returncode == 0, done.stdout
    assert candidate.learned_from + candidate.held_out == 12
    assert candidate.files["test_skill.py"].count("pytest.param(") == candidate.held_out


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('host=match["host"]', 'host=match["user"]'),
        ("fullmatch", "match"),
        ("raise ValueError", "return Entry("),
    ],
)
def test_its_own_tests_fail_when_the_skill_is_broken(
    record_fields: RecordFields,
    make_brief: MakeBrief,
    budget: Budget,
    run_own_tests: RunOwnTests,
    before: str,
    after: str,
) -> None:
    candidate = record_fields.write(make_brief(access_lines(11, 12)), budget)
    assert isinstance(candidate, Candidate)
    broken = candidate.files["skill.py"].replace(before, after, 1)
    assert broken != candidate.files["skill.py"]
    files = {**candidate.files, "skill.py": broken}
    assert run_own_tests(candidate.model_copy(update={"files": files})).returncode != 0


def test_too_few_labels_are_refused_with_the_lines_to_label(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    rows = access_lines(12, 4)
    fresh = [line for line, _ in access_lines(13, 3)]
    refusal = record_fields.write(make_brief(rows, parameters=("line",), unlabelled=fresh), budget)
    assert isinstance(refusal, Refusal)
    assert "4 different labelled lines" in refusal.reason
    assert len(refusal.ask) == 1
    assert refusal.ask[0] in fresh


def test_no_labels_at_all_asks_for_lines_of_different_shapes(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    lines = [line for line, _ in daemon_lines(14, 9)]
    refusal = record_fields.write(make_brief([], parameters=("line",), unlabelled=lines), budget)
    assert isinstance(refusal, Refusal)
    assert {"[" in line for line in refusal.ask} == {True, False}


def test_a_parser_that_would_refuse_many_unlabelled_lines_asks_about_them(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    rows = [row for row in daemon_lines(15, 40) if row[1]["pid"]][:10]
    others = [line for line, fields in daemon_lines(16, 40) if not fields["pid"]]
    refusal = record_fields.write(make_brief(rows, parameters=("line",), unlabelled=others), budget)
    assert isinstance(refusal, Refusal)
    assert f"{len(others)} of {len(others)}" in refusal.reason
    assert set(refusal.ask) <= set(others)


def test_contradicting_labels_are_refused(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    rows = access_lines(17, 6)
    line, fields = rows[0]
    refusal = record_fields.write(make_brief([*rows, (line, {**fields, "user": "eve"})]), budget)
    assert isinstance(refusal, Refusal)
    assert "contradict" in refusal.reason


UNFIT: dict[str, list[tuple[JsonValue, JsonValue]]] = {
    "answers with named texts": [("a b", "a")] * 6,
    "reads one text": [(5, {"a": "5"})] * 6,
    "a case expects something else": [("a b", {"a": 1})] * 6,
    "named texts; a case": [("a b", {})] * 6,
    "the cases differ in their fields": [("a 0", {"a": "a"}), ("a 1", {"a": "a", "n": "1"})] * 3,
}


@pytest.mark.parametrize(("word", "pairs"), UNFIT.items())
def test_briefs_it_is_not_made_for_are_refused(
    record_fields: RecordFields,
    make_brief: MakeBrief,
    budget: Budget,
    pairs: list[tuple[JsonValue, JsonValue]],
    word: str,
) -> None:
    refusal = record_fields.write(make_brief(pairs), budget)
    assert isinstance(refusal, Refusal)
    assert word in refusal.reason


def test_values_that_do_not_stand_in_the_line_are_refused(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    rows = [(f"Paris {n}", {"country": "France", "n": str(n)}) for n in range(8)]
    refusal = record_fields.write(make_brief(rows), budget)
    assert isinstance(refusal, Refusal)
    assert "do not all stand in the line" in refusal.reason


def test_other_kinds_of_artefact_are_refused(record_fields: RecordFields, budget: Budget) -> None:
    brief = Brief(
        need_id="n", name="x", kind=ArtefactKind.RULE, purpose="p", parameters=("line",), cases=()
    )
    assert isinstance(record_fields.write(brief, budget), Refusal)


def test_a_parameter_that_python_cannot_have_is_refused(
    record_fields: RecordFields, budget: Budget
) -> None:
    cases = tuple(
        Case(inputs={"the line": line}, expected={**fields}) for line, fields in access_lines(18, 8)
    )
    brief = Brief(need_id="n", name="x", purpose="p", parameters=("the line",), cases=cases)
    assert isinstance(record_fields.write(brief, budget), Refusal)


def test_field_names_that_are_no_identifiers_stay_as_they_are(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    names = {"host": "client host", "user": "class", "status": "2xx?", "size": "client_host"}
    rows = [
        (line, {names.get(key, key): text for key, text in fields.items()})
        for line, fields in access_lines(19, 12)
    ]
    candidate = record_fields.write(make_brief(rows), budget)
    assert isinstance(candidate, Candidate)
    assert run_skill(candidate, [{"text": rows[0][0]}]) == [rows[0][1]]
    properties = candidate.contract.output_schema["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(rows[0][1])


def test_failing_cases_are_learnt_from_when_it_rewrites(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    rows = access_lines(20, 12)
    brief = make_brief(rows)
    failing = brief.cases[-2:]
    candidate = record_fields.rewrite(brief, failing, budget)
    assert isinstance(candidate, Candidate)
    held_out = candidate.files["test_skill.py"].split("]\n\n\n")[0]
    for line, _ in rows[-2:]:
        assert line.split()[0] not in held_out


def test_time_that_runs_out_is_a_refusal(make_brief: MakeBrief) -> None:
    ticks = iter(range(10_000))
    author = RecordFields(lambda: float(next(ticks)))
    refusal = author.write(make_brief(access_lines(21, 12)), Budget(attempts=1, wall_ms=1_000))
    assert isinstance(refusal, Refusal)
    assert "budget" in refusal.reason


def test_hundreds_of_cases_and_a_massive_one_are_no_trouble(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    rows = daemon_lines(22, 400)
    stamp = "Oct  3 07:11:01"
    massive = "y" * 200_000
    fields: dict[str, str] = {"stamp": stamp, "program": "bell", "pid": "7", "message": massive}
    candidate = record_fields.write(
        make_brief([*rows, (f"{stamp} bell[7]: {massive}", fields)]), budget
    )
    assert isinstance(candidate, Candidate)
    assert massive not in "".join(candidate.files.values())


def test_hostile_text_in_a_brief_stays_inert(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget, run_own_tests: RunOwnTests
) -> None:
    rows = [
        (
            f'# noqa {n} | """ | \u202e | \\x | {{n}} | \'<b>{n}</b>',
            {"mark": f"\\x | {{n}} | '<b>{n}</b>"},
        )
        for n in range(8)
    ]
    candidate = record_fields.write(
        make_brief(
            rows,
            purpose='Read """ lines --- <script>\nsecond line\u202e of `x` \\ and so on',
            triggers=("now\x1b[31m --- <b>", "\n# heading"),
        ),
        budget,
    )
    assert isinstance(candidate, Candidate)
    done = run_own_tests(candidate)
    assert done.returncode == 0, done.stdout
    described = parse_skill_md(candidate.files["SKILL.md"])
    assert "<" not in described.description
    for text in candidate.files.values():
        assert "\u202e" not in text
        assert "\x1b" not in text
    tokens = tokenize.generate_tokens(io.StringIO(candidate.files["skill.py"]).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    assert comments
    assert not any("# noqa" in comment for comment in comments)


def test_the_explanation_says_what_it_learnt_from_and_what_it_refuses(
    record_fields: RecordFields, make_brief: MakeBrief, budget: Budget
) -> None:
    unlabelled = [line for line, _ in access_lines(23, 9)] + ["-- mark --"]
    candidate = record_fields.write(make_brief(access_lines(24, 12), unlabelled=unlabelled), budget)
    assert isinstance(candidate, Candidate)
    assert "Of 10 unlabelled lines it refuses 1" in candidate.explanation
    assert "-- mark --" in candidate.explanation
