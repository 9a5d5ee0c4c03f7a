"""Without a command: the window."""

import argparse
import sys

from console.cli.errors import CommandFailed
from console.cli.options import add_ports, add_screenshot, add_workspace, workspace_of
from console.cli.screen import why_no_window
from console.ui.options import WindowOptions


def add_to(parser: argparse.ArgumentParser) -> None:
    add_workspace(parser, top=True)
    add_ports(parser, top=True)
    add_screenshot(parser, top=True)
    parser.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    if reason := why_no_window():
        if args.screenshot is not None:
            raise CommandFailed(f"a picture of the window cannot be taken here: {reason}")
        return _serve_instead(args, reason)
    return open_window(options_of(args))


def options_of(args: argparse.Namespace) -> WindowOptions:
    return WindowOptions(
        workspace=workspace_of(args),
        port=args.port,
        player_port=args.player_port,
        view=args.view,
        screenshot=args.screenshot and args.screenshot.expanduser().absolute(),
        after=args.after,
    )


def open_window(options: WindowOptions) -> int:
    """Show the window until it is closed. Raises CommandFailed where Qt cannot be loaded."""
    try:
        from console.ui.application import run
    except ImportError as error:
        if (error.name or "").startswith("console"):
            raise
        raise CommandFailed(f"the window cannot be opened, Qt does not load: {error}") from error
    return run(options)


def _serve_instead(args: argparse.Namespace, reason: str) -> int:
    from console.server.process import ServeOptions, serve

    print(f"The window cannot be opened here ({reason}). Recording without one; stop with Ctrl+C.", file=sys.stderr)
    return serve(ServeOptions(workspace=workspace_of(args), port=args.port, player_port=args.player_port))
