"""`mesh-worker`: the child process in which the server parses an uploaded mesh. Not for people, so not listed."""

import argparse

from console.cli.options import Parsers


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    worker = commands.add_parser("mesh-worker", add_help=False)
    worker.add_argument("arguments", nargs=argparse.REMAINDER)
    worker.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    from console.server.mesh_worker import main

    return main(args.arguments)
