import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.players.instants import LATEST_US, instant_us, iso_text
from console.players.values import InvalidValue


@settings(deadline=None)
@given(st.integers(0, LATEST_US))
def test_text_and_instant_are_the_same_to_the_microsecond(instant: int) -> None:
    assert instant_us(iso_text(instant), "$.timestamp") == instant


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-12T10:00:00Z",
        "2026-02-12T10:00:00",
        "2026-02-12t10:00:00z",
        "2026-02-12 10:00:00.000000000Z",
        "2026-02-12T12:30:00+02:30",
        "2026-02-11T23:00:00-11:00",
    ],
)
def test_ways_to_write_one_instant(text: str) -> None:
    assert iso_text(instant_us(text, "$")) == "2026-02-12T10:00:00Z"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "now",
        "2026-02-12",
        "2026-02-30T10:00:00Z",
        "2026-02-12T25:00:00Z",
        "12.02.2026 10:00:00",
        "1770890400",
        1770890400,
        1.5,
        True,
        None,
        {},
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "\ud800",
        "x" * 1_000_000,
    ],
)
def test_what_is_no_instant_is_refused_with_its_path(sent: object) -> None:
    with pytest.raises(InvalidValue) as raised:
        instant_us(sent, "$.timestamp")
    assert raised.value.path == "$.timestamp"
    assert len(raised.value.message) < 200
    raised.value.message.encode()


def test_instants_out_of_range_are_shown_at_its_ends() -> None:
    assert iso_text(-1) == "1970-01-01T00:00:00Z"
    assert iso_text(2**63) == "9999-12-31T23:59:59.999999Z"
