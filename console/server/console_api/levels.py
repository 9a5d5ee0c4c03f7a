"""Level models."""

import asyncio
from typing import get_args

from console.messages import Axes, LevelModel, LevelModelChanges, Mesh
from console.server.console_api.call import Call, Refused
from console.server.uploads import received


async def list_all(call: Call) -> list[LevelModel]:
    """Every version of every level."""
    return await asyncio.to_thread(call.services.level_models.all)


async def upload(call: Call) -> LevelModel:
    """Receive a mesh file and store it as the level's newest version."""
    models = call.services.level_models
    async with received(call.request, models.levels_dir) as form:
        axes = form.fields.get("mesh_axes")
        if axes is not None and axes not in get_args(Axes):
            raise Refused(400, "invalid_body", f"mesh_axes must be one of {', '.join(get_args(Axes))}.")
        return await models.store(
            form,
            app_id=form.fields.get("app_id", ""),
            level_name=form.fields.get("level_name", ""),
            mesh_axes=axes,  # type: ignore[arg-type]  # checked just above
            is_waited_for=call.is_waited_for,
        )


async def change(call: Call) -> LevelModel:
    """Change axes, or which version is active."""
    return await call.services.level_models.change(call.path[0], await call.body(LevelModelChanges))


async def delete(call: Call) -> None:
    """Forget a version."""
    await call.services.level_models.delete(call.path[0])


async def mesh(call: Call) -> Mesh:
    """A version's triangles."""
    return await call.services.level_models.mesh(call.path[0])
