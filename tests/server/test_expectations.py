"""What a game's test asks: marks, counts, expectations; over real sockets and on the command line."""

import asyncio
import json
from typing import Any

import pytest

from console.cli.main import run
from console.client import ConsoleClient
from console.discovery import ServerInfo, write_server_info
from console.expectations import CheckReport, Expectation, Found, Wanted, check, problems_of, totals
from console.messages.counts import AppCounts, Counts, Mark, read_mark
from console.messages.faults import AddFaults, Fault
from tests.server.harness import Server
from tests.server.test_console_api import client, refusal

__all__ = ["client"]

JUMPS = Expectation(filter="event:Player_Jump", min=2)


async def looked(client: ConsoleClient, *expected: Expectation, within: float = 0.0, **wanted: Any) -> CheckReport:
    return await check(client, Wanted(expectations=list(expected), **wanted), within_secs=within)


async def test_counts_are_by_application_and_since_the_mark(server: Server, client: ConsoleClient) -> None:
    assert await client.mark() == Mark()
    await server.ingest(server.body(server.event(), server.event()))
    await server.ingest(b"\xc1")
    first = await client.set_mark()
    assert (first.seq, first.request_id, first.rejected) == (2, 2, 1), "a rejection just answered is before the mark"
    assert await client.mark() == first
    await server.ingest(server.body(server.event(), server.event(), server.event()))
    await server.ingest(b"\xc1")
    await server.request("POST", "/api/events", b"x", {"x-public-token": "pk_live_nobody"})
    counts = await client.counts()
    assert (counts.since, counts.requests, counts.events, counts.rejected) == (first, 1, 3, 2)
    assert counts.applications == [
        AppCounts(app_id="", rejected=1),
        AppCounts(app_id=server.app_id, requests=1, events=3, rejected=1),
    ]
    everything = await client.counts(Mark())
    assert (everything.requests, everything.events, everything.rejected) == (2, 5, 3)
    assert server.stored_events == 5, "nothing is taken away"


async def test_marks_of_elsewhere_are_refused(client: ConsoleClient) -> None:
    assert await refusal(client.counts(Mark(seq=1))) == (409, "unknown_mark")
    assert await refusal(client._ask("GET", "/counts", Counts, query={"since": "yesterday"})) == (
        400,
        "invalid_parameter",
    )


@pytest.mark.parametrize("text", ["", "1-2-3", "1-2-3-4-5", "1-2-3-x", "1-2-3-²", "1-2--3-4", "1-2-3-" + "9" * 19])
def test_what_is_no_mark(text: str) -> None:
    assert read_mark(text) is None


def test_a_mark_survives_its_text() -> None:
    mark = Mark(request_id=1, seq=22, rejected=0, at_us=10**15)
    assert read_mark(mark.text) == mark


async def test_expected_events_are_waited_for(server: Server, client: ConsoleClient) -> None:
    await server.ingest(server.body(server.event()))
    waiting = asyncio.create_task(looked(client, JUMPS, Expectation(filter="", max=3), within=90))
    await asyncio.sleep(0.05)
    await server.ingest(server.body(server.event(), server.event(event_name="Other")))
    report = await waiting
    assert (report.ok, report.problems, report.failures, report.seen) == (True, [], None, {})
    assert [one.events for one in report.expectations] == [2, 3]
    assert (report.requests, report.events) == (2, 3)
    assert report.seconds < 60


async def test_what_is_missing_is_said_with_what_there_is(server: Server, client: ConsoleClient) -> None:
    await server.ingest(server.body(server.event(), *[server.event(event_name="Player_jump") for _ in range(3)]))
    report = await looked(client, JUMPS, within=0.3)
    assert not report.ok
    assert report.problems == ["1 event matched event:Player_Jump: expected at least 2, so 1 is missing."]
    assert report.seen == {"Player_jump": 3, "Player_Jump": 1}
    assert 0.3 <= report.seconds < 20
    since = read_mark(report.since)
    assert since == Mark()
    nothing = await looked(client, JUMPS, since=await client.set_mark())
    assert (nothing.events, nothing.seen) == (0, {})


async def test_what_can_only_fail_ends_the_wait(server: Server, client: ConsoleClient) -> None:
    await server.ingest(server.body(server.event(), server.event()))
    report = await looked(client, Expectation(filter="", min=0, max=1), Expectation(filter="event:X"), within=90)
    assert report.problems[0] == "2 events matched any event: expected at most 1, so 1 is too many."
    await server.ingest(b"\xc1")
    report = await looked(client, Expectation(filter="event:X"), no_rejects=True, within=90)
    assert report.problems[-1] == "1 request was rejected: expected none."
    assert report.failures is not None
    assert [group.kind.error for group in report.failures.groups] == ["invalid_msgpack"]
    assert [(one.request_id, one.message) for one in report.examples] == [(2, report.failures.groups[0].example)]
    assert report.seconds < 60


