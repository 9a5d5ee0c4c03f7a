"""`apps`: the applications whose games may send."""

import argparse
from typing import TYPE_CHECKING

from console.cli.options import Parsers, add_json, add_workspace, uuid, workspace_of

if TYPE_CHECKING:
    from console.client import ConsoleClient
    from console.messages import Application, CreatedApplication


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    apps = commands.add_parser("apps", help="create and list applications")
    actions = apps.add_subparsers(metavar="ACTION", title="actions", required=True)

    create = actions.add_parser("create", help="create an application with a public and a secret key")
    create.add_argument("name", metavar="NAME")
    create.add_argument("--app-id", type=uuid, metavar="UUID", help="instead of a new one")
    create.add_argument("--env", choices=("live", "test"), default="live", help="default: live")
    add_workspace(create)
    add_json(create)
    create.set_defaults(command=_create)

    listing = actions.add_parser("list", help="list applications and their keys")
    add_workspace(listing)
    add_json(listing)
    listing.set_defaults(command=_list)


def _create(args: argparse.Namespace) -> int:
    from console.cli.output import print_fields
    from console.cli.session import with_server
    from console.messages import CreateApplication

    async def work(client: "ConsoleClient") -> "CreatedApplication":
        request = CreateApplication(name=args.name, environment=args.env, app_id=args.app_id)
        return await client.create_application(request)

    created = with_server(workspace_of(args), work)
    application = created.application
    answer = {
        "app_id": application.app_id,
        "name": application.name,
        "environment": application.environment,
        "public_key": created.public_key,
        "secret_key": created.secret_key,
    }
    print_fields(answer, as_json=args.json, remark="The secret key is shown only this once.")
    return 0


def _list(args: argparse.Namespace) -> int:
    from console.cli.output import local_time, print_json, print_table
    from console.cli.session import with_server

    applications = with_server(workspace_of(args), _applications)
    if args.json:
        print_json(applications)
        return 0
    rows = [
        [
            application.name,
            application.environment,
            application.app_id,
            str(sum(key.revoked_at_us is None for key in application.keys)),
            local_time(application.created_at_us),
        ]
        for application in applications
    ]
    print_table(["NAME", "ENVIRONMENT", "APP ID", "KEYS", "CREATED"], rows)
    return 0


async def _applications(client: "ConsoleClient") -> "list[Application]":
    return await client.applications()
