"""Install, or name, the system packages that Qt, OpenGL and the tests need on Linux.

Runs before there is a virtual environment: standard library only. Silent when nothing is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

MINIMUM_PYTHON = (3, 11)

# PySide6 loads these at import or when it opens a window; the last line is for the tests' virtual screen.
DEBIAN_PACKAGES = [
    *("libgl1", "libegl1", "libglib2.0-0", "libxkbcommon0", "libfontconfig1", "libdbus-1-3", "libgssapi-krb5-2"),
    *("libxcb-cursor0", "libxkbcommon-x11-0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0"),
    *("libgl1-mesa-dri", "xvfb", "xauth"),
]

# Programs that the tests use as clients, and their packages: where one is missing its tests are skipped, but not in CI.
TEST_PROGRAMS = {
    "chromium": "chromium",
    "curl": "curl",
    "go": "golang-go",
    "node": "nodejs",
    "npm": "npm",
    "godot3-server": "godot3-server",
    "mcs": "mono-mcs",
    "mono": "mono-runtime",
}


def missing_test_packages() -> list[str]:
    """The packages of programs that are not on the path, wherever those that are came from."""
    return [package for program, package in TEST_PROGRAMS.items() if shutil.which(program) is None]


def missing_debian_packages(packages: list[str]) -> list[str]:
    """The packages that dpkg does not report as installed. Renamed ones (libglib2.0-0t64) count."""
    answer = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${Provides} ${db:Status-Status}\n"],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = set()
    for line in answer.stdout.splitlines():
        *names, status = line.replace(",", " ").split()
        if status == "installed":
            installed.update(names)
    return [package for package in packages if package not in installed]


def ensure_debian() -> int:
    """Install what is missing when root, else print the line that does."""
    packages = list(DEBIAN_PACKAGES)
    try:
        import ensurepip  # noqa: F401  (Debian splits it off the interpreter)
    except ImportError:
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    missing = missing_debian_packages(packages)
    if os.environ.get("CI"):
        missing += missing_test_packages()
    if not missing:
        return 0
    if os.geteuid() != 0:
        print("Some system packages are missing. Please run:\n  sudo apt-get install " + " ".join(missing))
        return 1
    print("Installing system packages: " + " ".join(missing))
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}", file=sys.stderr)
            return 1
    return 0


def main() -> int:
    """Exit status 0 when set-up may go on."""
    if sys.version_info < MINIMUM_PYTHON:
        print(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}.", file=sys.stderr)
        print("Name another with: make PYTHON=/path/to/python3.11 …", file=sys.stderr)
        return 1
    if sys.platform != "linux":
        return 0
    if Path("/etc/debian_version").exists() and shutil.which("dpkg-query"):
        return ensure_debian()
    print(
        "Not a Debian system: if the window does not start, install OpenGL, EGL, xkbcommon-x11 and the xcb-util "
        "libraries (cursor, icccm, keysyms); the tests also need Xvfb."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
