"""The version that a new release of a name gets: what changed for its callers decides.

    patch   both schemas are as they were
    minor   callers of the last version still work: inputs gained optional fields, outputs gained
            fields, and nothing else changed
    major   anything else, and whenever it petitions for other side effects or permissions

Source: Semantic Versioning 2.0.0, items 6 to 8.
"""

from pydantic import JsonValue

from skillkiln.skill.contract import Contract, JsonSchema
from skillkiln.skill.version import SemanticVersion, parse_version


def choose_version(contract: Contract, latest: Contract | None) -> SemanticVersion:
    """Return the version of a new release.

    Args:
        contract: the candidate's.
        latest: of the release of that name with the highest version; None for a new name, which
            keeps the version that the candidate came with.
    """
    if latest is None:
        return parse_version(contract.version)
    before = parse_version(latest.version)
    if not _asks_for_the_same(contract, latest):
        return before.bump_major()
    old = (latest.input_schema, latest.output_schema)
    new = (contract.input_schema, contract.output_schema)
    if new == old:
        return before.bump_patch()
    if all(_only_adds(*pair) for pair in zip(old, new, strict=True)):
        return before.bump_minor()
    return before.bump_major()


def _asks_for_the_same(contract: Contract, latest: Contract) -> bool:
    return (
        set(contract.side_effects) == set(latest.side_effects)
        and contract.permissions == latest.permissions
        and contract.idempotency == latest.idempotency
    )


def _only_adds(old: JsonSchema, new: JsonSchema) -> bool:
    """Say whether a schema gained properties and is otherwise the same; required ones too."""
    if _without_properties(old) != _without_properties(new):
        return False
    before, after = _properties(old), _properties(new)
    return all(name in after and after[name] == schema for name, schema in before.items())


def _without_properties(schema: JsonSchema) -> JsonSchema:
    return {key: value for key, value in schema.items() if key != "properties"}


def _properties(schema: JsonSchema) -> dict[str, JsonValue]:
    properties = schema.get("properties", {})
    return properties if isinstance(properties, dict) else {}
