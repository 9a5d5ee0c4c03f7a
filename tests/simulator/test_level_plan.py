from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.resources import resource
from console.simulator.level_plan import InvalidLevelPlan, LevelPlan, read_level_plan


def _altered(tmp_path: Path, **changes: Any) -> Path:
    plan = msgspec.json.decode(resource("levels/sample.json").read_bytes())
    path = tmp_path / "plan.json"
    path.write_bytes(msgspec.json.encode(plan | changes))
    return path


def test_the_sample_level_is_a_plan_without_faults(plan: LevelPlan) -> None:
    assert plan.level_id
    assert plan.faults() == []
    assert resource(f"levels/{plan.model}").is_file()


def test_every_place_lies_inside_the_bounds(plan: LevelPlan) -> None:
    low, high = plan.bounds
    for name, xyz in plan.places().items():
        assert all(a <= value <= b for a, value, b in zip(low, xyz, high, strict=True)), name


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"spawns": []}, "no spawn"),
        ({"spawns": [{"waypoint": "moon"}]}, "'moon' is not listed"),
        ({"funnel": [{"step": "Won", "waypoint": "moon"}]}, "'moon' is not listed"),
        ({"edges": [["gate", "moon"]]}, "'moon' is not listed"),
        ({"edges": []}, "no way leads"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidLevelPlan, match=fault):
        read_level_plan(_altered(tmp_path, **changes))


def test_what_is_no_plan_is_refused_with_the_file_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{")
    with pytest.raises(InvalidLevelPlan, match=r"broken\.json"):
        read_level_plan(path)
    with pytest.raises(InvalidLevelPlan, match=r"absent\.json"):
        read_level_plan(tmp_path / "absent.json")
