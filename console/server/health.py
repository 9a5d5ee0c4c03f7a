"""Checks of a workspace's integrity."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from console.messages import Check
from console.server.mesh_worker import FACES_FILE, VERTICES_FILE
from console.server.services import Services
from console.server.store_host import lag_of, stored_position

log = logging.getLogger(__name__)

_MAX_BEHIND_SECS = 10.0


async def verify_workspace(services: Services) -> list[Check]:
    """Every check, in order. One that cannot be made is a failed check."""
    return [
        await _check("Journal", services.journal.quick_check, "Copy the workspace, then restore its journal.sqlite."),
        await _check("Catalog", services.catalog.quick_check, "Copy the workspace, then restore its catalog.sqlite."),
        *await asyncio.to_thread(services.store.health),
        await _check(
            "Players",
            services.profiles.quick_check,
            "Stop the server and remove players.sqlite and activity.sqlite: the next start rebuilds them.",
        ),
        await _check("Players up to date", lambda: services.store.activity.problem, "It is tried again and again."),
        await _check(
            "Event store position", partial(_position, services), "Restart the server: it is rebuilt from the journal."
        ),
        await _check("Event store up to date", partial(_lag, services), "It catches up when less arrives."),
        await _check("Level models", partial(_level_files, services), "Upload the level again."),
        await _check("Recording", partial(_recording, services), "Free some space on the workspace's disk."),
        *_faults(services),
    ]


def _faults(services: Services) -> list[Check]:
    """Only there when requests are made to fail: then it is the first thing to know."""
    count = services.faults.in_force
    if not count:
        return []
    text = f"on: {count} {'rule' if count == 1 else 'rules'}, felt by {services.faults.injected:,} of the requests"
    return [Check(name="Fault injection", ok=False, text=text, hint="Switch it off with `faults clear`.")]


async def _check(name: str, run: Callable[[], str], hint: str) -> Check:
    """`run` returns what is wrong, "" when nothing is; off the loop, for a large file takes a while."""
    try:
        wrong = await asyncio.to_thread(run)
    except Exception as error:  # a damaged file fails in many ways, and each is an answer here
        log.warning("the check %r failed: %s", name, error)
        wrong = str(error) or type(error).__name__
    return Check(name=name, ok=not wrong, text=wrong or "sound", hint=hint if wrong else "")


def _lag(services: Services) -> str:
    lag = lag_of(services.store.progress, services.journal.counters, services.clock)
    return f"{lag.events:,} events ({lag.seconds:.0f} s) behind the journal" if lag.seconds > _MAX_BEHIND_SECS else ""


def _position(services: Services) -> str:
    stored, written = stored_position(services.store), services.journal.counters
    if stored.seq > written.last_seq or stored.request_id > written.last_request_id:
        return f"event {stored.seq:,} is stored, but the journal ends at {written.last_seq:,}"
    return ""


def _recording(services: Services) -> str:
    return services.status.current().problem


def _level_files(services: Services) -> str:
    folder = services.level_models.levels_dir
    missing = [
        f"{model.level_name} version {model.version}"
        for model in services.catalog.level_models.all()
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
