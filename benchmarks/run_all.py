"""Every benchmark in turn, or those that are named: one JSON object a line."""

import argparse
import subprocess
import sys
from pathlib import Path

NAMES = (
    "startup",
    "decode",
    "journal",
    "projector",
    "ingest",
    "latency",
    "window",
    "player_api",
    "level_model",
    "memory",
    "level",
    "level_playing",
    "heatmap",
    "level_questions",
    "frame_rate_plot",
)


def main(arguments: list[str]) -> int:
    """Each runs in a process of its own, so that none warms up another. Returns how many failed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} (default: all)")
    args = parser.parse_args(arguments)
    if unknown := [name for name in args.names if name not in NAMES]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    root = Path(__file__).resolve().parent.parent
    failed = 0
    for name in args.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=root, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
