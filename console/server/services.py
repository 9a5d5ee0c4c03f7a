"""Everything the request handlers need, built once, started and stopped in order."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from console.messages import SettingsChanges
from console.server.event_stream import EventStream
from console.server.exports import ExportService
from console.server.faults import FaultRules
from console.server.feed import Feed
from console.server.flags import FlagService
from console.server.history import levels_of_sessions
from console.server.integration.service import IntegrationService
from console.server.level_models import LevelModelService
from console.server.levels import LevelService
from console.server.pipeline import Pipeline
from console.server.player_question_turns import PlayerQuestionTurns
from console.server.players import PlayerService
from console.server.runtime import Runtime
from console.server.settings import SettingsService
from console.server.status import StatusService
from console.server.store_host import ActivityProgress, StoreHost
from console.server.stores import Stores, open_stores
from console.server.streamed_events import Names
from console.server.throttled import Throttled
from console.storage.catalog import Catalog, CatalogError
from console.storage.journal import Committed, Journal
from console.storage.profile_reader import ProfileReader
from console.storage.workspace import Workspace

log = logging.getLogger(__name__)

_KEY_USAGE_SECS = 30.0


@dataclass(frozen=True, kw_only=True)
class Services:
    """Handed to every handler through one typed AppKey.

    `settings.current` is the live Settings: admission and the rate limit read it at each request.
    `clock` gives nanoseconds since 1970-01-01 UTC.
    """

    workspace: Workspace
    catalog: Catalog
    journal: Journal
    store: StoreHost
    settings: SettingsService
    status: StatusService
    feed: Feed
    stream: EventStream
    pipeline: Pipeline
    players: PlayerService
    profiles: ProfileReader
    exports: ExportService
    level_models: LevelModelService
    levels: LevelService
    flags: FlagService
    faults: FaultRules
    integration: IntegrationService
    player_questions: PlayerQuestionTurns
    runtime: Runtime
    clock: Callable[[], int]


@asynccontextmanager
async def open_services(
    workspace: Workspace,
    *,
    overrides: SettingsChanges | None = None,
    store_process: bool = False,
    clock: Callable[[], int] = time.time_ns,
) -> AsyncIterator[Services]:
    """Start everything that works behind the sockets; stop it again in reverse order.

    The caller holds the workspace's lock, and sets `runtime.listeners` once it listens. `overrides` are the command
    line's settings: they hold for this run and are not kept. `store_process` gives the event store a process of its
    own, so that a long life of ingestion is not slowed by it. Raises WorkspaceError, CatalogError or JournalError when
    a file cannot be used.
    """
    async with AsyncExitStack() as stack:
        runtime = Runtime(started_at_us=clock() // 1000)
        stores = await open_stores(workspace, stack, store_process=store_process, clock=clock)
        settings = SettingsService(stores.catalog, runtime, overrides)
        services = _services(workspace, stores, settings, runtime, clock, stack)
        for service in (
            services.status,
            services.exports,
            services.level_models,
            services.feed,
            services.stream,
            services.integration,
        ):
            await stack.enter_async_context(service.running())
        await stack.enter_async_context(_flushing_key_usage(stores.catalog))
        yield services


def _services(
    workspace: Workspace,
    stores: Stores,
    settings: SettingsService,
    runtime: Runtime,
    clock: Callable[[], int],
    stack: AsyncExitStack,
) -> Services:
    """What works on the stores, each told what it needs of the others. From here on commits are published."""
    catalog, journal, store, profiles = stores.catalog, stores.journal, stores.store, stores.profiles
    status = StatusService(workspace, journal, store, runtime, clock)
    pipeline = Pipeline(journal=journal, clock=clock)
    feed = Feed(
        status.current,
        last_seq=journal.counters.last_seq,
        last_request_id=journal.counters.last_request_id,
        older_levels=partial(levels_of_sessions, store),
        player_names=profiles.name_of,
    )
    levels = LevelService(catalog, store, place=feed.assign_levels, changed=partial(feed.announce, "levels"))
    levels.begin()
    names = Names(stores.journal_id, profiles.id_of)
    stream = EventStream(names, journal.read_from_seq, last_seq=journal.counters.last_seq)
    players = PlayerService(
        journal=journal,
        store=stores.player_store,
        profiles=profiles,
        pipeline=pipeline,
        changed=_players_announced(stores, feed, stack),
    )
    integration = IntegrationService(
        journal, applications=catalog.applications, rate_limit=lambda: settings.current.rate_limit, clock=clock
    )
    journal.on_commit = partial(_publish, (players.committed, feed.publish, stream.publish, integration.publish))
    status.faults = faults = FaultRules(clock, partial(feed.announce, "faults"))
    stack.callback(faults.clear)
    return Services(
        workspace=workspace,
        catalog=catalog,
        journal=journal,
        store=store,
        settings=settings,
        status=status,
        feed=feed,
        stream=stream,
        pipeline=pipeline,
        players=players,
        profiles=profiles,
        exports=ExportService(workspace, journal, clock, partial(feed.announce, "exports")),
        level_models=LevelModelService(workspace.levels_dir, catalog, partial(feed.announce, "level_models")),
        levels=levels,
        flags=FlagService(
            catalog.definitions, announce=partial(feed.announce, "flags"), flag_changed=stream.flags_changed
        ),
        faults=faults,
        integration=integration,
        player_questions=stores.player_questions,
        runtime=runtime,
        clock=clock,
    )


def _players_announced(stores: Stores, feed: Feed, stack: AsyncExitStack) -> Throttled:
    """Tells windows that players are others, now and then; also for what their events show of them."""
    changed = Throttled(partial(feed.announce, "players"))
    stack.callback(changed.close)
    loop = asyncio.get_running_loop()

    def seen(progress: ActivityProgress) -> None:
        stores.profiles.opened(progress.opened_us)
        loop.call_soon_threadsafe(changed)

    stores.store.watch_activity(seen)
    return changed


def _publish(takers: Sequence[Callable[[Sequence[Committed]], object]], commits: Sequence[Committed]) -> None:
    """Players come first: whoever is told of a commit may ask for them."""
    for take in takers:
        take(commits)


@asynccontextmanager
async def _flushing_key_usage(catalog: Catalog) -> AsyncIterator[None]:
    """Write down now and then when keys were last used, so that a crash forgets little of it."""

    async def flush() -> None:
        while True:
            await asyncio.sleep(_KEY_USAGE_SECS)
            try:
                await asyncio.to_thread(catalog.flush_usage)
            except CatalogError as error:
                log.warning("when keys were last used could not be written down: %s", error)

    task = asyncio.create_task(flush(), name="key usage")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
