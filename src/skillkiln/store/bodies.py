"""Records from rows: whole ones as JSON in a column, others column by column.

What does not read back is a damaged store, and is said so with the row's place.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from skillkiln.errors import StoreCorruptError
from skillkiln.skill.contract import describe_problems
from skillkiln.skill.value import Value

_NOT_UNICODE = re.compile("[\ud800-\udfff]")
"""What `store.database` makes of bytes that are not UTF-8."""

AnyValue = TypeVar("AnyValue", bound=Value)


def render_body(value: Value) -> str:
    """Render a record for its column."""
    return value.model_dump_json()


def parse_body(kind: type[AnyValue], body: str, *, where: str) -> AnyValue:
    """Parse a record from its column.

    Args:
        kind: the record's type.
        body: the column's text.
        where: table and key of the row, for the message.

    Raises:
        StoreCorruptError: the text is no such record.
    """
    try:
        return kind.model_validate_json(body.encode("utf-8", "surrogateescape"))
    except ValidationError as error:
        raise _build_error(kind, describe_problems(error), where) from error


def parse_row(kind: type[AnyValue], row: Mapping[Any, Any], *, where: str) -> AnyValue:
    """Parse a record from columns named like its fields; other columns are passed over.

    Args:
        kind: the record's type.
        row: the columns by name.
        where: table and key of the row, for the message.

    Raises:
        StoreCorruptError: the columns are no such record.
    """
    fields = {field: row[field] for field in kind.model_fields}
    for field, value in fields.items():
        if isinstance(value, str) and _NOT_UNICODE.search(value):
            raise _build_error(kind, f"{field}: not UTF-8", where)
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise _build_error(kind, describe_problems(error), where) from error


def _build_error(kind: type[Value], problem: str, where: str) -> StoreCorruptError:
    return StoreCorruptError(
        f"a row does not read back as {kind.__name__}: {problem}",
        where=where,
        hint="restore the store from a backup",
    )
