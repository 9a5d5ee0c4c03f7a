"""Programs that other people wrote, as clients of the running server."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

_END_SECS: Final = 30.0


def needs(program: str) -> str:
    """The path of a program. Where it is not installed the test is skipped, or in CI fails."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}: packaging/system_packages.py should have seen to it")
        pytest.skip(reason)
    return path


@asynccontextmanager
async def running(*command: str, cwd: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program with its children, which are gone at the end whatever happens."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        async with asyncio.timeout(_END_SECS):
            await process.communicate()


def npm_package(name: str, version: str, folder: Path) -> Path:
    """Install a package of the npm registry below a folder, and give that. Skips where there is no registry."""
    quick = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries", "0")
    command = [needs("npm"), "install", *quick, f"{name}@{version}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm cannot install {name}: its registry does not answer")
    if done.returncode:
        pytest.skip(f"npm cannot install {name}: {done.stderr.strip()[-200:]}")
    return folder


def go_build(module: Path, package: str, folder: Path) -> Path:
    """Compile a Go program that needs nothing but the standard library into a folder, and give its path."""
    binary = folder / (package + (".exe" if os.name == "nt" else ""))
    command = [needs("go"), "build", "-o", str(binary), f"./{package}"]
    subprocess.run(command, cwd=module, env=go_environment(folder), check=True, timeout=150)
    return binary


def go_environment(folder: Path) -> dict[str, str]:
    """Go without a network. Temporary folders beside each other share what is compiled: its library takes longest."""
    settings = {"GOCACHE": str(folder.parent / "go-cache"), "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    return os.environ | settings
