"""Lengths of time in words, as the reasons of stages and risks say them."""

from console.players.profiles import DAY_US

_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US


def span_text(us: int) -> str:
    """`less than a minute`, `5 min`, `3 h`, `1 day`, `17.5 days`. Minutes and hours are the whole ones that passed."""
    if us < _MINUTE_US:
        return "less than a minute"
    if us < _HOUR_US:
        return f"{us // _MINUTE_US} min"
    if us < DAY_US:
        return f"{us // _HOUR_US} h"
    days = f"{us / DAY_US:.1f}".removesuffix(".0")
    return f"{days} day" if days == "1" else f"{days} days"


def ago_text(us: int) -> str:
    """How long ago something was: `just now`, `5 min ago`, `12.5 days ago`."""
    return "just now" if us < _MINUTE_US else f"{span_text(us)} ago"
