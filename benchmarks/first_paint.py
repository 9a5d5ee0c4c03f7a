"""The window's command line up to its first paint, then the end. `python -m benchmarks.first_paint WORKSPACE`."""

import os
import sys
from typing import Any


def main(arguments: list[str]) -> int:
    from console.cli.main import run
    from console.ui import application
    from console.ui.main_window import MainWindow

    class Timed(MainWindow):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.first_painted.connect(_end)

    setattr(application, "MainWindow", Timed)  # noqa: B010 - mypy forbids the plain assignment
    return run(["--workspace", arguments[0]])


def _end() -> None:
    """At once, before a server is started."""
    print("painted", flush=True)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
