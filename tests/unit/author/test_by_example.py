"""Does the author of string programs do what the examples show, and refuse rather than guess?"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from pydantic import JsonValue

from skillkiln.author.by_example import ByExample
from skillkiln.author.interface import Author
from skillkiln.records.budget import Budget
from skillkiln.records.candidates import Candidate, Refusal
from skillkiln.records.needs import Brief

MakeBrief = Callable[..., Brief]
RunSkill = Callable[[Candidate, Sequence[Mapping[str, str]]], Any]
RunOwnTests = Callable[[Candidate], "subprocess.CompletedProcess[str]"]
Pairs = list[tuple[str, str]]

TASKS: dict[str, tuple[Pairs, Pairs]] = {
    "a person's name, turned and shortened": (
        [
            ("Wanda Quill", "Quill, W."),
            ("Otto Brandt", "Brandt, O."),
            ("Mira Castellan", "Castellan, M."),
            ("Jun Tanaka", "Tanaka, J."),
            ("Elif Demir", "Demir, E."),
        ],
        [("Noor Haddad", "Haddad, N."), ("Bo Li", "Li, B.")],
    ),
    "a part number without its marks": (
        [
            ("kx-12/b7", "KX12B7"),
            ("QZ 99-t", "QZ99T"),
            ("m_4410", "M4410"),
            ("vv-07", "VV07"),
            ("AB-1/2/3", "AB123"),
        ],
        [("p p-55", "PP55"), ("r2/d2", "R2D2")],
    ),
    "a path's file name without its ending": (
        [
            ("/var/spool/kettle/steam.log", "steam"),
            ("/opt/q/notes.final.txt", "notes.final"),
            ("/srv/a.csv", "a"),
            ("/data/x/y/z/index.html", "index"),
            ("/etc/lamp.d/bright.conf", "bright"),
        ],
        [("/opt/b.tar", "b"), ("/a/b/c.d.e", "c.d")],
    ),
    "a title as a slug": (
        [
            ("Tea For Two", "tea-for-two"),
            ("Fix the Kettle!", "fix-the-kettle"),
            ("Release 2.0 Notes", "release-2-0-notes"),
            ("What now?", "what-now"),
            ("Up & Down", "up-down"),
        ],
        [("A  Double Space", "a-double-space"), ("End.", "end")],
    ),
    "a camel-case name as a snake-case one": (
        [
            ("teaPotLid", "tea_pot_lid"),
            ("orderItemId", "order_item_id"),
            ("myValue", "my_value"),
            ("steamValve", "steam_valve"),
            ("longNameHere", "long_name_here"),
        ],
        [("aBee", "a_bee"), ("oneTwoThree", "one_two_three")],
    ),
    "a number padded with zeros": (
        [("7", "00007"), ("42", "00042"), ("123", "00123"), ("9", "00009"), ("88", "00088")],
        [("1234", "01234"), ("55555", "55555")],
    ),
    "what stands between brackets": (
        [
            ("a [x1] b", "x1"),
            ("foo [yy 2] [z]", "yy 2"),
            ("q [w] e", "w"),
            ("long text [mid] end", "mid"),
            ("k [v]k", "v"),
        ],
        [("[only]", "only"), ("two [a] [b]", "a")],
    ),
    "a date in another layout": (
        [
            ("2031-01-05", "Jan 5, 2031 (Sunday)"),
            ("2030-11-30", "Nov 30, 2030 (Saturday)"),
            ("2029-07-14", "Jul 14, 2029 (Saturday)"),
            ("2032-03-02", "Mar 2, 2032 (Tuesday)"),
            ("2028-12-25", "Dec 25, 2028 (Monday)"),
        ],
        [("2027-05-09", "May 9, 2027 (Sunday)"), ("2028-02-29", "Feb 29, 2028 (Tuesday)")],
    ),
    "a time on a clock of twelve hours": (
        [
            ("18:25:57", "6:25 PM"),
            ("07:00:20", "7:00 AM"),
            ("21:44:40", "9:44 PM"),
            ("12:01:00", "12:01 PM"),
            ("00:30:10", "12:30 AM"),
            ("09:15:00", "9:15 AM"),
        ],
        [("23:59:59", "11:59 PM"), ("10:05:00", "10:05 AM")],
    ),
    "two kinds of input, each in its way": (
        [
            ("box 12", "12 box"),
            ("jar", "jar?"),
            ("tin 7", "7 tin"),
            ("pot", "pot?"),
            ("cup 30", "30 cup"),
            ("lid", "lid?"),
            ("urn 8", "8 urn"),
        ],
        [("mug 99", "99 mug"), ("tray", "tray?")],
    ),
}


def test_it_is_an_author(by_example: ByExample) -> None:
    author: Author = by_example
    assert author.name == "by-example"


@pytest.mark.parametrize("task", TASKS)
def test_it_answers_unseen_inputs_as_meant(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill, task: str
) -> None:
    shown, unseen = TASKS[task]
    candidate = by_example.write(make_brief(shown), budget)
    assert isinstance(candidate, Candidate), candidate.reason
    assert run_skill(candidate, [{"text": text} for text, _ in unseen]) == [o for _, o in unseen]


@pytest.mark.parametrize("task", TASKS)
def test_its_own_tests_pass(
    by_example: ByExample,
    make_brief: MakeBrief,
    budget: Budget,
    run_own_tests: RunOwnTests,
    task: str,
) -> None:
    candidate = by_example.write(make_brief(TASKS[task][0]), budget)
    assert isinstance(candidate, Candidate)
    done = run_own_tests(candidate)
    assert done.returncode == 0, done.stdout
    for kind in ("ordinary", "null", "anomalous", "massive"):
        assert kind in candidate.files["test_skill.py"]


def test_its_own_tests_fail_when_the_skill_is_broken(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_own_tests: RunOwnTests
) -> None:
    shown, _ = TASKS["a person's name, turned and shortened"]
    candidate = by_example.write(make_brief(shown), budget)
    assert isinstance(candidate, Candidate)
    broken = candidate.files["skill.py"].replace('", "', '";"', 1)
    assert broken != candidate.files["skill.py"]
    files = {**candidate.files, "skill.py": broken}
    assert run_own_tests(candidate.model_copy(update={"files": files})).returncode != 0


def test_only_held_out_examples_become_ordinary_tests(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    shown, _ = TASKS["a person's name, turned and shortened"]
    candidate = by_example.write(make_brief(shown), budget)
    assert isinstance(candidate, Candidate)
    assert (candidate.learned_from, candidate.held_out) == (3, 2)
    tests = candidate.files["test_skill.py"]
    assert [name in tests for name, _ in shown] == [False, False, False, True, True]


def test_several_inputs_are_joined(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    people = [("Wanda", "Quill"), ("Otto", "Brandt"), ("Mira", "Low"), ("Jun", "Abe"), ("Al", "Ek")]
    brief = make_brief(
        [((a, b), f"{b.upper()}, {a}") for a, b in people], parameters=("given", "family")
    )
    candidate = by_example.write(brief, budget)
    assert isinstance(candidate, Candidate)
    answers = run_skill(
        candidate, [{"given": "Noor", "family": "Haddad"}, {"given": "Noor", "family": " "}]
    )
    assert answers[0] == "HADDAD, Noor"
    assert "blank" in answers[1]["refused"]


def test_inputs_that_lack_a_part_are_refused_in_words(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    candidate = by_example.write(make_brief(TASKS["what stands between brackets"][0]), budget)
    assert isinstance(candidate, Candidate)
    answers = run_skill(candidate, [{"text": text} for text in ("", "\t ", "no brackets")])
    assert ["refused" in answer for answer in answers] == [True] * 3
    assert "'['" in answers[2]["refused"]


def test_massive_input_is_answered_at_once(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    units = ("a", " ", "a ", "-", "(", "(a", "A", "1,", "<", "/.", "[]")
    hostile = [{"text": unit * 100_000} for unit in units]
    for shown, _ in TASKS.values():
        candidate = by_example.write(make_brief(shown), budget)
        assert isinstance(candidate, Candidate)
        assert len(run_skill(candidate, hostile)) == len(hostile)


def test_a_date_that_is_none_is_refused(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    candidate = by_example.write(make_brief(TASKS["a date in another layout"][0]), budget)
    assert isinstance(candidate, Candidate)
    answers = run_skill(candidate, [{"text": t} for t in ("2031-13-05", "2030-02-29", "5 May")])
    assert ["refused" in answer for answer in answers] == [True] * 3


def test_knowledge_that_is_not_in_the_input_is_refused(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    capitals = {"Peru": "Lima", "Japan": "Tokyo", "Kenya": "Nairobi", "Norway": "Oslo"}
    shown = [*capitals.items(), ("Chile", "Santiago"), ("Spain", "Madrid")]
    refusal = by_example.write(make_brief(shown), budget)
    assert isinstance(refusal, Refusal)
    assert "have a model write it" in refusal.hint


def test_a_table_of_codes_is_not_memorised(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    shown = [("red", "1"), ("green", "7"), ("blue", "4"), ("black", "9"), ("white", "2")]
    assert isinstance(by_example.write(make_brief(shown), budget), Refusal)


def test_too_few_examples_are_refused_with_the_cheapest_inputs_to_label(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    shown, _ = TASKS["a title as a slug"]
    refusal = by_example.write(
        make_brief(shown[:3], unlabelled=["A rather long title", "Short", "Tea For Two"]), budget
    )
    assert isinstance(refusal, Refusal)
    assert "3 different examples" in refusal.reason
    assert refusal.ask == ("Short", "A rather long title")


def test_repeated_examples_do_not_count_twice(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    shown, _ = TASKS["a title as a slug"]
    assert isinstance(by_example.write(make_brief(shown[:4] * 5), budget), Refusal)


def test_programs_that_disagree_on_unlabelled_inputs_are_not_chosen_between(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    # Every example has two words, so the second word and the last word look the same.
    shown = [("ab cd", "cd"), ("ef gh", "gh"), ("ij kl", "kl"), ("mn op", "op"), ("qr st", "st")]
    refusal = by_example.write(
        make_brief(shown, unlabelled=["uv wx", "one two three", "one two three four"]), budget
    )
    assert isinstance(refusal, Refusal)
    assert "differ on other inputs" in refusal.reason
    assert refusal.ask[0] == "one two three"


def test_a_label_for_what_it_asked_settles_it(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    shown = [("ab cd", "cd"), ("ef gh", "gh"), ("ij kl", "kl"), ("mn op", "op"), ("qr st", "st")]
    brief = make_brief([*shown, ("one two three", "two")], unlabelled=["one two three four"])
    candidate = by_example.write(brief, budget)
    assert isinstance(candidate, Candidate)
    assert run_skill(candidate, [{"text": "five six seven"}]) == ["six"]


def test_a_branch_that_few_examples_show_is_refused(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    shown = [*TASKS["two kinds of input, each in its way"][0][::2], ("pot", "pot?")]
    refusal = by_example.write(make_brief([shown[-1], *shown[:-1], ("can 4", "4 can")]), budget)
    assert isinstance(refusal, Refusal)


UNFIT: dict[str, list[tuple[JsonValue, JsonValue]]] = {
    "reads texts": [(n, "x") for n in range(6)],
    "answers with one text": [("a", {"b": "c"})] * 6,
    "contradict": [("a", "b"), ("a", "c"), ("d", "e"), ("f", "g"), ("h", "i")],
    "the same answer": [(f"t{n}", "x") for n in range(6)],
    "unchanged": [(f"t{n}", f"t{n}") for n in range(6)],
}


@pytest.mark.parametrize(("word", "pairs"), UNFIT.items())
def test_briefs_it_is_not_made_for_are_refused(
    by_example: ByExample,
    make_brief: MakeBrief,
    budget: Budget,
    word: str,
    pairs: list[tuple[JsonValue, JsonValue]],
) -> None:
    refusal = by_example.write(make_brief(pairs), budget)
    assert isinstance(refusal, Refusal)
    assert word in refusal.reason


@pytest.mark.parametrize("name", ["two words", "class", "re", "nth_match", "run", "_x"])
def test_inputs_that_cannot_name_a_parameter_are_refused(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, name: str
) -> None:
    shown, _ = TASKS["a title as a slug"]
    assert isinstance(by_example.write(make_brief(shown, parameters=(name,)), budget), Refusal)


def test_parameter_names_do_not_clash_with_local_names(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget, run_skill: RunSkill
) -> None:
    for name in ("rest", "start", "joined", "index", "mark"):
        shown, unseen = TASKS["a path's file name without its ending"]
        candidate = by_example.write(make_brief(shown, parameters=(name,)), budget)
        assert isinstance(candidate, Candidate)
        assert run_skill(candidate, [{name: unseen[0][0]}]) == [unseen[0][1]]


def test_failing_cases_are_learnt_from_when_it_rewrites(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    brief = make_brief(TASKS["a person's name, turned and shortened"][0])
    candidate = by_example.rewrite(brief, brief.cases[-1:], budget)
    assert isinstance(candidate, Candidate)
    assert "Elif Demir" not in candidate.files["test_skill.py"].split("def ")[0]


def test_time_that_runs_out_is_a_refusal(make_brief: MakeBrief) -> None:
    ticks = iter(range(10_000_000))
    author = ByExample(lambda: float(next(ticks)))
    refusal = author.write(
        make_brief(TASKS["a title as a slug"][0]), Budget(attempts=1, wall_ms=2_000)
    )
    assert isinstance(refusal, Refusal)
    assert "ran out" in refusal.reason


def test_a_massive_example_is_checked_but_not_learnt_from(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    shown, _ = TASKS["a title as a slug"]
    long = ("Word " * 30_000, "-".join(["word"] * 30_000))
    candidate = by_example.write(make_brief([long, *shown]), budget)
    assert isinstance(candidate, Candidate)
    assert sum(map(len, candidate.files.values())) < 20_000


def test_surviving_programs_are_counted_where_they_answer_otherwise(
    by_example: ByExample, make_brief: MakeBrief, budget: Budget
) -> None:
    shown, _ = TASKS["a person's name, turned and shortened"]
    settled = by_example.write(make_brief(shown, unlabelled=["Noor Haddad"]), budget)
    assert isinstance(settled, Candidate)
    assert settled.surviving_programs == 0
    assert "1 unlabelled inputs" in settled.explanation
