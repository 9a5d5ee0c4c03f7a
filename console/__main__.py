"""The program: `playtest-console`, `playtest-console-cli` and `python -m console` all start here."""

import sys


def main() -> int:
    """Run the command line of this process; returns the exit status."""
    from console.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
