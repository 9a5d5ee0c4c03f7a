"""One filter, two ways to answer it: the event store's SQL and the predicate of the live tail find the same events."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.columns import encode_columns, numbers
from console.players.commands import Recorded, Register, TrackEvent, encode_recorded
from console.server.event_facts import facts_of
from console.server.rows import RowBuilder, SessionLevels
from console.storage.duckdb_store import DuckDbStore
from console.storage.event_columns import columns_of
from console.storage.event_store import Position
from console.storage.journal import JournaledIngest
from console.telemetry.filters import Facts, Filter, fields, parse, payload_path, quoted
from tests.storage.events import FAR, JOURNAL_ID, funnel, gameplay, identity, trajectory

NOW_US = 1_767_225_660_000_000
BOOKMARKED = [2, 3, 11]

PAYLOADS: list[dict[str, Any]] = [
    {"weapon": "Sword", "damage": 10, "critical": True, "tags": ["a", "B", 1, None]},
    {"weapon": "sword ", "damage": 10.5, "critical": "true", "tags": []},
    {"weapon": "", "damage": "10", "critical": None, "a b": {"c.d": "x", 'q"\\': 1}},
    {"weapon": {"name": "Axt ÄÖÜ İΣK"}, "damage": -1e22, "tags": [["a"], {"b": "a"}]},
    {"weapon": "%_*?\\", "damage": 2**64 - 1, "critical": False, "line": "a\nb\x00c"},
    {"weapon": b"bytes", "damage": 0},
]


def ingests() -> list[JournaledIngest]:
    batches: list[list[dict[str, Any]]] = [
        [gameplay("s-1", secs, f"Level {secs}", custom_data=data) for secs, data in enumerate(PAYLOADS)],
        [
            gameplay("s-2", 1, None, position=[-5.0, 2.5, 0.0], input_method="Gamepad", event_name="Player_Jump"),
            gameplay("s-2", 2, "Level 2", position=[5, 1e9, -0.0], event_name="Spieler_Größe"),
            funnel("s-2", 3, custom_data=7, input_method=["no"], position="no"),
            trajectory("s-2", 4, 5, [1, 2, 3, 4, 5, 6], fps={"mean": 60, "low_1": 12.5}, status="alive"),
            trajectory("s-3", 4, 5, [0, 0, 0], input_method="keyboard", level_id="Level 1", custom_data="no"),
            trajectory("s-4", 4, 5, [0, 0, 0], fps={"low_5": 30.0}),
            identity("p-1", 6, hardware={"gpu": "RTX 4090", "cores": 8, "os": {"name": "Linux"}}, custom_data={"a": 1}),
        ],
    ]
    commands = encode_recorded(
        Recorded(
            commands=[
                TrackEvent(
                    event_id="e", player_id="u-1", event_name="level_up", time_us=NOW_US, properties={"level": 3}
                ),
                Register(player_id="u-1", attributes={"level": 3}),
            ]
        )
    )
    found, seq = [], 0
    for number, batch in enumerate(batches, start=1):
        peer, route = ("192.168.1.7", "/api/telemetry/events") if number == 1 else ("fe80::1", "/other")
        body = msgpack.packb(batch)
        received = NOW_US if number == 1 else NOW_US + 90_000_000
        found.append(JournaledIngest(number, received, "app", seq + 1, len(batch), body, b"", peer, route))
        seq += len(batch)
    found.append(JournaledIngest(3, NOW_US, "other", seq + 1, 2, b"{}", commands, "10.0.0.1", "/v1/events"))
    return found


class Both:
    """The same events in a store and as facts."""

    def __init__(self, path: Path) -> None:
        self.store = DuckDbStore(path)
        self.store.migrate(JOURNAL_ID, FAR)
        requests = ingests()
        self.store.append(columns_of(requests, Position()))
        builder = RowBuilder(SessionLevels())
        self.facts: list[tuple[int, Facts]] = [
            (row.seq, facts) for request in requests for row, facts in facts_of(builder, request, frozenset(BOOKMARKED))
        ]

    def stored(self, text: str) -> list[int]:
        parameter = {"text": text, "now_us": NOW_US, "bookmarked": BOOKMARKED}
        answer = encode_columns(self.store.query("events", {"limit": 1_000, "filter": parameter}))
        return [int(seq) for seq in numbers(answer, "seq")]

    def matching(self, text: str) -> list[int]:
        found = parse(text, now_us=NOW_US)
        assert isinstance(found, Filter), (text, found)
        return [seq for seq, facts in self.facts if found.matches(facts)]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    both = Both(tmp_path_factory.mktemp("both") / "events.duckdb")
    yield both
    both.store.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 15),
        ("kind:player_api", 2),
        ("level:*", 9),
        ('level:"Level 2"', 3),
        ("custom_data.weapon:Sword", 1),
        ("custom_data.damage:10", 2),
        ("custom_data.damage:>9", 3),
        ("custom_data.tags:a", 1),
        ("custom_data.level:3", 1),
        ("hardware.os.name:Linux", 1),
        ("fps.low_1:<30", 1),
        ("is:bookmarked", 3),
        ("is:late", 7),
        ('ip:"fe80::1"', 7),
        ("rtx", 1),
        ("ÄÖÜ", 1),
        ("spieler_GRÖSSE", 0),
        ("spieler_GRÖßE", 1),
        ("NOT custom_data.weapon:Sword", 14),
        (f"{payload_path('custom_data', 'a b', 'c.d')}:x", 1),
        (payload_path("custom_data", "a b", 'q"\\') + ":1", 1),
        ('custom_data.weapon:"%_*?\\\\"', 1),
        ("input:gamepad OR input:Gamepad", 1),
    ],
)
def test_both_find(both: Both, text: str, expected: int) -> None:
    assert both.stored(text) == both.matching(text)
    assert len(both.stored(text)) == expected


_WORDS = [
    "Sword", "sword", "10", "10.5", "-5", "0", "a", "B", "Level 2", "1", "player_jump", "true", "false", "alive", "x",
    "192.168.1.7", "/api", "ä", "İ", "K", "ς", "Σ", "%", "_", "\\", '"', "{", "\n", "\x00", "", "12.5", "1e22", "null",
    "gamepad", "level_up", "funnel", "Größe", "bytes", "Ynl0ZXM=",
]  # fmt: skip
_PATTERNS = [
    "Swo?rd", "^S", "d$", "[^a-z]", r"\d+", r"\w\b", r"\s", ".", "(?i)SWORD", "a|b", "[[:]", "^$", "ä", r"\W",
    r"x{0,2}",     "(?i)ä", "(?i)[a-kÄ]", "[^\\d]", r"\AS", r"b\Z", "(?i)k", "a.b", "(?:Sw|sw)ord", "[Ä-Ü]",
]  # fmt: skip
_NAMES = [
    *(f"custom_data.{name}" for name in ("weapon", "damage", "critical", "tags", "weapon.name", "none", "line", "0")),
    "hardware.gpu", "hardware.cores",
]  # fmt: skip

_numbers = st.sampled_from(["-5", "0", "1", "2.5", "3", "10", "12.5", "30", "60", "1e9", "-1e22", "1e19"])
_words = st.sampled_from(_WORDS).map(quoted)
_wild = st.text(alphabet="*?aSwordA.0Ä", min_size=1, max_size=6)
_patterns = st.sampled_from(_PATTERNS).map(lambda pattern: "/" + pattern.replace("/", "\\/") + "/")
_times = st.sampled_from(["2026-01-01", "now", "now-57s", "2026-01-01T00:00", "2025", '"2026-01-01T00:00:04Z"'])


def _ranges(bounds: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sided = st.tuples(st.sampled_from(["<", "<=", ">", ">="]), bounds).map(
        lambda pair: pair[0] + (pair[1] if pair[1].startswith('"') else quoted(pair[1]))
    )
    open_ended = st.one_of(bounds, st.just("*"))
    both = st.tuples(st.sampled_from("[{"), open_ended, open_ended, st.sampled_from("]}"))
    return st.one_of(sided, both.map(lambda parts: f"{parts[0]}{parts[1]} TO {parts[2]}{parts[3]}"))


def _terms() -> st.SearchStrategy[str]:
    texts = st.sampled_from([field.name for field in fields() if field.kind == "text"])
    numeric = st.sampled_from([field.name for field in fields() if field.kind == "number"])
    kinds = st.sampled_from(["identity", "funnel", "gameplay", "trajectory", "player_api", "*"])
    values = st.one_of(_words, _wild, _patterns, _ranges(_words), st.just("*"))
    payload = st.one_of(values, _numbers, _ranges(_numbers), st.sampled_from(["true", "false"]))
    return st.one_of(
        st.tuples(texts, values).map(":".join),
        st.tuples(numeric, st.one_of(_numbers, _ranges(_numbers), st.just("*"))).map(":".join),
        st.tuples(st.sampled_from(_NAMES), payload).map(":".join),
        st.one_of(_times, _ranges(_times), st.just("*")).map("time:{}".format),
        kinds.map("kind:{}".format),
        st.sampled_from(["is:late", "is:bookmarked", "is:rejected"]),
        st.one_of(_words, _patterns, _wild),
    )


_filters = st.recursive(
    _terms(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" ", " AND ", " OR "]), inner).map("".join),
        inner.map("({})".format),
        inner.map("NOT ({})".format),
        inner.map("-({})".format),
    ),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_filters)
def test_both_agree_on_any_filter(both: Both, text: str) -> None:
    assert both.stored(text) == both.matching(text)
