"""Secrets are taken out, and taken out of everything that a scan hands on."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkiln.notice.disk import NoFiles
from skillkiln.notice.interface import NoNeed
from skillkiln.notice.needs import build_need
from skillkiln.notice.scan import ScanReport
from skillkiln.notice.secrets import clean_text, is_redacted, redact_secrets

# Each secret is put together here, so that no scanner takes this file for a leak.
TOKENS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "github_pat_" + "11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "glpat-" + "abcdefghij0123456789",
    "sk-" + "ant-api03-abcdefghijklmnopqrstuvwxyz012345",
    "sk_" + "live_abcdefghijklmnopqrstuvwx",
    "xoxb-" + "123456789012-abcdefghijkl",
    "AIza" + "SyA-abcdefghijklmnopqrstuvwxyz01234",
    "hf_" + "abcdefghijklmnopqrstuvwxyz0123",
    "npm_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
]
ASSIGNED = [
    'password = "{}"',
    "DB_PASSWORD={}",
    "export API_KEY='{}'",
    '{{"client_secret": "{}"}}',
    '{{\\"access_token\\": \\"{}\\"}}',
    "Authorization: Bearer {}",
    "curl -H 'X-Api-Key: {}' http://h",
    "curl -u admin:{} http://h",
    "https://bob:{}@example.com/path",
    "mysql --password {} -e 'select 1'",
    "tool --token={}",
    "Cookie: session={}",
    "passphrase := {}",
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "key {} end", "x={}", '"{}"', "({})", "a/{}/b"])
def test_tokens_of_known_shapes_go_wherever_they_stand(token: str, around: str) -> None:
    redacted = redact_secrets(around.format(token))
    assert token not in redacted
    assert token[8:20] not in redacted
    assert is_redacted(redacted)


@pytest.mark.parametrize("around", ASSIGNED)
@pytest.mark.parametrize("secret", ["hunter2pass", "Tr0ub4dor&3x", "correct-horse-battery"])
def test_values_given_to_telling_names_go(around: str, secret: str) -> None:
    assert secret not in redact_secrets(around.format(secret))


def test_a_password_with_blanks_in_quotes_goes_whole() -> None:
    assert "horse" not in redact_secrets("password: 'correct horse battery staple'")


@pytest.mark.parametrize("end", ["\n-----END RSA PRIVATE KEY-----", ""])
def test_private_keys_go_even_when_they_are_cut(end: str) -> None:
    body = "MIIEpAIBAAKCAQEA\nabcdef0123456789"
    redacted = redact_secrets(f"before\n-----BEGIN RSA PRIVATE KEY-----\n{body}{end}")
    assert "MIIE" not in redacted
    assert "abcdef" not in redacted
    assert redacted.startswith("before\n")


def test_random_looking_values_go_and_ordinary_ones_stay() -> None:
    assert is_redacted(redact_secrets("x = 'aZ3kQ9mP2xL7vB4nR8tY1wE6'"))
    for ordinary in (
        "commit=0123456789abcdef0123456789abcdef01234567",
        "path = /usr/local/lib/Python3/site-packages/Foo/bar",
        "level=info at=2026-02-11T20:36:45.618Z host=web04",
        "total tokens: 312, secrets of the trade, a keyboard, monkey=banana",
        "def parse(line): return line.split()[0]",
    ):
        assert redact_secrets(ordinary) == ordinary


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact_secrets(text)
    assert redact_secrets(once) == once


@given(st.sampled_from(ASSIGNED), st.text(st.sampled_from("=: \"'-\n"), max_size=6))
def test_redacting_assignments_twice_changes_nothing(around: str, junk: str) -> None:
    once = redact_secrets(around.format("s3cretValue") + junk + around.format("oth3rValue"))
    assert redact_secrets(once) == once


def test_a_secret_split_by_an_escape_sequence_is_found_all_the_same() -> None:
    token = TOKENS[0]
    assert is_redacted(clean_text(f"{token[:9]}\x1b[1m{token[9:]}", 200))


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN A KEY-----" * 3_000,
        "password=" * 8_000,
        "://:" * 20_000,
        "a." * 40_000,
        "Bearer " * 10_000,
        "--token " * 10_000,
        "'" * 80_000,
        'secret="' * 8_000,
    ],
)
def test_hostile_repetition_comes_to_an_end(text: str) -> None:
    redact_secrets(text)


@pytest.mark.parametrize("secret", [TOKENS[0], TOKENS[4], "hunter2pass"])
def test_a_planted_secret_never_leaves_a_scan(
    secret: str, record: Callable[..., Any], report: Callable[[], ScanReport]
) -> None:
    code = (
        "import json\npassword = '" + secret + "'\nfor line in open('rows.txt'):\n"
        "    a, b = line.split()\n    print(json.dumps({'a': a, 'b': b}))"
    )
    rows = [f"row{n} value{n}" for n in range(12)] + [f"password={secret} x"]
    printed = "\n".join(f'{{"a": "{row.split()[0]}", "b": "{row.split()[1]}"}}' for row in rows)
    for day in (1, 2):
        session = record(f"s-{day}", day)
        session.say(f"go on, password={secret}").read("/project/rows.txt", "\n".join(rows))
        session.bash(f"python3 - <<'EOF'\n{code}\nEOF", printed)
        session.bash(
            f"deploy --password {secret}", f"fatal: bad password: {secret} here", error=True
        )
        session.say(f"no, don't use password={secret} there, take the staging one")
    found = report()
    assert secret not in found.model_dump_json()
    assert [gap.kind.value for gap in found.gaps].count("rework") == 1
    assert len(found.gaps) >= 3
    for gap in found.gaps:
        need = build_need(gap, files=NoFiles(), seed=1)
        assert secret not in repr(need)
        if gap.opens_skill:
            assert not isinstance(need, NoNeed)
            assert "row3 value3" in need.model_dump_json()
