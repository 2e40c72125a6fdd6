"""Reading JSON lines of any size and any damage."""

from pathlib import Path

from skillkiln.sessions.interface import Damage
from skillkiln.sessions.jsonl import MAX_LINE_BYTES, MAX_VALUES, read_records


def test_a_line_longer_than_the_limit_is_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as stream:
        stream.write(b'{"a": 1}\n{"b": "')
        for _ in range(9):
            stream.write(b"x" * (MAX_LINE_BYTES // 4))
        stream.write(b'"}\n{"c": 3}\n')
    first, second, third = read_records(path)
    assert first == (1, {"a": 1})
    assert isinstance(second[1], Damage)
    assert "passed over" in second[1].why
    assert third == (3, {"c": 3})


def test_a_last_line_without_an_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "open.jsonl"
    path.write_bytes(b'{"a": 1}\n{"b": 2}')
    assert [record for _, record in read_records(path)] == [{"a": 1}, {"b": 2}]


def test_invalid_utf8_is_replaced_and_told(tmp_path: Path) -> None:
    path = tmp_path / "bytes.jsonl"
    path.write_bytes(b'{"a": "\xff\xfe"}\n')
    assert list(read_records(path)) == [
        (1, Damage(1, "invalid UTF-8 replaced")),
        (1, {"a": "\ufffd\ufffd"}),
    ]


def test_a_line_of_a_million_empty_lists_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(b'{"a": [' + b"[]," * (MAX_VALUES // 2) + b"[]]}\n")
    ((_, record),) = read_records(path)
    assert isinstance(record, Damage)


def test_deep_nesting_and_huge_numbers_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_bytes(
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n" + b'{"n": ' + b"9" * 9_000 + b"}\n"
    )
    assert [record for _, record in read_records(path)] == [
        Damage(1, "not a JSON object"),
        Damage(2, "not a JSON object"),
    ]


def test_a_byte_order_mark_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "bom.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n')
    assert list(read_records(path)) == [(1, {"a": 1})]
