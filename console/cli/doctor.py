"""`doctor`: is everything in order here?"""

import argparse
from typing import TYPE_CHECKING

from console.cli.options import Parsers, add_json, add_ports, add_workspace, workspace_of

if TYPE_CHECKING:
    from console.messages import Check


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser("doctor", help="check versions, Qt, OpenGL, ports, disk and the workspace")
    add_ports(doctor)
    add_workspace(doctor)
    add_json(doctor)
    doctor.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    from console.cli.checks import disk_check, port_checks, version_checks, window_checks, workspace_checks
    from console.cli.output import print_json

    workspace_dir = workspace_of(args)
    checks = [
        *version_checks(),
        *window_checks(),
        *port_checks(workspace_dir, {"telemetry": args.port, "player": args.player_port}),
        *workspace_checks(workspace_dir),
        disk_check(workspace_dir),
    ]
    if args.json:
        print_json({"ok": all(check.ok for check in checks), "checks": checks})
    else:
        for check in checks:
            _print(check)
    return 0 if all(check.ok for check in checks) else 1


def _print(check: "Check") -> None:
    from console.cli.output import plain

    print(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<20} {plain(check.text)}")
    if check.hint:
        print(f"{'':<26} {plain(check.hint)}")
