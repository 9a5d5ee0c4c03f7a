"""How the server starts its child processes."""

import sys
from pathlib import Path
from typing import Literal

import console

PACKAGE_ROOT = Path(console.__file__).resolve().parent.parent


def worker_command(worker: Literal["mesh", "store"], *arguments: str) -> list[str]:
    """By this interpreter, or by the packaged program's own entry. `PYTHONPATH` must hold PACKAGE_ROOT."""
    if getattr(sys, "frozen", False):
        # A bundle's sys.executable is the program itself, which takes no `-m`.
        return [sys.executable, f"{worker}-worker", *arguments]
    return [sys.executable, "-s", "-P", "-m", f"console.server.{worker}_worker", *arguments]
