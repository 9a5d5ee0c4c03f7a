"""Flags, segments and overrides, as the window shows and edits them."""

import asyncio

from console.messages.players import (
    DefinitionChange,
    FlagPreview,
    PreviewFlag,
    PreviewSegment,
    SaveFlag,
    SaveSegment,
    SegmentPreview,
    SetOverride,
)
from console.players.definitions import Explanation, Flag, Override, Segment, UnknownFlag
from console.server.console_api.call import Call, Refused
from console.server.console_api.players import churn_window, instant, instant_or_now, profile_of
from console.server.previews import FlagQuestion, SegmentQuestion

_MAX_HISTORY = 1_000
_BY = "window"


async def flags(call: Call) -> list[Flag]:
    """An application's flags, by key."""
    return await call.services.flags.flags(call.path[0])


async def save_flag(call: Call) -> Flag:
    """A new flag, or one in place of a version."""
    request = await call.body(SaveFlag)
    await _known_application(call)
    return await call.services.flags.save_flag(call.path[0], request.flag, replaces=request.replaces, by=_BY)


async def delete_flag(call: Call) -> None:
    """Forget a flag and its overrides."""
    app_id, key = call.path
    await call.services.flags.delete_flag(app_id, key, by=_BY)


async def preview_flag(call: Call) -> FlagPreview:
    """What every known player would get."""
    request, app_id = await call.body(PreviewFlag), call.path[0]
    service = call.services.flags
    await service.check_flag(app_id, request.flag)
    question = FlagQuestion(
        app_id=app_id,
        flag=request.flag,
        flags=await service.flags(app_id),
        segments=await service.segments(app_id),
        overrides=await service.overrides(app_id),
        now_us=instant_or_now(call, request.now_us),
        window=await churn_window(call, app_id),
    )
    preview = await call.services.player_questions.ask(question, is_waited_for=call.is_waited_for)
    assert isinstance(preview, FlagPreview)
    return preview


async def explain_flag(call: Call) -> Explanation:
    """Why a player gets the value of a flag."""
    app_id, key, player_id = call.path
    profile = profile_of(call, player_id, app_id)
    definitions = await call.services.flags.definitions(app_id)
    try:
        return definitions.explain(key, profile, instant(call), await churn_window(call, app_id))
    except UnknownFlag:
        raise Refused(404, "not_found", f"There is no flag {key[:100]!r}.") from None


async def overrides(call: Call) -> list[Override]:
    """Every override of an application."""
    return await call.services.flags.overrides(call.path[0])


async def set_override(call: Call) -> None:
    """Give one player a value of a flag."""
    app_id, key, player_id = call.path
    request = await call.body(SetOverride)
    profile_of(call, player_id, app_id)
    await call.services.flags.set_override(app_id, key, player_id, request.value, by=_BY)


async def clear_override(call: Call) -> None:
    """Let one player have what everybody has."""
    app_id, key, player_id = call.path
    await call.services.flags.clear_override(app_id, key, player_id, by=_BY)


async def clear_overrides(call: Call) -> int:
    """Forget every override, or those of one flag or player."""
    return await call.services.flags.clear_overrides(
        call.path[0], flag_key=call.text("flag_key") or "", player_id=call.text("player_id") or "", by=_BY
    )


async def history(call: Call) -> list[DefinitionChange]:
    """Who changed which flag or segment, the newest first."""
    limit = call.count("limit", 200, most=_MAX_HISTORY)
    return await call.services.flags.history(call.path[0], call.text("key") or "", limit)


async def segments(call: Call) -> list[Segment]:
    """An application's segments, by id."""
    await asyncio.to_thread(call.services.player_questions.expect, call.path[0])
    return await call.services.flags.segments(call.path[0])


async def save_segment(call: Call) -> Segment:
    """A new segment, or one in place of a version."""
    request = await call.body(SaveSegment)
    await _known_application(call)
    return await call.services.flags.save_segment(call.path[0], request.segment, replaces=request.replaces, by=_BY)


async def delete_segment(call: Call) -> None:
    """Forget a segment that no flag uses."""
    app_id, segment_id = call.path
    await call.services.flags.delete_segment(app_id, segment_id, by=_BY)


async def preview_segment(call: Call) -> SegmentPreview:
    """Who of the known players would be in it."""
    request, app_id = await call.body(PreviewSegment), call.path[0]
    await call.services.flags.check_conditions(request.conditions)
    question = SegmentQuestion(
        app_id=app_id,
        conditions=request.conditions,
        now_us=instant_or_now(call, request.now_us),
        window=await churn_window(call, app_id),
    )
    preview = await call.services.player_questions.ask(question, is_waited_for=call.is_waited_for)
    assert isinstance(preview, SegmentPreview)
    return preview


async def _known_application(call: Call) -> None:
    """Raises CatalogError `not_found`."""
    await asyncio.to_thread(call.services.catalog.application, call.path[0])
