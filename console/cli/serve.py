"""`serve`: the server alone, without a window."""

import argparse

from console.cli.options import Parsers, add_ports, add_workspace, rate, workspace_of


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    serve = commands.add_parser("serve", help="run the server without a window")
    serve.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: loopback)")
    add_ports(serve)
    serve.add_argument(
        "--rate-limit", type=rate, metavar="N", help="requests per second from one address; 0 is off (default: 10)"
    )
    serve.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="stop when standard input ends: with the program that started the server, however that ends",
    )
    add_workspace(serve)
    serve.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    from console.server.process import ServeOptions, serve

    options = ServeOptions(
        workspace=workspace_of(args),
        host=args.host,
        port=args.port,
        player_port=args.player_port,
        rate_limit=args.rate_limit,
        until_stdin_closes=args.until_stdin_closes,
    )
    return serve(options)
