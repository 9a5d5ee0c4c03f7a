"""`keys`: what an application's games and tools authenticate with."""

import argparse
from typing import TYPE_CHECKING

from console.cli.errors import CommandFailed
from console.cli.options import Parsers, add_json, add_workspace, workspace_of

if TYPE_CHECKING:
    from console.client import ConsoleClient
    from console.messages import Application, CreatedKey, Key


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    keys = commands.add_parser("keys", help="create, revoke and list keys")
    actions = keys.add_subparsers(metavar="ACTION", title="actions", required=True)

    create = actions.add_parser("create", help="create a further key")
    create.add_argument("app", metavar="APP", help="name or app id of the application")
    create.add_argument("--kind", choices=("public", "secret"), required=True, help="public keys ship in games")
    create.add_argument("--label", default="", help="what the key is for")
    add_workspace(create)
    add_json(create)
    create.set_defaults(command=_create)

    revoke = actions.add_parser("revoke", help="make a key fail from the next request on")
    revoke.add_argument("key_id", metavar="KEY_ID")
    add_workspace(revoke)
    add_json(revoke)
    revoke.set_defaults(command=_revoke)

    listing = actions.add_parser("list", help="list keys")
    listing.add_argument("app", metavar="APP", nargs="?", help="only those of this application")
    add_workspace(listing)
    add_json(listing)
    listing.set_defaults(command=_list)


def find_application(applications: "list[Application]", wanted: str) -> "Application":
    """The application with this id or name. Raises CommandFailed when there is none."""
    for application in applications:
        if wanted.lower() == application.app_id.lower() or wanted == application.name:
            return application
    names = ", ".join(repr(application.name) for application in applications) or "none"
    raise CommandFailed(f"no application has the name or id {wanted!r}; there are: {names}")


def find_key(applications: "list[Application]", wanted: str) -> "Key":
    """The key with this id, whole public token, shortened token as `keys list` shows it, or label.

    Raises CommandFailed when there is none, or several by that label.
    """
    keys = [key for application in applications for key in application.keys]
    known = [key for key in keys if wanted and wanted in (key.key_id, key.token, key.hint)]
    found = known or [key for key in keys if wanted and wanted == key.label]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{key.key_id} ({key.hint})" for key in found)
        raise CommandFailed(f"several keys go by {wanted!r}; name one by its id: {ids}")
    names = ", ".join(f"{key.hint} ({key.label})" if key.label else key.hint for key in keys) or "none"
    raise CommandFailed(f"no key has the id, the token or the label {wanted!r}; there are: {names}")


def _create(args: argparse.Namespace) -> int:
    from console.cli.output import print_fields
    from console.cli.session import with_server
    from console.messages import CreateKey

    async def work(client: "ConsoleClient") -> "CreatedKey":
        application = find_application(await client.applications(), args.app)
        return await client.create_key(application.app_id, CreateKey(kind=args.kind, label=args.label))

    created = with_server(workspace_of(args), work)
    key = created.key
    answer = {
        "key_id": key.key_id,
        "app_id": key.app_id,
        "kind": key.kind,
        "label": key.label,
        "token": created.token,
    }
    remark = "The token is shown only this once." if key.kind == "secret" else ""
    print_fields(answer, as_json=args.json, remark=remark)
    return 0


def _revoke(args: argparse.Namespace) -> int:
    from console.cli.output import print_json
    from console.cli.session import with_server

    async def work(client: "ConsoleClient") -> None:
        await client.revoke_key(args.key_id)

    with_server(workspace_of(args), work)
    if args.json:
        print_json({"key_id": args.key_id, "revoked": True})
    else:
        print(f"Revoked {args.key_id}.")
    return 0


def _list(args: argparse.Namespace) -> int:
    from console.cli.output import local_time, print_json, print_table
    from console.cli.session import with_server

    async def work(client: "ConsoleClient") -> "list[Application]":
        applications = await client.applications()
        return [find_application(applications, args.app)] if args.app else applications

    applications = with_server(workspace_of(args), work)
    if args.json:
        print_json([key for application in applications for key in application.keys])
        return 0

    def row(application: "Application", key: "Key") -> list[str]:
        state = "active" if key.revoked_at_us is None else "revoked"
        return [application.name, key.kind, key.label, key.hint, state, local_time(key.last_used_at_us), key.key_id]

    rows = [row(application, key) for application in applications for key in application.keys]
    print_table(["APPLICATION", "KIND", "LABEL", "KEY", "STATE", "LAST USED", "KEY ID"], rows)
    return 0
