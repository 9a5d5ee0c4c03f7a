"""The integration report as files, and what the command prints of it."""

import argparse
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli import integration as command
from console.cli.errors import CommandFailed
from console.integration_report import by_part, report_html, report_json, summary_of
from console.messages.integration import Integration, IntegrationLine, IntegrationReport

NOW_US = 1_771_000_000_000_000


def line(**changes: Any) -> IntegrationLine:
    values: dict[str, Any] = {
        "topic": "retries",
        "part": "sending",
        "title": "After 429 and 503",
        "verdict": "bad",
        "found": "3 requests too early",
        "reason": "The worst came 1.9 s too early.",
        "mend": "Wait for Retry-After.",
        "request_id": 17,
    }
    return IntegrationLine(**(values | changes))


def integration(*lines: IntegrationLine, **changes: Any) -> Integration:
    values: dict[str, Any] = {
        "app_id": "72ab8f81",
        "app_name": "My Game",
        "client": "Unity",
        "user_agent": "UnityPlayer/2022.3",
        "peer": "10.0.0.7",
        "verdict": "bad",
        "first_us": NOW_US,
        "last_us": NOW_US,
        "requests": 1_204,
        "rejected": 3,
        "events": 60_200,
        "sampled": 20,
        "lines": list(lines)
        or [line(), line(part="connection", title="Key", verdict="good", found="accepted", mend="")],
    }
    return Integration(**(values | changes))


def report(*integrations: Integration) -> IntegrationReport:
    return IntegrationReport(version="0.1.0", made_us=NOW_US, since_us=NOW_US, integrations=list(integrations))


class Page(HTMLParser):
    """The text of a page, and the names of its elements."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.text = ""
        self.elements: set[str] = set()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_everything() -> None:
    page = Page(report_html(report(integration())))
    for words in (
        "Unity",
        "10.0.0.7",
        "My Game",
        "1 to mend",
        "1,204 requests",
        "Request 17.",
        "Wait for Retry-After.",
    ):
        assert words in page.text
    assert page.text.index("Connection") < page.text.index("Sending")


def test_a_page_without_anything_says_so() -> None:
    assert "No SDK has sent anything yet." in Page(report_html(report())).text


@given(st.text(alphabet="<>&\"'/aimgscript =\ud800", max_size=60))
def test_what_clients_said_stays_text(text: str) -> None:
    hostile = integration(
        line(found=text, reason=text, mend=text), client=text, user_agent=text, peer=text, app_name=text
    )
    page = Page(report_html(report(hostile)))
    plain = Page(report_html(report(integration(line(mend="x")))))
    assert page.elements <= plain.elements


def test_the_json_is_the_report() -> None:
    made = report(integration())
    assert msgspec.json.decode(report_json(made), type=IntegrationReport) == made


def test_lines_stand_below_the_titles_of_their_parts() -> None:
    assert [title for title, _ in by_part(integration().lines)] == ["Connection", "Sending"]
    assert summary_of([line(), line(verdict="warn"), line(verdict="warn")]) == "1 to mend, 2 to look at"
    assert summary_of([line(verdict="good"), line(verdict="unknown")]) == "nothing to mend"


def run(monkeypatch: pytest.MonkeyPatch, made: IntegrationReport, **options: Any) -> int:
    monkeypatch.setattr("console.cli.session.with_server", lambda workspace, work: made)
    values: dict[str, Any] = {"workspace": Path("unused"), "app": None, "html": None, "json": False} | options
    return command._run(argparse.Namespace(**values))


def test_the_command_prints_what_to_mend(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, report(integration(client="Un\x1bity"), integration(verdict="good"))) == 1
    printed = capsys.readouterr().out
    assert "-> Wait for Retry-After." in printed
    assert "(request 17)" in printed
    assert "\x1b" not in printed


def test_the_command_succeeds_when_nothing_is_to_be_mended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, report(integration(verdict="warn")), json=True) == 0
    assert msgspec.json.decode(capsys.readouterr().out)["integrations"][0]["client"] == "Unity"
    assert run(monkeypatch, report()) == 0
    assert "No SDK" in capsys.readouterr().out


def test_the_command_writes_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    run(monkeypatch, report(integration()), html=page)
    assert page.read_bytes().startswith(b"<!doctype html>")
    assert str(page) in capsys.readouterr().out
    with pytest.raises(CommandFailed, match="cannot be written"):
        run(monkeypatch, report(), html=tmp_path / "missing" / "report.html")
