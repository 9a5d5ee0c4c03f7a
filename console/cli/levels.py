"""`levels`: the levels of a workspace, their models, and the sessions that are in none."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cli.options import Parsers, add_json, add_workspace, recorded_workspace_of, workspace_of

if TYPE_CHECKING:
    from console.client import ConsoleClient
    from console.messages import Application, Axes, LevelModel


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    levels = commands.add_parser("levels", help="list levels, upload their models, and say which is which")
    actions = levels.add_subparsers(metavar="ACTION", title="actions", required=True)

    listing = actions.add_parser("list", help="list levels with what was played there and what shows them")
    _add_common(listing, json=True)
    listing.set_defaults(command=_list)

    upload = actions.add_parser("upload", help="upload a mesh as the newest version of a level's model")
    upload.add_argument("file", type=Path, metavar="FILE", help="GLB, glTF, OBJ, STL, PLY, OFF or COLLADA")
    upload.add_argument("--level", metavar="NAME", help="the level_id that the game sends (default: the file's name)")
    upload.add_argument(
        "--axes",
        choices=("unity", "unreal", "gltf", "godot", "blender", "quake"),
        help="axes of the mesh (default: the level's, else what the file type prescribes)",
    )
    _add_common(upload, json=True)
    upload.set_defaults(command=_upload)

    mapping = actions.add_parser("map", help="show a level with the models of another name")
    mapping.add_argument("level", metavar="LEVEL_ID", help="as the game sends it")
    mapping.add_argument("model", metavar="NAME", nargs="?", default="", help="of the models; left out, its own again")
    _add_common(mapping)
    mapping.set_defaults(command=_map)

    assign = actions.add_parser("assign", help="say which level sessions were in that named none")
    assign.add_argument("level", metavar="LEVEL_ID", help='"" takes them out again')
    assign.add_argument("sessions", metavar="SESSION_ID", nargs="*", help="left out, all that are in no level")
    _add_common(assign)
    assign.set_defaults(command=_assign)


def _add_common(parser: argparse.ArgumentParser, *, json: bool = False) -> None:
    parser.add_argument("--app", metavar="NAME", help="the application's name or id; needed where there are several")
    add_workspace(parser)
    if json:
        add_json(parser)


def _list(args: argparse.Namespace) -> int:
    from console.cli.output import local_time, print_json, print_table
    from console.cli.session import with_server
    from console.columns import numbers, text

    async def work(client: "ConsoleClient") -> list[dict[str, Any]]:
        applications = {application.app_id: application.name for application in await client.applications()}
        if args.app is not None:
            found = _named(list(applications.items()), args.app)
            applications = {found: applications[found]}
        models = [model for model in await client.level_models() if model.active]
        mapped = {(name.app_id, name.level_id): name.level_name for name in (await client.level_facts()).names}
        active = {(model.app_id, model.level_name): model for model in models}
        answer = await client.query("levels")
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        if answer.rows:
            keys = zip(text(answer, "app_id"), text(answer, "level_id"), strict=True)
            counts = {name: numbers(answer, name).tolist() for name in ("sessions", "samples", "events", "last_us")}
            for index, (app_id, level_id) in enumerate(keys):
                rows[app_id or "", level_id or ""] = {name: int(column[index]) for name, column in counts.items()}
        shown_by_others = {(app_id, name) for (app_id, _), name in mapped.items()}
        every = rows.keys() | mapped.keys() | (active.keys() - shown_by_others)
        return [
            _level(applications[app_id], level_id, active.get((app_id, mapped.get((app_id, level_id), level_id))))
            | {"sessions": 0, "samples": 0, "events": 0, "last_us": None}
            | rows.get((app_id, level_id), {})
            for app_id, level_id in sorted(every)
            if app_id in applications
        ]

    found = with_server(recorded_workspace_of(args), work)
    if args.json:
        print_json(found)
        return 0
    heads = ["APPLICATION", "LEVEL", "MODEL", "TRIANGLES", "SESSIONS", "SAMPLES", "EVENTS", "LAST PLAYED"]
    lines = []
    for level in found:
        model = f"{level['model']} v{level['version']}" if level["model"] else "none"
        counts = [f"{level[name]:,}" for name in ("triangles", "sessions", "samples", "events")]
        last = local_time(level["last_us"]) if level["last_us"] else ""
        lines.append([level["application"], level["level_id"], model, *counts, last])
    print_table(heads, lines)
    return 0


def _level(application: str, level_id: str, model: "LevelModel | None") -> dict[str, Any]:
    return {
        "application": application,
        "level_id": level_id,
        "model": None if model is None else model.level_name,
        "version": None if model is None else model.version,
        "triangles": 0 if model is None else model.triangles,
    }


def _upload(args: argparse.Namespace) -> int:
    from console.cli.errors import CommandFailed
    from console.cli.output import print_fields, print_json
    from console.cli.session import with_server

    file: Path = args.file
    axes: Axes | None = args.axes

    async def work(client: "ConsoleClient") -> "LevelModel":
        app_id = await _application(client, args)
        return await client.upload_level_model(app_id, args.level or file.stem, file, mesh_axes=axes)

    if not file.is_file():
        raise CommandFailed(f"there is no file {file}")
    model = with_server(workspace_of(args), work)
    answer: dict[str, str | int] = {
        "level_name": model.level_name,
        "version": model.version,
        "triangles": model.triangles,
        "vertices": model.vertices,
        "mesh_axes": model.mesh_axes,
        "model_id": model.model_id,
    }
    if args.json:
        print_json(answer)
    else:
        print_fields({name: str(value) for name, value in answer.items()}, as_json=False)
    return 0


def _map(args: argparse.Namespace) -> int:
    from console.cli.session import with_server

    async def work(client: "ConsoleClient") -> None:
        await client.map_level(await _application(client, args), args.level, args.model)

    with_server(recorded_workspace_of(args), work)
    print(f"{args.level} is shown with " + (f"the models named {args.model}" if args.model else "its own models"))
    return 0


def _assign(args: argparse.Namespace) -> int:
    from console.cli.errors import CommandFailed
    from console.cli.session import with_server

    if not args.level and not args.sessions:
        raise CommandFailed("name the sessions that are to be taken out of their level")

    async def work(client: "ConsoleClient") -> list[str]:
        return await client.assign_sessions(await _application(client, args), args.sessions or None, args.level)

    moved = with_server(recorded_workspace_of(args), work)
    where = f"assigned to {args.level}" if args.level else "in no level any more"
    print(f"{len(moved):,} session{'' if len(moved) == 1 else 's'} {where}")
    return 0


async def _application(client: "ConsoleClient", args: argparse.Namespace) -> str:
    """The application that is meant. Raises CommandFailed."""
    from console.cli.errors import CommandFailed

    applications: list[Application] = await client.applications()
    if args.app is not None:
        return _named([(application.app_id, application.name) for application in applications], args.app)
    if len(applications) != 1:
        raise CommandFailed("there are several applications: name one with --app")
    return applications[0].app_id


def _named(applications: list[tuple[str, str]], wanted: str) -> str:
    from console.cli.errors import CommandFailed

    for app_id, name in applications:
        if wanted == app_id or wanted.casefold() == name.casefold():
            return app_id
    raise CommandFailed(f"there is no application {wanted}: `apps list` shows them")
