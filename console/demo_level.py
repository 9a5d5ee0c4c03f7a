"""The sample level of demos: its plan, and its model in a workspace."""

import json
from typing import Any

from console.client import ConsoleClient
from console.messages import Application, LevelModelChanges
from console.resources import resource


def sample_level() -> dict[str, Any]:
    """The plan that the simulator walks: its level id, and the axes it sends in."""
    plan: dict[str, Any] = json.loads(resource("levels/sample.json").read_text("utf-8"))
    return plan


async def upload_sample_level(client: ConsoleClient, application: Application) -> None:
    """Give the application the sample level's model, unless it has one. Raises as the client does."""
    plan = sample_level()
    models = await client.level_models()
    if any(model.app_id == application.app_id and model.level_name == plan["level_id"] for model in models):
        return
    model = await client.upload_level_model(
        application.app_id, plan["level_id"], resource(f"levels/{plan['model']}"), mesh_axes=plan["mesh_axes"]
    )
    await client.change_level_model(model.model_id, LevelModelChanges(telemetry_axes=plan["telemetry_axes"]))
