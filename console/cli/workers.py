"""The child processes of the server. Not for people, so not listed.

They are sub-commands because a packaged program has no other interpreter to start them with.
"""

import argparse
from collections.abc import Callable

from console.cli.options import Parsers


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    for name, run in (("mesh-worker", _parse_mesh), ("store-worker", _keep_store)):
        worker = commands.add_parser(name, add_help=False)
        worker.add_argument("arguments", nargs=argparse.REMAINDER)
        worker.set_defaults(command=_with_arguments(run))


def _with_arguments(run: Callable[[list[str]], int]) -> Callable[[argparse.Namespace], int]:
    return lambda args: run(args.arguments)


def _parse_mesh(arguments: list[str]) -> int:
    from console.server.mesh_worker import main

    return main(arguments)


def _keep_store(arguments: list[str]) -> int:
    from console.server.store_worker import main

    return main(arguments)