@pytest.mark.expects_log
async def test_injected_answers_are_no_rejections(server: Server, client: ConsoleClient) -> None:
    await client.add_faults(AddFaults(faults=[Fault(action="answer", status=503, count=1)]))
    assert (await server.ingest()).status == 503
    assert (await server.ingest()).status == 200
    report = await looked(client, Expectation(filter="", max=1), no_rejects=True)
    assert (report.ok, report.events, report.rejected) == (True, 1, 0)


def test_an_application_answers_for_unknown_senders_too() -> None:
    counts = Counts(
        since=Mark(),
        requests=5,
        events=50,
        rejected=9,
        applications=[
            AppCounts(app_id="", rejected=1),
            AppCounts(app_id="a", requests=2, events=20, rejected=2),
            AppCounts(app_id="b", requests=3, events=30, rejected=4),
        ],
    )
    assert totals(counts, None) == (5, 50, 9)
    assert totals(counts, "a") == (2, 20, 3)
    assert totals(counts, "c") == (0, 0, 1)


def test_rejections_matter_only_when_asked_for() -> None:
    found = [Found(expected=Expectation(filter="x"), events=1)]
    assert problems_of(found, 2, no_rejects=False) == []
    assert problems_of(found, 2, no_rejects=True) == ["2 requests were rejected: expected none."]


async def command(server: Server, *arguments: str) -> int:
    url = f"http://127.0.0.1:{server.port}"
    root = server.services.workspace.root
    info = ServerInfo(telemetry_url=url, player_url=None, console_url=f"{url}/console", workspace=str(root), pid=1)
    write_server_info(root, info)
    return await asyncio.to_thread(run, ["check", *arguments, "--workspace", str(root)])


async def test_the_command_line(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    await server.ingest()
    assert await command(server, "--reset") == 0
    mark = capsys.readouterr().out.split()[1]
    await server.ingest(server.body(server.event(), server.event()))
    asked = ("--expect", "event:Player_Jump", "--min", "2", "--expect", "event:Crash", "--max", "0", "--no-rejects")
    assert await command(server, *asked, "--app", "Game 1", "--since", mark, "--within", "90") == 0
    assert capsys.readouterr().out.splitlines() == [
        "ok            2  event:Player_Jump",
        "ok            0  event:Crash",
        "Requests accepted: 1, with events: 2; rejected: 0",
    ]
    await server.ingest(server.body(server.event(position="x")))
    assert await command(server, *asked, "--expect", "event:player_jump") == 1
    out = capsys.readouterr().out
    assert "FAILED        0  event:player_jump" in out
    assert "\nRequest 3: $.position: expected" in out
    assert "\n  -> " in out
    assert "1 request was rejected: expected none." in out
    assert "Latest events: Player_Jump 2" in out
    assert await command(server, "--expect", "", "--min", "4", "--since", "all", "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["events"], report["expectations"][0]["events"]) == (False, 3, 3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "nothing is expected"),
        (["--min", "2"], "--min stands behind"),
        (["--expect", "a", "--min", "2", "--min", "3"], "stands twice"),
        (["--expect", "a", "--min", "2", "--max", "1"], "at least 2 and at most 1"),
        (["--expect", "a", "--min", "-1"], "not a whole number|expected one argument"),
        (["--expect", "evnt:a"], "Did you mean: event:a"),
        (["--no-rejects", "--since", "monday"], "neither a mark"),
        (["--reset", "--no-rejects"], "stands alone"),
    ],
)
def test_a_wrong_command_line_ends_with_2(
    arguments: list[str], told: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: Any = run(["check", *arguments, "--workspace", str(tmp_path)])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert any(part in capsys.readouterr().err for part in told.split("|"))


def test_without_a_server_nothing_can_come_in(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--expect", "", "--within", "5", "--workspace", str(tmp_path / "w")]) == 1
    assert "no server runs on" in capsys.readouterr().err


async def test_scripts_may_ask_for_json(server: Server) -> None:
    await server.ingest(server.body(server.event(), server.event()))
    headers = {"Authorization": f"Bearer {server.services.workspace.admin_key()}", "Accept": "application/json"}
    mark = await server.request("POST", "/console/mark", headers=headers)
    assert (mark.status, mark.json["seq"]) == (200, 2)
    await server.ingest(b"\xc1")
    counts = await server.request("GET", "/console/counts", headers=headers)
    assert counts.headers["content-type"] == "application/json"
    assert (counts.json["events"], counts.json["rejected"], counts.json["since"]) == (0, 1, mark.json)
    matching = await server.request("GET", "/console/events/count?filter=event:Player_Jump", headers=headers)
    assert matching.json["events"] == 2
    failures = await server.request("GET", "/console/failures", headers=headers)
    assert failures.json["groups"][0]["kind"]["error"] == "invalid_msgpack"
    refused = await server.request("GET", "/console/counts", headers={"Accept": "application/json"})
    assert (refused.status, refused.json["code"]) == (401, "unauthorized")
