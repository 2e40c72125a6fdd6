"""Hand-written good candidates for the benchmarks of the gate: six kinds of work, three forms each.

A `Draft` is everything that goes into a candidate and its need, as text that can be spoiled. Inputs
are drawn by seed; what is expected is computed here, apart from the skill.
"""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import JsonValue

from skillkiln.errors import InvalidContractError
from skillkiln.prove.gates.duplicate import Rival
from skillkiln.prove.interface import Subject, build_subject, encode_text
from skillkiln.records.candidates import Candidate
from skillkiln.records.needs import Case, Need
from skillkiln.sandbox.interface import Sandbox
from skillkiln.skill.contract import Contract, JsonSchema
from skillkiln.skill.signature import derive_schemas
from skillkiln.skill.skill_md import SkillMd, render_skill_md

VISIBLE, SEALED = 12, 12

Inputs = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Draft:
    """A candidate before it is put on the bench."""

    name: str
    skill: str
    tests: dict[str, str]
    """Text of the test functions by the kind of input that they try."""
    cases: tuple[Case, ...]
    call: str
    """How `run` hands its parameters on, for example `text, limit=limit`."""
    signature: str
    """Of `run`, from the opening parenthesis to the colon."""
    description: str = ""
    body: str = ""
    head: str = "import pytest\n\nfrom skill import run\n"
    more_files: tuple[tuple[str, str], ...] = ()
    sealed: int = SEALED
    learned_from: int = 4
    held_out: int = 8
    surviving_programs: int = 0
    output_schema: JsonSchema | None = None
    """A contract's schema that differs from what `run` says."""
    is_known: bool = False
    """Whether the library has a release that does the same."""

    @property
    def visible(self) -> tuple[Case, ...]:
        """The cases that its author saw."""
        return self.cases[:VISIBLE]

    def put_on_bench(self, sandbox: Sandbox) -> tuple[Subject, tuple[Rival, ...]]:
        """Build the subject, and the releases that it competes with."""
        need = Need(
            id=f"need:{self.name}",
            gap_id=None,
            name=self.name,
            purpose=self.description,
            visible=self.visible,
            sealed=self.cases[VISIBLE : VISIBLE + self.sealed],
        )
        contract = self._build_contract()
        candidate = Candidate(
            need_id=need.id,
            author="human:benchmark",
            contract=contract,
            files={
                "SKILL.md": render_skill_md(
                    SkillMd(name=self.name, description=self.description, body=self.body)
                ),
                "skill.py": self.skill,
                "test_skill.py": "\n\n".join([self.head, *self.tests.values()]),
                **dict(self.more_files),
            },
            learned_from=self.learned_from,
            held_out=self.held_out,
            surviving_programs=self.surviving_programs,
        )
        rival = Rival(
            contract.model_copy(update={"name": f"{self.name}-before"}),
            {"skill.py": encode_text(self.skill)},
        )
        return build_subject(candidate, need, sandbox), (rival,) * self.is_known

    def _build_contract(self) -> Contract:
        given: JsonSchema = {"type": "object"}
        answer: JsonSchema = {}
        with suppress(InvalidContractError):  # a gate will say so
            schemas = derive_schemas(self.skill)
            given, answer = schemas.input_schema, schemas.output_schema
        return Contract(
            name=self.name,
            version="1.0.0",
            input_schema=given,
            output_schema=self.output_schema or answer,
            timeout_ms=2_000,
        )


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of work: a skill for it, and how its cases are drawn."""

    name: str
    what: str
    limits: str
    parameters: str
    returns: str
    imports: str
    body: str
    """Everything above `run`, then a line `---`, then the body of `run`."""
    draw: Callable[[random.Random], tuple[Inputs, JsonValue]]
    null: str
    """Arguments of a call with empty input, refused with a ValueError."""
    anomalous: str
    massive: str

    def write(self, seed: int) -> Draft:
        """Write the plain form, with cases drawn by seed."""
        cases = self._draw_cases(random.Random(f"{self.name}{seed}"))
        above, body = self.body.split("---\n")
        signature = f"({self.parameters}) -> {self.returns}"
        names = [part.split(":")[0].strip() for part in self.parameters.split(",")]
        return Draft(
            name=self.name,
            skill=(
                f'"""{self.what}"""\n\n{self.imports}\n{above}\n\n'
                f'def run{signature}:\n    """{self.what}\n\n    Raises:\n'
                f'        ValueError: {self.limits}\n    """\n{body}'
            ),
            tests=self._write_tests(cases[:VISIBLE]),
            cases=cases,
            call=", ".join(f"{name}={name}" for name in names),
            signature=signature,
            description=f"{self.what} Use when such values have to be brought to one form.",
            body=(
                f"# {self.name}\n\n## When to use\n{self.what}\n\n## Interface\n"
                f"`run{signature}`\n\n## Limits\nRaises ValueError: {self.limits}\n"
            ),
        )

    def _draw_cases(self, rng: random.Random) -> tuple[Case, ...]:
        drawn: dict[str, Case] = {}
        while len(drawn) < VISIBLE + SEALED:
            inputs, expected = self.draw(rng)
            drawn[json.dumps(inputs)] = Case(inputs=inputs, expected=expected)
        return tuple(drawn.values())

    def _write_tests(self, cases: tuple[Case, ...]) -> dict[str, str]:
        rows = "".join(f"        ({c.inputs!r}, {c.expected!r}),\n" for c in cases[4:])
        refused = {"null": self.null, "anomalous": self.anomalous, "massive": self.massive}
        return {
            "ordinary": (
                f'\n@pytest.mark.parametrize(\n    ("given", "expected"),\n    [\n{rows}    ],\n)\n'
                "def test_answers_what_was_seen(given, expected):\n"
                "    assert run(**given) == expected\n"
            ),
            **{
                kind: (
                    f"\ndef test_refuses_{kind}_input():\n"
                    f"    with pytest.raises(ValueError):\n        run({arguments})\n"
                )
                for kind, arguments in refused.items()
            },
        }


