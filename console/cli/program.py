"""Starting this same program again, as a child process."""

import sys


def program() -> tuple[str, ...]:
    """The command to put sub-commands after. The packaged program is no Python interpreter: it has no `-m`."""
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "console")
