"""Level models."""

import asyncio
import os
import struct
from typing import get_args

from aiohttp import hdrs, web

from console.messages import Axes, LevelModel, LevelModelChanges, Mesh, encode
from console.server.console_api.call import MEDIA_TYPE, Call, Refused
from console.server.uploads import received

_BINARY = struct.Struct(">BI")
_PIECE_BYTES = 512 * 1024


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


async def mesh(call: Call) -> Mesh | web.StreamResponse:
    """A version's triangles, sent from the disk piece by piece: whole they may be hundreds of megabytes."""
    models = call.services.level_models
    if call.wants_json():
        return await models.mesh(call.path[0])
    async with models.open_mesh(call.path[0]) as (model_id, vertices, faces):
        # The message as MessagePack: a map of three, two of them bin 32 (https://github.com/msgpack/msgpack/).
        sizes = [os.fstat(stream.fileno()).st_size for stream in (vertices, faces)]
        heads = [
            b"\x83" + encode("model_id") + encode(model_id) + encode("vertices") + _BINARY.pack(0xC6, sizes[0]),
            encode("faces") + _BINARY.pack(0xC6, sizes[1]),
        ]
        response = web.StreamResponse()
        response.content_type = MEDIA_TYPE
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        response.content_length = sum(sizes) + sum(map(len, heads))
        await response.prepare(call.request)
        for head, stream in zip(heads, (vertices, faces), strict=True):
            await response.write(head)
            while piece := await asyncio.to_thread(stream.read, _PIECE_BYTES):
                await response.write(piece)
        await response.write_eof()
        return response
