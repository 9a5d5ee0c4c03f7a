"""The integration report as files: JSON for machines, HTML for people, in one page that needs nothing else."""

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from console.messages.integration import Integration, IntegrationLine, IntegrationReport, Part, Verdict

VERDICT_WORDS: Final[dict[Verdict, str]] = {
    "good": "good",
    "warn": "look",
    "bad": "mend",
    "unknown": "not seen",
}
VERDICT_MARKS: Final[dict[Verdict, str]] = {"good": "✓", "warn": "!", "bad": "✕", "unknown": "–"}
PART_TITLES: Final[dict[Part, str]] = {
    "connection": "Connection",
    "events": "Events",
    "sending": "Sending",
    "player_api": "Player API",
}

_STYLE: Final = """
:root { color-scheme: light dark; --text: #1d2630; --dim: #5b6875; --line: #d8dee5; --panel: #fff; --window: #f6f7f9;
  --good: #1b7b58; --warn: #8f6200; --bad: #c43544; --unknown: #5b6875; }
@media (prefers-color-scheme: dark) { :root { --text: #d7dee6; --dim: #8694a1; --line: #29323c; --panel: #151a20;
  --window: #0f1216; --good: #3fb98b; --warn: #e0a93b; --bad: #f0616d; --unknown: #8694a1; } }
body { margin: 0 auto; max-width: 1080px; padding: 24px; background: var(--window); color: var(--text);
  font: 14px/1.5 Inter, system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 17px; margin: 0; } p { margin: 0; }
.dim { color: var(--dim); } code { font-family: "JetBrains Mono", ui-monospace, monospace; font-size: 12px; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; margin: 16px 0; padding: 16px; }
table { border-collapse: collapse; margin-top: 12px; width: 100%; }
th { color: var(--dim); font-size: 12px; padding: 12px 8px 4px; text-align: left; }
td { border-top: 1px solid var(--line); padding: 6px 8px; vertical-align: top; }
td:first-child { white-space: nowrap; width: 84px; font-weight: 600; } td:nth-child(2) { width: 150px; }
td:nth-child(3) { width: 190px; } .mend { margin-top: 2px; } .mend::before { content: "→ "; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.unknown { color: var(--unknown); } td, code { overflow-wrap: anywhere; }
@media print { body { max-width: none; } section { break-inside: avoid; } }
"""


def report_json(report: IntegrationReport) -> bytes:
    """The report as one JSON document, indented, as the messages name its fields."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def report_html(report: IntegrationReport) -> bytes:
    """The report as one page: no script, nothing loaded, everything that came from clients escaped."""
    integrations = "".join(map(_section, report.integrations)) or (
        '<section><p class="dim">No SDK has sent anything yet.</p></section>'
    )
    remarks = [f"Made {_instant(report.made_us)} by Playtest Console {html.escape(report.version)}."]
    remarks.append(f"What is judged began {_instant(report.since_us)}.")
    if report.forgotten:
        remarks.append(f"{report.forgotten:,} SDKs gave way to newer ones.")
    if report.missed:
        remarks.append(f"{report.missed:,} requests came faster than they could be looked at.")
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Integration check</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>Integration check</h1>\n<p class="dim">{" ".join(remarks)}</p>\n{integrations}</body>\n</html>\n'
    )
    return page.encode("utf-8", "replace")


def by_part(lines: Sequence[IntegrationLine]) -> list[tuple[str, list[IntegrationLine]]]:
    """The lines below the titles of their parts, in order."""
    grouped = [(title, [line for line in lines if line.part == part]) for part, title in PART_TITLES.items()]
    return [(title, found) for title, found in grouped if found]


def summary_of(lines: Sequence[IntegrationLine]) -> str:
    """`2 to mend, 1 to look at`; what there is to do, in a few words."""
    bad = sum(line.verdict == "bad" for line in lines)
    warn = sum(line.verdict == "warn" for line in lines)
    if not bad and not warn:
        return "nothing to mend"
    parts = [f"{bad} to mend" if bad else "", f"{warn} to look at" if warn else ""]
    return ", ".join(part for part in parts if part)


def counts_of(found: Integration) -> str:
    """`1 request, 0 rejected, 30 events`."""
    requests = f"{found.requests:,} request{'' if found.requests == 1 else 's'}"
    return f"{requests}, {found.rejected:,} rejected, {found.events:,} event{'' if found.events == 1 else 's'}"


def _section(found: Integration) -> str:
    rows = "".join(
        f'<tr><th colspan="4">{title}</th></tr>\n' + "".join(map(_row, lines)) for title, lines in by_part(found.lines)
    )
    application = found.app_name or found.app_id or "no known key"
    return (
        f'<section>\n<h2><span class="{found.verdict}">{VERDICT_MARKS[found.verdict]}</span> '
        f'{html.escape(found.client)} <span class="dim">from {html.escape(found.peer)}, '
        f"{html.escape(application)}</span></h2>\n"
        f'<p>{summary_of(found.lines)} <span class="dim">· {counts_of(found)} · '
        f"last {_instant(found.last_us)}</span></p>\n"
        f"<p><code>{html.escape(found.user_agent)}</code></p>\n<table>\n{rows}</table>\n</section>\n"
    )


def _row(line: IntegrationLine) -> str:
    mend = f'<p class="mend">{html.escape(line.mend)}</p>' if line.mend else ""
    shown = f' <span class="dim">Request {line.request_id}.</span>' if line.request_id is not None else ""
    return (
        f'<tr><td class="{line.verdict}">{VERDICT_MARKS[line.verdict]} {VERDICT_WORDS[line.verdict]}</td>'
        f"<td>{html.escape(line.title)}</td><td>{html.escape(line.found)}</td>"
        f'<td><span class="dim">{html.escape(line.reason)}</span>{shown}{mend}</td></tr>\n'
    )


def _instant(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
