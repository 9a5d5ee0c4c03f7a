from datetime import UTC, datetime

import pytest

from console.resources import resource
from console.simulator.level_plan import LevelPlan, read_level_plan
from console.simulator.playtest import PlaytestSettings

APP_ID = "72ab8f81-ef36-4712-a046-399a62b9afaa"


@pytest.fixture(scope="session")
def plan() -> LevelPlan:
    return read_level_plan(resource("levels/sample.json"))


@pytest.fixture
def settings() -> PlaytestSettings:
    return PlaytestSettings(
        app_id=APP_ID, players=4, seed=7, started_at=datetime(2026, 2, 12, 10, tzinfo=UTC), duration_secs=180.0
    )
