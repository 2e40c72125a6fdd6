r"""One way to write a JSON value, so that equal values have equal bytes and so equal hashes.

Rules: object keys sorted by code point, no blanks, ASCII only (anything else as `\uXXXX`), no NaN
and no infinities. Signatures do not depend on it (a DSSE signature covers the payload's bytes as
they are); the hash chain of the ledger does.
"""

import json

from pydantic import JsonValue


def render_canonical_json(value: JsonValue) -> bytes:
    """Render a JSON value in its one canonical form.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")
