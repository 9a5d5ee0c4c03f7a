"""A journal that nothing is wrong with: what goes in comes out, counted, in order, also after a restart."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from console.storage.journal import ACCEPTED_RESPONSE, Committed, IngestRequest, Journal, JournalBroken
from console.storage.journal_reader import JournalReader
from console.storage.journal_writer import JournalWriter
from tests.storage.journaled import accepted, rejected


async def test_what_is_appended_can_be_read_back(journal: Journal) -> None:
    first, second = await asyncio.gather(
        journal.append(accepted(b"one", events=3)), journal.append(accepted(b"two", events=2))
    )

    assert (first.request_id, first.first_seq) == (1, 1)
    assert (second.request_id, second.first_seq) == (2, 4)
    assert [(i.request_id, i.first_seq, i.events, i.body, i.app_id) for i in journal.read_ingest(0, 100)] == [
        (1, 1, 3, b"one", "app"),
        (2, 4, 2, b"two", "app"),
    ]
    assert [i.request_id for i in journal.read_ingest(1, 100)] == [2]
    assert journal.counters.events == 5
    assert journal.pending == 0


async def test_a_piece_is_bounded_by_events_but_never_empty(journal: Journal) -> None:
    await asyncio.gather(*(journal.append(accepted(events=10)) for _ in range(5)))

    assert [i.request_id for i in journal.read_ingest(0, 25)] == [1, 2]
    assert [i.request_id for i in journal.read_ingest(2, 5)] == [3]
    assert journal.read_ingest(5, 5) == []


async def test_one_loop_step_is_one_commit_announced_in_order(journal: Journal) -> None:
    told: list[Sequence[Committed]] = []
    journal.on_commit = told.append
    futures = [journal.append(accepted()) for _ in range(100)]
    assert journal.note(rejected())

    receipts = await asyncio.gather(*futures)
    assert [r.request_id for r in receipts] == list(range(1, 101))
    assert len(told) == 1
    assert [receipt.request_id for _, receipt, _ in told[0]] == list(range(1, 102))
    assert {committed_at_us for _, _, committed_at_us in told[0]} == {3_000_000}
    assert told[0][100][0] == rejected()


async def test_requests_of_both_kinds_are_listed_newest_last(journal: Journal) -> None:
    await journal.append(accepted())
    journal.note(rejected())
    await journal.append(accepted(b"xyz"))

    rows = journal.requests(limit=10)
    assert [(r.request_id, r.status, r.bytes, r.error) for r in rows] == [
        (1, 200, 1, ""),
        (2, 400, 2, "invalid_event"),
        (3, 200, 3, ""),
    ]
    assert [r.took_us for r in rows] == [2_000_000, 250, 2_000_000]
    assert [r.request_id for r in journal.requests(limit=2)] == [2, 3]
    assert [r.request_id for r in journal.requests(before_id=3, limit=1)] == [2]
    assert [r.request_id for r in journal.requests(rejected_only=True)] == [2]
    assert journal.counters.requests == 3
    assert journal.counters.rejected == 1


async def test_detail_is_the_whole_request(journal: Journal) -> None:
    await journal.append(accepted(b"body"))
    journal.note(rejected(b"bad body"))
    await journal.append(accepted())

    good = journal.detail(1)
    assert good is not None
    assert (good.body, good.response, good.first_seq) == (b"body", ACCEPTED_RESPONSE, 1)
    assert good.headers == [("Host", "localhost")]
    bad = journal.detail(2)
    assert bad is not None
    assert (bad.body, bad.body_truncated, bad.first_seq) == (b"bad body", False, None)
    assert bad.details == rejected().details
    assert bad.error_message == "The batch has 1 bad item."
    assert bad.response == b'{"status":"error"}'
    assert journal.detail(4) is None


async def test_ids_and_counters_survive_a_restart(tmp_path: Path) -> None:
    for start in (0, 2):
        journal = Journal(tmp_path / "journal.sqlite")
        journal.start()
        assert journal.counters.last_request_id == start
        journal.note(rejected())
        receipt = await journal.append(accepted(events=7))
        assert receipt.request_id == start + 2
        assert receipt.first_seq == (1 if start == 0 else 8)
        journal.close()
    assert journal.counters.rejected == 2
    assert all(row.took_us is not None for row in journal.requests())


async def test_close_writes_what_waits_and_is_idempotent(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.start()
    futures = [journal.append(accepted()) for _ in range(10)]
    journal.close()
    journal.close()
    assert [r.request_id for r in await asyncio.gather(*futures)] == list(range(1, 11))
    with pytest.raises(JournalBroken):
        await journal.append(accepted())
    assert not journal.note(rejected())


def of_a_player(body: bytes = b"{}", *, events: int = 1, status: int = 201) -> IngestRequest:
    return replace(
        accepted(body, events=events), status=status, response=b'{"success":true}', commands=b"commands of " + body
    )


async def test_a_player_request_keeps_its_answer_and_its_commands(journal: Journal) -> None:
    await journal.append(accepted(b"telemetry"))
    await journal.append(of_a_player(b"first", events=2))
    await journal.append(of_a_player(b"second", status=200))

    assert [(r.request_id, r.status) for r in journal.requests()] == [(1, 200), (2, 201), (3, 200)]
    detail = journal.detail(2)
    assert detail is not None
    assert (detail.row.status, detail.response, detail.body) == (201, b'{"success":true}', b"first")
    telemetry = journal.detail(1)
    assert telemetry is not None
    assert telemetry.response == ACCEPTED_RESPONSE
    assert journal.player_answer(2) == (201, b'{"success":true}')
    assert journal.player_answer(1) is None
    assert [i.commands for i in journal.read_ingest(0, 100)] == [b"", b"commands of first", b"commands of second"]
    assert [i.commands for i in journal.read_ingest(2, 100)] == [b"commands of second"]


async def test_player_requests_can_be_done_again_in_order(journal: Journal) -> None:
    for body in (b"1", b"2", b"3"):
        await journal.append(of_a_player(body, events=2))
        await journal.append(accepted())

    requests = journal.player_requests(0, 100)
    assert [(r.request_id, r.app_id, r.first_seq, r.commands) for r in requests] == [
        (1, "app", 1, b"commands of 1"),
        (3, "app", 4, b"commands of 2"),
        (5, "app", 7, b"commands of 3"),
    ]
    assert [r.request_id for r in journal.player_requests(1, 1)] == [3]
    assert journal.player_requests(5, 100) == []


@given(counts=st.lists(st.integers(0, 3) | st.none(), max_size=12), seq=st.integers(0, 40))
@settings(deadline=None, max_examples=40)
def test_reading_goes_on_at_any_event(counts: list[int | None], seq: int, tmp_path_factory: Any) -> None:
    """None is a request without events: it takes an id and no number."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    writer = JournalWriter(path, lambda: 0)
    writer.open()
    for count in counts:
        writer.write([rejected() if count is None else accepted(events=count)], 0)
    writer.close()
    reader = JournalReader(path)
    found = reader.ingests_from_seq(seq, 100)
    behind = [i for i in reader.ingests(0, 100) if i.first_seq + i.events > seq]
    assert [i.request_id for i in found if i.events] == [i.request_id for i in behind if i.events]
    reader.close()


async def test_two_journals_have_two_identities(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / f"{name}.sqlite") for name in "ab"]
    for journal in journals:
        journal.start()
    assert journals[0].journal_id() != journals[1].journal_id()
    assert journals[0].journal_id() == journals[0].journal_id()
    assert journals[0].quick_check() == ""
    for journal in journals:
        journal.close()
