"""Rules that hold for every test: no unexpected log line, no thread left behind, no OpenGL test skipped in CI.

And for a run in several processes (`-n 2 --dist loadfile`): see `tests/workers.py`.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.workers import Screen, have_screens, on_a_screen, place_in_line, start_screen, work_unit

# Threads that libraries keep for the life of the process.
_LASTING_THREADS = ("asyncio_", "ThreadPoolExecutor", "pydevd", "QDBus", "Dummy-", "pytest_timeout")
_LEAK_GRACE_SECS = 15.0

# What a property has to hold for: the same examples in every run, so that one that fails was broken by what changed.
# `--hypothesis-profile thorough` looks for others, as long as it takes.
# On a busy machine an example may take any time: how long says nothing.
_PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("suite", max_examples=50, derandomize=True, **_PATIENT)
settings.register_profile("thorough", max_examples=5_000, **_PATIENT)
settings.load_profile("suite")

_SCREEN = pytest.StashKey[Screen]()


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several processes its own screen; and a single one, where there is none yet."""
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    starts_several = bool(config.getoption("numprocesses", None))
    if have_screens() and (is_one_of_several or not (starts_several or on_a_screen())):
        config.stash[_SCREEN] = screen = start_screen()
        os.environ |= {"DISPLAY": screen.name, "QT_QPA_PLATFORM": "xcb"}
        os.environ.pop("XAUTHORITY", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    if (screen := config.stash.get(_SCREEN, None)) is not None:
        screen.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files as units of work, in the order of the collection. Since pytest 9.2 marked groups get lost on the way."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return work_unit(nodeid, one_screen=not have_screens())

    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # the number of tests says little about how long they take
    return Files(config, log)


@pytest.fixture(autouse=True)
def no_unexpected_log_lines(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning or error in the log fails the test, unless it is marked `expects_log`."""
    yield
    if request.node.get_closest_marker("expects_log"):
        return
    lines = [
        f"{record.levelname} {record.name}: {record.getMessage()}"
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.WARNING
    ]
    if lines:
        pytest.fail("unexpected log lines:\n" + "\n".join(lines), pytrace=False)


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Whatever a test starts must stop with it."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _LEAK_GRACE_SECS
    while leaked := _leaked(before):
        if time.monotonic() > deadline:
            pytest.fail(f"threads left running: {sorted(thread.name for thread in leaked)}", pytrace=False)
        time.sleep(0.01)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coroutine tests also watch their loop. First in the list: torn down last, after what the fixtures own."""
    items.sort(key=lambda item: place_in_line(item.nodeid))
    for item in items:
        if isinstance(item, pytest.Function) and asyncio.iscoroutinefunction(item.function):
            item.fixturenames.insert(0, "no_leaked_tasks")


@pytest.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    """A coroutine test and its fixtures must not leave tasks running."""
    before = asyncio.all_tasks()
    yield
    leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
    if leaked:
        await asyncio.wait(leaked, timeout=_LEAK_GRACE_SECS)
    names = sorted(repr(task.get_coro()) for task in leaked if not task.done())
    if names:
        pytest.fail("tasks left running:\n" + "\n".join(names), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where REQUIRE_GL is set, a skipped OpenGL test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("REQUIRE_GL") and item.get_closest_marker("gl"):
        report.outcome = "failed"
        report.longrepr = f"an OpenGL test must not be skipped here: {report.longrepr}"
    return report


def _leaked(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and thread.is_alive() and not thread.name.startswith(_LASTING_THREADS)
    ]
