"""`skillkiln keys`: the keys that may vouch for releases."""

from typing import Annotated

import typer

from skillkiln.cli.options import JsonOption, WorkspaceOption, open_kiln
from skillkiln.cli.screen import line, print_json, safe
from skillkiln.errors import InvalidInputError
from skillkiln.trust.keyring import Keyring

command = typer.Typer(add_completion=False)


@command.command()
def keys(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new signing key; the old one signs no more.")
    ] = False,
    revoke: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Declare that nothing this key signed counts any more."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why it is revoked; kept in the keyring.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the keys that may vouch for releases, rotate the signing key, or revoke one.

    Private keys are never shown. What only a revoked key signed is quarantined when it is loaded.
    """
    if rotate and revoke is not None:
        raise InvalidInputError("expected --rotate or --revoke, got both")
    if revoke is not None and not reason:
        raise InvalidInputError("--revoke needs --reason", hint="say what happened to the key")
    with open_kiln(workspace) as kiln:
        if rotate:
            kiln.rotate_key()
        if revoke is not None:
            kiln.revoke_key(find_key(kiln.keyring(), revoke), reason or "")
        keyring = kiln.keyring()
    if as_json:
        known = [{"key_id": key.key_id, **key.model_dump(mode="json")} for key in keyring.keys]
        print_json({"keys": known})
        return
    for key in keyring.keys:
        why = f"  {safe(key.reason)}" if key.reason else ""
        line(f"{key.key_id}  [bold]{key.status}[/] since {key.changed_at:%Y-%m-%d %H:%M} UTC{why}")
    if keyring.active is None:
        line("no key is active: `skillkiln keys --rotate` makes one")


def find_key(keyring: Keyring, prefix: str) -> str:
    """Return the id of the one key that begins so.

    Raises:
        InvalidInputError: several do, or none.
    """
    found = [key.key_id for key in keyring.keys if key.key_id.startswith(prefix)]
    if len(found) != 1:
        raise InvalidInputError(
            f"{len(found)} keys begin with {prefix!r}, expected one",
            hint="`skillkiln keys` lists them",
        )
    return found[0]
