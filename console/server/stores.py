"""What a workspace's server reads and writes: every file opened in order, and closed again in reverse."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from console.server.player_question_turns import PlayerQuestionTurns
from console.server.player_questions import PlayerQuestions
from console.server.store_host import EmbeddedStore, StoreHost
from console.server.store_process import StoreProcess
from console.storage.activity_store import make_ready
from console.storage.catalog import Catalog
from console.storage.journal import Journal
from console.storage.player_store import PlayerStore
from console.storage.profile_reader import ProfileReader
from console.storage.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Stores:
    """`player_questions` are answered by the event store's process, where it has one of its own."""

    catalog: Catalog
    journal: Journal
    journal_id: str
    store: StoreHost
    player_store: PlayerStore
    profiles: ProfileReader
    player_questions: PlayerQuestionTurns


async def open_stores(
    workspace: Workspace, stack: AsyncExitStack, *, store_process: bool, clock: Callable[[], int]
) -> Stores:
    """Open them; `stack` closes them. Raises CatalogError, JournalError or WorkspaceError."""
    catalog = Catalog(workspace.catalog_path, clock)
    stack.callback(catalog.close)
    catalog.first_start()

    journal = Journal(workspace.journal_path, clock=clock)
    journal.start()
    stack.push_async_callback(asyncio.to_thread, journal.close)
    journal_id = journal.journal_id()

    paths = (workspace.journal_path, workspace.event_store_path)
    own_process = StoreProcess(*paths, workspace.players_path, workspace.activity_path) if store_process else None
    store: StoreHost = own_process or EmbeddedStore(*paths, workspace.activity_path)
    stack.push_async_callback(asyncio.to_thread, store.close)
    store.assign_levels(catalog.level_facts.assigned())  # ahead of any answer
    # From here on the store's projector writes to it. Whoever reads it finds a file that is sound.
    await asyncio.to_thread(make_ready, workspace.activity_path, journal_id, journal.counters.last_seq)
    store.start()

    player_store = PlayerStore(workspace.players_path, journal)
    stack.push_async_callback(asyncio.to_thread, player_store.close)
    await asyncio.to_thread(player_store.open, journal.counters.last_request_id)
    profiles = ProfileReader(workspace.players_path, workspace.activity_path, journal_id)
    stack.callback(profiles.close)
    return Stores(
        catalog=catalog,
        journal=journal,
        journal_id=journal_id,
        store=store,
        player_store=player_store,
        profiles=profiles,
        player_questions=_player_questions(profiles, own_process, stack),
    )


def _player_questions(
    profiles: ProfileReader, own_process: StoreProcess | None, stack: AsyncExitStack
) -> PlayerQuestionTurns:
    if own_process is not None:
        return PlayerQuestionTurns(own_process.ask_players, own_process.read_ahead)
    questions = PlayerQuestions(profiles)
    stack.callback(questions.close)
    return PlayerQuestionTurns(questions.answer)
