"""Events that were taken, and do not fit what was recorded around them."""

from typing import Any

import pytest
from hypothesis import given

from console.telemetry.inspect import annotate
from console.telemetry.plausibility import LevelBox, Surroundings, doubts
from tests.telemetry.bodies import bodies, damaged, gameplay, pack, trajectory

SENT_US = 1_770_890_400_000_000
# A model in glTF's axes (y up, right-handed): 20 × 20 metres of floor, 5 metres high. Games send Unity's.
LEVEL = LevelBox("Level_1", ((-10.0, 0.0, -10.0), (10.0, 5.0, 10.0)), "gltf", "unity")


def told(event: Any, **around: Any) -> list[tuple[str, str]]:
    return [(note.path, note.text) for note in doubts(pack(event), 0, Surroundings(**around))]


def test_what_fits_is_not_doubted() -> None:
    around = {"events_before": 3, "first_us": SENT_US - 5_000_000, "player_id": "player_01", "level": LEVEL}
    assert told(gameplay(), **around) == []
    assert told(trajectory(positions=[0, 0, 0, 1, 2, 3]), **around) == []
    assert told(gameplay(position=[900, 0, 0])) == []


def test_another_player() -> None:
    ((path, text),) = told(gameplay(), events_before=1, first_us=SENT_US, player_id="player_02")
    assert path == "$.player_id"
    assert "player_02" in text


def test_before_its_session() -> None:
    ((path, text),) = told(trajectory(), events_before=1, first_us=SENT_US + 90_000_000, player_id="player_01")
    assert path == "$.timestamp_start"
    assert text.startswith("90 s before the first event of its session")
    assert told(gameplay(timestamp="soon"), events_before=1, first_us=0) == []


@pytest.mark.parametrize(
    ("event", "path", "what"),
    [
        (gameplay(position=[0, 900, 0]), "$.position", "outside the model of Level_1"),
        (gameplay(position=[1000.0, 20.0, -520.0]), "$.position", "other axes"),
        (trajectory(positions=[0, 0, 0, 0, 50, 0, 99, 0, 0]), "$.positions", "2 of 3 samples outside"),
    ],
)
def test_outside_the_level(event: Any, path: str, what: str) -> None:
    ((found, text),) = told(event, level=LEVEL)
    assert found == path
    assert what in text


def test_the_bytes_of_the_value_are_named() -> None:
    body = pack([gameplay(), gameplay(player_id="x")])
    (note,) = doubts(body, 1, Surroundings(events_before=1, first_us=SENT_US, player_id="player_01"))
    assert note.path == "$[1].player_id"
    assert body[note.span.start : note.span.end] == b"\xa1x"


@given(bodies() | damaged())
def test_any_bytes_may_come(body: bytes) -> None:
    for index in (0, 1):
        for note in doubts(body, index, Surroundings(events_before=1, first_us=SENT_US, player_id="p", level=LEVEL)):
            assert 0 <= note.span.start < note.span.end <= len(body)


@pytest.mark.parametrize(("mean", "what"), [(9_000, "no game reaches"), (0.0167, "60 frames/s"), (144, ""), (0, "")])
def test_frame_rates_that_cannot_be(mean: float, what: str) -> None:
    notes = annotate(pack(trajectory(fps={"mean": mean})), 0)
    assert [what in note.text for note in notes] == ([True] if what else [])
