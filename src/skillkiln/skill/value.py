"""The kind of object that everything on the lower floors is: a frozen, validated value.

A `Value` cannot be changed after construction, refuses fields that it does not know, and takes
the docstring under a field as that field's description in JSON Schema.
"""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen pydantic model that forbids unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
