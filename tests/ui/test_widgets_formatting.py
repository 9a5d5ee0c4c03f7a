"""How numbers, times and strangers' text are written."""

import math
import time
from datetime import datetime

import pytest

from console.ui.widgets import formatting as f
from tests.zones import BERLIN, living_in, needs_zones


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Player_Death", "Player_Death"),
        ("Łódź 東京 🎮", "Łódź 東京 🎮"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("a\nb\tc", "a␊b␉c"),
        ("\x00\x1b[31m\x7f", "␀␛[31m␡"),
        ("invoice\u202egnp.exe", "invoice⟨U+202E⟩gnp.exe"),
        ("a\u200bb\u2066c\ufeff", "a⟨U+200B⟩b⟨U+2066⟩c⟨U+FEFF⟩"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("<img src='file:///etc/passwd'>", "<img src='file:///etc/passwd'>"),
        ("z" + "\u0301" * 40 + "a", "z\u0301\u0301a"),
    ],
)
def test_nothing_hides_in_a_strangers_text(text: str, shown: str) -> None:
    assert f.visible(text) == shown


def test_long_text_is_cut() -> None:
    assert f.visible("x" * 100_000, 10) == "x" * 9 + "…"


def test_lines_stay_lines_where_there_may_be_many() -> None:
    assert f.visible_lines("a\r\n\tb\x07\n\u202ec") == "a\n\tb␇\n⟨U+202E⟩c"
    assert f.visible_lines("plain\n\ttext") == "plain\n\ttext"


def test_times_are_local_with_utc_on_hover() -> None:
    assert f.local_time(1_770_891_734_941_234).endswith(".941")
    assert "2026-02-12 10:22:14.941234 UTC" in f.exact_time(1_770_891_734_941_234)
    assert f.local_time(10**24) == "--:--:--.000"
    assert f.exact_time(10**18) == "1000000000000000000 µs since 1970-01-01 UTC"


def test_times_of_other_days_tell_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = time.mktime((2026, 3, 5, 12, 0, 0, 0, 0, -1))
    monkeypatch.setattr(f.time, "time", lambda: noon)
    at = round(noon * 1e6) + 1_234_000
    hour, day = 3_600_000_000, 24 * 3_600_000_000
    assert f.dated_time(at) == "12:00:01.234"
    assert f.dated_time(at - day) == "Mar  4 12:00:01.234"
    assert f.dated_time(at - 365 * day) == "2025-03-05 12:00:01"
    assert f.dated_time(10**24) == "– --:--:--"
    assert f.time_span(at, at + hour) == "12:00:01 – 13:00:01"
    assert f.time_span(at - day, at + hour - day) == "Mar  4 12:00:01 – 13:00:01"
    assert f.time_span(at - day, at) == "Mar  4 12:00:01 – today 12:00:01"
    assert f.time_span(at - 2 * day, at - day) == "Mar  3 12:00:01 – Mar  4 12:00:01"


@needs_zones
@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-03-05T11:59:59Z", "2026-03-05T23:00:00Z"),
        ("2026-12-31T22:59:59Z", "2026-12-31T23:00:00Z"),
        ("2028-02-28T23:00:00Z", "2028-02-29T23:00:00Z"),
        ("2026-03-28T23:30:00Z", "2026-03-29T22:00:00Z"),  # a day of 23 hours
        ("2026-10-24T22:30:00Z", "2026-10-25T23:00:00Z"),  # and one of 25
        ("2026-10-25T01:30:00Z", "2026-10-25T23:00:00Z"),
    ],
)
def test_when_the_next_day_begins(now: str, midnight: str) -> None:
    with living_in(BERLIN):
        at = f.next_midnight(datetime.fromisoformat(now).timestamp())
    assert at == datetime.fromisoformat(midnight).timestamp()


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (48_211, "48,211"), (1_240_000, "1.24 M"), (3_000_000_000, "3.00 G")]
)
def test_counts(number: int, text: str) -> None:
    assert f.short_count(number) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (3_800, "3.8 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB")]
)
def test_sizes(size: int, text: str) -> None:
    assert f.byte_size(size) == text


@pytest.mark.parametrize(("us", "text"), [(900, "0.9 ms"), (9_949, "9.9 ms"), (12_300, "12 ms"), (1_200_000, "1.2 s")])
def test_durations(us: int, text: str) -> None:
    assert f.duration(us) == text


@pytest.mark.parametrize(("number", "text"), [(12.44, "12.4"), (-0.01, "0.0"), (1.5e9, "1.5e+09")])
def test_coordinates(number: float, text: str) -> None:
    assert f.decimal(number) == text


def test_plural() -> None:
    assert (f.plural(1, "event"), f.plural(1204, "event")) == ("1 event", "1,204 events")


def test_a_status_in_words() -> None:
    assert (f.status_meaning(400), f.status_meaning(799)) == ("400 Bad Request", "799")


@pytest.mark.parametrize(
    ("room", "middle", "shown"),
    [
        (9, False, "abcdefghi"),
        (5, False, "abcd…"),
        (5, True, "ab…hi"),
        (6, True, "abc…hi"),
        (1, True, "…"),
        (0, True, "…"),
    ],
)
def test_texts_are_cut_at_their_end_or_in_their_middle(room: int, middle: bool, shown: str) -> None:
    assert f.cut("abcdefghi", room, middle=middle) == shown


def test_a_part_never_reads_as_nothing_or_all() -> None:
    shares = (math.nan, 0.0, 0.0004, 0.0005, 0.6213, 0.9994, 0.9996, 1.0)
    assert [f.percent(share) for share in shares] == [
        *("–", "0.0 %", "< 0.1 %", "0.1 %", "62.1 %", "99.9 %", "> 99.9 %", "100.0 %"),
    ]