FIRST = ("Ada", "Alan", "Grace", "Barbara", "Donald", "Edsger", "Frances", "John", "Niklaus")
LAST = ("Lovelace", "Turing", "Hopper", "Liskov", "Knuth", "Dijkstra", "Allen", "Backus", "Wirth")
HOSTS = ("example.org", "docs.example.com", "intranet.local", "a-b.example.net", "example.edu")
LEVELS = ("INFO", "WARN", "ERROR", "DEBUG")


def draw_name(rng: random.Random) -> tuple[Inputs, JsonValue]:
    """Draw a person's name and its short form."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return {"text": f"{first} {last}"}, f"{last}, {first[0]}."


def draw_phone(rng: random.Random) -> tuple[Inputs, JsonValue]:
    """Draw a telephone number and its digits."""
    area, office, line = rng.randint(200, 999), rng.randint(200, 999), rng.randint(1000, 9999)
    form = rng.choice(("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{} {} {}"))
    return {"text": form.format(area, office, line)}, f"+1{area}{office}{line}"


def draw_url(rng: random.Random) -> tuple[Inputs, JsonValue]:
    """Draw an address and its host."""
    host, path = rng.choice(HOSTS), rng.randint(1, 10**6)
    scheme = rng.choice(("http", "https"))
    port = rng.choice(("", ":8080"))
    return {"url": f"{scheme}://{host}{port}/item/{path}"}, host


def draw_entry(rng: random.Random) -> tuple[Inputs, JsonValue]:
    """Draw a log line and its fields."""
    level, user, took = rng.choice(LEVELS), rng.choice(FIRST).lower(), rng.randint(1, 9_999)
    line = f"level={level} user={user} took={took}ms"
    return {"line": line}, {"level": level, "user": user, "took_ms": took}


def draw_part(rng: random.Random) -> tuple[Inputs, JsonValue]:
    """Draw a part number and its normal form."""
    letters, number = rng.choice(("ab", "XY", "Qr", "zz")), rng.randint(1, 99_999)
    joint = rng.choice(("-", " ", "_", "/"))
    return {"text": f"{letters}{joint}{number:07d}"}, f"{letters.upper()}-{number}"


def draw_amounts(rng: random.Random) -> tuple[Inputs, JsonValue]:
    """Draw amounts in cents and a rate, with their total and tax."""
    amounts = [rng.randint(1, 10_000) for _ in range(rng.randint(1, 6))]
    rate = rng.choice((5, 10, 20))
    total = sum(amounts)
    listed: list[JsonValue] = [*amounts]
    return {"cents": listed, "rate": rate}, {"total": total, "tax": total * rate // 100}


FAMILIES = (
    Family(
        name="last-name-first",
        what="Write a person's name as last name and initial.",
        limits="the text is not two words.",
        parameters="text: str",
        returns="str",
        imports="import re\n",
        body="# for example `Ada Lovelace`\n"
        'NAME = re.compile(r"(\\w+) (\\w+)")\n---\n'
        "    match = NAME.fullmatch(text)\n    if match is None:\n"
        '        raise ValueError(f"expected a first and a last name, got {text[:40]!r}")\n'
        '    return f"{match[2]}, {match[1][0]}."\n',
        draw=draw_name,
        null='""',
        anomalous='"a; b"',
        massive='"Ada Lovelace " * 10_000',
    ),
    Family(
        name="phone-digits",
        what="Bring a telephone number to its international digits.",
        limits="the text does not hold ten digits.",
        parameters="text: str",
        returns="str",
        imports="import re\n",
        body='SEPARATOR = re.compile(r"[ ().-]+")\nDIGITS = 10\n---\n'
        '    digits = SEPARATOR.sub("", text[:100])\n'
        "    if len(digits) != DIGITS or not digits.isdecimal():\n"
        '        raise ValueError(f"expected {DIGITS} digits, got {text[:40]!r}")\n'
        '    return f"+1{digits}"\n',
        draw=draw_phone,
        null='" "',
        anomalous='"call me"',
        massive='"5" * 100_000',
    ),
    Family(
        name="url-host",
        what="Take the host out of a web address.",
        limits="the text is no http or https address.",
        parameters="url: str",
        returns="str",
        imports="from urllib.parse import urlsplit\n",
        body='SCHEMES = frozenset({"http", "https"})\nMAX_LENGTH = 2_000\n---\n'
        "    if len(url) > MAX_LENGTH:\n"
        '        raise ValueError(f"expected at most {MAX_LENGTH} characters")\n'
        "    parts = urlsplit(url)\n"
        "    if parts.scheme not in SCHEMES or not parts.hostname:\n"
        '        raise ValueError(f"expected a web address, got {url[:40]!r}")\n'
        "    return parts.hostname\n",
        draw=draw_url,
        null='""',
        anomalous='"mailto:ada@example.org"',
        massive='"https://example.org/" + "a" * 50_000',
    ),
    Family(
        name="log-entry",
        what="Parse one line of the service log into its fields.",
        limits="the line has another form.",
        parameters="line: str",
        returns="Entry",
        imports="import re\nfrom typing import TypedDict\n",
        body="# for example `level=INFO user=ada took=12ms`\n"
        'LINE = re.compile(r"level=([A-Z]+) user=(\\w+) took=(\\d{1,9})ms")\n\n\n'
        "class Entry(TypedDict):\n"
        '    """The fields of one line."""\n\n'
        "    level: str\n    user: str\n    took_ms: int\n---\n"
        "    match = LINE.fullmatch(line)\n    if match is None:\n"
        '        raise ValueError(f"expected a service log line, got {line[:60]!r}")\n'
        "    level, user, took = match.groups()\n"
        '    return {"level": level, "user": user, "took_ms": int(took)}\n',
        draw=draw_entry,
        null='""',
        anomalous='"level=INFO user= took=12ms"',
        massive='"level=INFO " * 20_000',
    ),
    Family(
        name="part-number",
        what="Bring a part number to its normal form.",
        limits="the text is not two letters, a separator and a number.",
        parameters="text: str",
        returns="str",
        imports="import re\n",
        body='PART = re.compile(r"([A-Za-z]{2})[-_/ ](\\d{1,12})")\n---\n'
        "    match = PART.fullmatch(text)\n    if match is None:\n"
        '        raise ValueError(f"expected a part number, got {text[:40]!r}")\n'
        '    return f"{match[1].upper()}-{int(match[2])}"\n',
        draw=draw_part,
        null='""',
        anomalous='"ABC-12"',
        massive='"ab-" + "1" * 100_000',
    ),
    Family(
        name="tax-on-amounts",
        what="Add up amounts in cents and compute the tax on them.",
        limits="there is no amount, one is negative, or the rate is not within 0 to 100.",
        parameters="cents: list[int], rate: int",
        returns="Totals",
        imports="from typing import TypedDict\n",
        body="MAX_RATE = 100\n\n\nclass Totals(TypedDict):\n"
        '    """What is to be paid, in cents."""\n\n    total: int\n    tax: int\n---\n'
        "    if not cents or min(cents) < 0:\n"
        '        raise ValueError("expected at least one amount, none negative")\n'
        "    if not 0 <= rate <= MAX_RATE:\n"
        '        raise ValueError(f"expected a rate from 0 to {MAX_RATE}, got {rate}")\n'
        "    total = sum(cents)\n"
        '    return {"total": total, "tax": total * rate // 100}\n',
        draw=draw_amounts,
        null="[], 10",
        anomalous="[100], 101",
        massive="[1] * 10_000, -1",
    ),
)


def write_with_function(draft: Draft) -> Draft:
    """Write it in another good form: `run` hands on to a function of its own."""
    inner = draft.skill.replace("def run(", "def convert(")
    outer = f'\n\ndef run{draft.signature}:\n    """Convert one value."""\n'
    return replace(draft, skill=f"{inner}{outer}    return convert({draft.call})\n")


def write_tests_in_class(draft: Draft) -> Draft:
    """Write it in another good form: the refusals are methods of one class."""
    refusals = [text for kind, text in draft.tests.items() if kind != "ordinary"]
    methods = "".join(refusals).replace("input():", "input(self):").replace("\n", "\n    ")
    return replace(
        draft,
        tests={
            "ordinary": draft.tests["ordinary"],
            "refused": f"\nclass TestRefusals:{methods.rstrip()}\n",
        },
    )


FORMS: dict[str, Callable[[Draft], Draft]] = {
    "plain": lambda draft: draft,
    "with a function": write_with_function,
    "tests in a class": write_tests_in_class,
}
