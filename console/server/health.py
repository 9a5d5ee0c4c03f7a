"""Checks of a workspace's integrity."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from console.messages import Check
from console.server.mesh_worker import FACES_FILE, VERTICES_FILE
from console.server.services import Services

log = logging.getLogger(__name__)

_MAX_BEHIND_SECS = 10.0


async def verify_workspace(services: Services) -> list[Check]:
    """Every check, in order. One that cannot be made is a failed check."""
    checks: list[tuple[str, Callable[[], str], str]] = [
        ("Journal", services.journal.quick_check, "Copy the workspace, then move its journal.sqlite elsewhere."),
        ("Catalog", services.catalog.quick_check, "Copy the workspace, then move its catalog.sqlite elsewhere."),
        ("Event store", services.event_store.health, "It is rebuilt from the journal at a restart."),
        ("Event store up to date", lambda: _lag(services), "It catches up when less arrives."),
        ("Level models", lambda: _level_files(services), "Upload the level again."),
        ("Recording", lambda: services.status.current().problem, "Free some space on the workspace's disk."),
    ]
    return [await asyncio.to_thread(_check, *check) for check in checks]


def _check(name: str, run: Callable[[], str], hint: str) -> Check:
    """`run` returns what is wrong, "" when nothing is."""
    try:
        wrong = run()
    except Exception as error:  # a damaged file fails in many ways, and each is an answer here
        log.warning("the check %r failed: %s", name, error)
        wrong = str(error) or type(error).__name__
    return Check(name=name, ok=not wrong, text=wrong or "sound", hint=hint if wrong else "")


def _lag(services: Services) -> str:
    events, seconds = services.projector.lag()
    return f"{events:,} events ({seconds:.0f} s) behind the journal" if seconds > _MAX_BEHIND_SECS else ""


def _level_files(services: Services) -> str:
    folder = services.level_models.levels_dir
    missing = [
        f"{model.level_name} version {model.version}"
        for model in services.catalog.level_models()
        if not _is_whole(folder / model.model_id, model.vertices, model.triangles)
    ]
    return f"files are missing or cut short: {', '.join(missing)}" if missing else ""


def _is_whole(folder: Path, vertices: int, triangles: int) -> bool:
    try:
        return (folder / VERTICES_FILE).stat().st_size == vertices * 12 and (
            folder / FACES_FILE
        ).stat().st_size == triangles * 12
    except OSError:
        return False
