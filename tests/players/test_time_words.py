"""Lengths of time in words."""

import pytest

from console.players.profiles import DAY_US
from console.players.time_words import ago_text, span_text

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000


@pytest.mark.parametrize(
    ("us", "span", "ago"),
    [
        (0, "less than a minute", "just now"),
        (MINUTE_US - 1, "less than a minute", "just now"),
        (MINUTE_US, "1 min", "1 min ago"),
        (HOUR_US - 1, "59 min", "59 min ago"),
        (HOUR_US, "1 h", "1 h ago"),
        (DAY_US - 1, "23 h", "23 h ago"),
        (DAY_US, "1 day", "1 day ago"),
        (DAY_US * 35 // 2, "17.5 days", "17.5 days ago"),
        (40 * DAY_US, "40 days", "40 days ago"),
    ],
)
def test_spans(us: int, span: str, ago: str) -> None:
    assert (span_text(us), ago_text(us)) == (span, ago)
