"""How numbers, times and strangers' text are written on screen. Pure, and cheap enough for every painted cell."""

import math
import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus

ELLIPSIS = "…"
MAX_CELL_CHARS = 256
_QUARTER_SECS = 900
_QUARTER_US = _QUARTER_SECS * 1_000_000
# Not `strftime`: it would speak the language that the system was set to.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Invisible or order-changing characters: C0, C1, soft hyphen, bidi marks and overrides, zero-width and line
# separators, interlinear marks, tags, surrogates. The joiners U+200C and U+200D stay: scripts and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
# Stacked combining marks would paint over the rows above and below.
_STACKED_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode's own control pictures: ␀ … ␟
    if code == 0x7F:
        return "␡"
    return f"⟨U+{code:04X}⟩"


@lru_cache(maxsize=16_384)
def visible(text: str, limit: int = MAX_CELL_CHARS) -> str:
    """One line in which nothing hides: control characters and bidi overrides become pictures.

    Text of clients is hostile: a right-to-left override could make a rejected row look like another one. At most
    `limit` characters of `text` are kept, then an ellipsis.
    """
    if len(text) > limit:
        text = text[: limit - 1] + ELLIPSIS
    if text.isascii() and text.isprintable():
        return text
    return _STACKED_MARKS.sub(r"\1", _HIDDEN.sub(_picture, text))


def cut(text: str, room: int, *, middle: bool = False) -> str:
    """At most `room` characters of a text, an ellipsis where some are left out: at its end, or in its middle."""
    if len(text) <= room:
        return text
    kept = max(0, room - 1)
    tail = kept // 2 if middle else 0
    return text[: kept - tail] + ELLIPSIS + text[len(text) - tail :]


def visible_lines(text: str) -> str:
    """As `visible`, for text of many lines: line feeds and tabs stay, nothing is cut."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(
        "\t".join(_STACKED_MARKS.sub(r"\1", _HIDDEN.sub(_picture, part)) for part in line.split("\t")) for line in lines
    )


@lru_cache(maxsize=4096)
def _clock(seconds: int) -> str:
    try:
        local = time.localtime(seconds)
    except (OverflowError, OSError, ValueError):  # a game's clock may say anything; Windows refuses years before 1970
        return "--:--:--"
    return f"{local.tm_hour:02}:{local.tm_min:02}:{local.tm_sec:02}"


def local_time(time_us: int) -> str:
    """`10:42:14.941`, in the person's zone."""
    seconds, rest = divmod(time_us, 1_000_000)
    return f"{_clock(seconds)}.{rest // 1000:03}"


@lru_cache(maxsize=512)
def _day(quarter: int) -> tuple[int, str]:
    """Year and `Nov 19` of a quarter of an hour, which no zone's midnight divides."""
    try:
        local = time.localtime(quarter * _QUARTER_SECS)
    except (OverflowError, OSError, ValueError):
        return 0, "–"
    return local.tm_year, f"{_MONTHS[local.tm_mon - 1]} {local.tm_mday:>2}"


def is_today(time_us: int) -> bool:
    """Whether it is the same day at present, in the person's zone."""
    return _day(time_us // _QUARTER_US) == _day(int(time.time()) // _QUARTER_SECS)


def next_midnight(now_secs: float) -> float:
    """When the next day begins in the person's zone, as `time.time` counts: days of 23 and of 25 hours, too."""
    tomorrow = datetime.fromtimestamp(now_secs).date() + timedelta(days=1)  # noqa: DTZ006  # local, on purpose
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day).timestamp()  # noqa: DTZ001


def dated_time(time_us: int) -> str:
    """`10:42:14.941` of today, `Nov 19 10:42:14.941` of another day, `2025-11-19 10:42:14` of another year."""
    year, day = _day(time_us // _QUARTER_US)
    this_year, today = _day(int(time.time()) // _QUARTER_SECS)
    if year != this_year:
        clock = _clock(time_us // 1_000_000)
        return f"{day_and_time(time_us)[:10]} {clock}" if year else f"– {clock}"
    return local_time(time_us) if day == today else f"{day} {local_time(time_us)}"


def time_span(start_us: int, end_us: int) -> str:
    """`10:42:14 – 10:45:00`; with days where it is not all of today, the second one only where it is another."""
    if is_today(start_us) and is_today(end_us):
        return f"{_clock(start_us // 1_000_000)} – {_clock(end_us // 1_000_000)}"
    start = dated_time(start_us).partition(".")[0]
    same_day = _day(start_us // _QUARTER_US) == _day(end_us // _QUARTER_US)
    if same_day:
        return f"{start} – {_clock(end_us // 1_000_000)}"
    day = "today " if is_today(end_us) else ""
    return f"{start} – {day}{dated_time(end_us).partition('.')[0]}"


def exact_time(time_us: int) -> str:
    """UTC to the microsecond, then the local time with its zone: what a hover shows."""
    try:
        instant = datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(microsecond=time_us % 1_000_000)
        local = instant.astimezone()
    except (OverflowError, OSError, ValueError):
        return f"{time_us} µs since 1970-01-01 UTC"
    return f"{instant:%Y-%m-%d %H:%M:%S.%f} UTC\n{local:%Y-%m-%d %H:%M:%S.%f %z} local"


def day_and_time(time_us: int) -> str:
    """`2026-11-22 09:19`, in the person's zone."""
    try:
        return f"{datetime.fromtimestamp(time_us / 1e6, UTC).astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):  # a game's clock may say anything
        return "–"


def ago(time_us: int, now_us: int) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `12 days ago`: the exact time belongs into a hover."""
    secs = max(0, now_us - time_us) // 1_000_000
    if secs < 60:
        return "just now"
    if secs < 3600:
        return f"{secs // 60} min ago"
    if secs < 86_400:
        return f"{secs // 3600} h ago"
    return f"{plural(secs // 86_400, 'day')} ago"


def short_count(number: int) -> str:
    """`48,211`, and from a million on `1.24 M`. The exact number belongs into a hover."""
    if abs(number) < 1_000_000:
        return f"{number:,}"
    if abs(number) < 1_000_000_000:
        return f"{number / 1e6:.2f} M"
    return f"{number / 1e9:.2f} G"


def percent(share: float) -> str:
    """`62.1 %`; a dash for NaN. What is there never reads as 0, what is not all never as 100: `< 0.1 %`, `> 99.9 %`."""
    if math.isnan(share):
        return "–"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return "> 99.9 %" if 0.9995 <= share < 1 else f"{share * 100:.1f} %"


def byte_size(size: int) -> str:
    """`912 B`, `3.8 kB`, `1.2 MB`: decimal units."""
    if size < 1000:
        return f"{size} B"
    if size < 999_950:
        return f"{size / 1e3:.1f} kB"
    if size < 999_950_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e9:.1f} GB"


def duration(us: int) -> str:
    """`0.9 ms`, `12 ms`, `1.2 s`: three figures at most, for latencies."""
    if us < 9_950:
        return f"{us / 1e3:.1f} ms"
    if us < 999_500:
        return f"{us / 1e3:.0f} ms"
    return f"{us / 1e6:.1f} s"


def decimal(number: float) -> str:
    """A coordinate in at most one decimal; far-away ones in seven significant digits, as float32 has."""
    if abs(number) < 1e6:
        text = f"{number:.1f}"
        return "0.0" if text == "-0.0" else text
    return f"{number:.7g}"


def plural(number: int, word: str) -> str:
    """`1 event`, `1,204 events`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def status_meaning(status: int) -> str:
    """`400 Bad Request`; 0 is what fault injection left without one."""
    if status == 0:
        return "no answer"
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
