"""Timestamps: agreement with the decoder, and what a wrong one is told."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.telemetry.times import BadTimestamp, bad_epoch, parse_timestamp, read_timestamp

NOON = datetime(2026, 2, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("2026-02-12T10:00:00Z", []),
        ("2026-02-12T10:00:00.000000+00:00", []),
        ("2026-02-12T10:00:00-00:00", []),
        ("2026-02-12T10:00:00", ["no time zone: read as UTC"]),
        ("2026-02-12T12:00:00+02:00", ["not in UTC: sent with the offset +02:00"]),
        ("2026-02-12T04:30:00-0530", ["not in UTC: sent with the offset -05:30"]),
    ],
)
def test_good_times(text: str, warnings: list[str]) -> None:
    assert parse_timestamp(text) == (NOON, warnings)


def test_a_clock_that_was_never_set() -> None:
    assert "the year 0001" in parse_timestamp("0001-01-01T00:00:00Z").warnings[0]
    assert parse_timestamp("0001-01-01T00:00:00+14:00").instant.year == 1
    assert parse_timestamp("9999-12-31T23:00:00-14:00").instant.year == 9999


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("2026.02.12-10.00.00", "Unreal's FDateTime::ToString()", "ToIso8601()"),
        ("2026-02-12", "without a time of day", "instant"),
        ("20260212", "without a time of day", "instant"),
        ("1770890400", "the number", "Send it as 2026-02-12T10:00:00Z"),
        ("1770890400123", "the number", "Send it as 2026-02-12T10:00:00.123Z"),
        ("1770890400123456", "the number", "Epoch µs"),
        ("1770890400123456789", "the number", "Epoch ns"),
        ("-5", "the number", "ISO 8601"),
        ("2/12/2026 10:00:00 AM", "format of one country", 'ToString("o")'),
        ("12.02.2026 10:00:00", "format of one country", 'ToString("o")'),
        ("Thu, 12 Feb 2026 10:00:00 GMT", "in words", "toISOString"),
        ("Thu Feb 12 2026 10:00:00 GMT+0100", "in words", "toISOString"),
        ("2026-02-12T10:00Z", "seconds are missing", "Write them out"),
        ("2026-02-12T10:00:00,5Z", "comma", "point"),
        ("2026-02-12T10:00:00+02", "offset has no minutes", "+02:00"),
        ("2026-02-12 10:00:00 UTC", "zone is a name", "Z for UTC"),
        ("2026-02-12T10:00:00+01:00[Europe/Berlin]", "zone is a name", "Z for UTC"),
        ("2026-02-12T24:00:00Z", "hour 24", "next day"),
        ("2026-12-31T23:59:60Z", "leap second", "next second"),
        ("2026-02-30T10:00:00Z", "no such day", "ISO 8601"),
        ("20260212T100000Z", "basic form", "separators"),
        ("10:00:00", "without a date", "instant"),
        (" 2026-02-12T10:00:00Z", "space around it", "ISO 8601"),
        ("", "must not be empty", "ISO 8601"),
        ("yesterday", 'got "yesterday"', "ISO 8601"),
        ("x" * 500, "x" * 40 + "…", "ISO 8601"),
    ],
)
def test_bad_times(text: str, message: str, hint: str) -> None:
    with pytest.raises(BadTimestamp) as bad:
        parse_timestamp(text)
    assert message in bad.value.message
    assert hint in bad.value.hint


def test_numbers() -> None:
    assert "2026-02-12T10:00:00Z" in bad_epoch(1770890400, "int 1770890400").hint
    assert "2026-02-12T10:00:00.500Z" in bad_epoch(1770890400500, "x").hint
    assert "ISO 8601" in bad_epoch(0, "int 0").hint
    assert "ISO 8601" in bad_epoch(1e300, "x").hint


@given(
    st.text(max_size=30)
    | st.datetimes().map(datetime.isoformat)
    | st.from_regex(r"[-+]?[0-9]{1,25}([.][0-9]{0,3})?", fullmatch=True)
)
@example("0000-01-01T00:00:00Z")
@example("9999-12-31T23:59:59.9999999Z")
@example("\ud800")
def test_any_text(text: str) -> None:
    try:
        expected = msgspec.convert(text, datetime)
    except ValueError:  # msgspec's error, or that of a lone surrogate
        with pytest.raises(BadTimestamp) as bad:
            read_timestamp(text)
        assert bad.value.message
        assert bad.value.hint
    else:
        assert read_timestamp(text) == expected
        assert parse_timestamp(text).instant.tzinfo is UTC
