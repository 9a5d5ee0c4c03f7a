"""How verdicts look, and how an SDK is called. Pure."""

from typing import Final

from console.integration_report import summary_of
from console.messages.integration import Integration, Verdict
from console.ui.theme import Tokens
from console.ui.widgets.formatting import ago, visible

SdkKey = tuple[str, str, str]

ICONS: Final[dict[Verdict, str]] = {"good": "check", "warn": "warning", "bad": "error", "unknown": "minus"}


def color_of(verdict: Verdict, tokens: Tokens) -> str:
    """The colour of a verdict's icon."""
    return {"good": tokens.good, "warn": tokens.warning, "bad": tokens.bad, "unknown": tokens.dim}[verdict]


def key_of(found: Integration) -> SdkKey:
    """What tells an SDK from every other, however its requests go on."""
    return (found.app_id, found.client, found.peer)


def application_of(found: Integration) -> str:
    """The application's name; what is known where it has none."""
    return visible(found.app_name or found.app_id, 60) or "no known key"


def spoken(found: Integration, now_us: int) -> str:
    """An SDK as a screen reader says it."""
    return (
        f"{visible(found.client, 60)} from {visible(found.peer, 60)}, {application_of(found)}, "
        f"{summary_of(found.lines)}, last request {ago(found.last_us, now_us)}"
    )
