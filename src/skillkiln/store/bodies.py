"""Records as JSON in a column, and back. A body that does not read back is a damaged store."""

from typing import TypeVar

from pydantic import ValidationError

from skillkiln.errors import StoreCorruptError
from skillkiln.skill.contract import describe_problems
from skillkiln.skill.value import Value

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
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise StoreCorruptError(
            f"a row does not read back as {kind.__name__}: {describe_problems(error)}",
            where=where,
            hint="restore the store from a backup",
        ) from error
