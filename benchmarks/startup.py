"""How long until the server is ready and until the window is painted, beside what importing alone takes.

Targets: server ≤ 1.0 s, first painted window ≤ 0.6 s. Medians; the first round, with cold files, does not count.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.processes import screen_environment, serving


def measure(*, rounds: int) -> dict[str, Any]:
    timed: dict[str, list[float]] = {"server_ready": [], "first_paint": [], "import_aiohttp": [], "import_qt": []}
    for _ in range(rounds + 1):
        with serving() as server:
            timed["server_ready"].append(server.ready_secs)
        timed["import_aiohttp"].append(_run("-c", "import aiohttp"))
        timed["first_paint"].append(_first_paint())
        timed["import_qt"].append(_run("-c", "import PySide6.QtWidgets"))
    medians = {name: median(values[1:]) for name, values in timed.items()}
    return {
        "benchmark": "startup",
        "server_ready_secs": round(medians["server_ready"], 3),
        "import_aiohttp_secs": round(medians["import_aiohttp"], 3),
        "server_ratio": round(medians["server_ready"] / medians["import_aiohttp"], 2),
        "first_paint_secs": round(medians["first_paint"], 3),
        "import_qt_secs": round(medians["import_qt"], 3),
        "window_ratio": round(medians["first_paint"] / medians["import_qt"], 2),
    }


def _first_paint() -> float:
    with TemporaryDirectory(prefix="playtest-console-bench-") as folder:
        return _run("-m", "benchmarks.first_paint", str(Path(folder, "workspace")))


def _run(*arguments: str) -> float:
    """Seconds from the start of a Python process to its successful end."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, timeout=60, env=screen_environment()
    )
    return time.perf_counter() - started


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args(arguments)
    print(json.dumps(measure(rounds=args.rounds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
