"""Players, as the window lists, shows and edits them."""

import asyncio
from typing import get_args

import msgspec

from console.messages.players import PlayerChanges, PlayerDetail, PlayerPage, PlayerSort, SegmentName
from console.players.churn_risk import churn_risk
from console.players.definitions import ChurnWindow
from console.players.json_bodies import decode_json
from console.players.lifecycle import lifecycle
from console.players.profiles import Profile
from console.server.console_api.call import Call, Refused
from console.server.player_api.bodies import UpdateBody, patch_of
from console.server.player_questions import PageQuestion
from console.server.player_sources import PersonGrant, Source
from console.server.services import Services
from console.storage.player_order import JUDGED_SORTS

MAX_PAGE = 1_000
_MAX_SEARCH_CHARS = 256
_LAST_INSTANT_US = 253_402_300_799_000_000  # the end of the year 9999: beyond it there are no dates


async def page(call: Call) -> PlayerPage:
    """Some of an application's players, of either API."""
    app_id = call.path[0]
    window = await churn_window(call, app_id)
    question = PageQuestion(
        app_id=app_id,
        search=(call.text("search") or "")[:_MAX_SEARCH_CHARS],
        sort=_sort(call),
        descending=call.flag("descending"),
        limit=call.count("limit", 200, most=MAX_PAGE),
        offset=call.number("offset") or 0,
        now_us=instant(call),
        window=window,
    )
    if question.sort in JUDGED_SORTS:
        page = await call.services.player_questions.ask(question, is_waited_for=call.is_waited_for)
        assert isinstance(page, PlayerPage)
        return page
    return await asyncio.to_thread(_listed, call.services, question)


def _listed(services: Services, question: PageQuestion) -> PlayerPage:
    asked = msgspec.structs.asdict(question)
    listed = services.profiles.page(asked.pop("app_id"), **asked)
    services.player_questions.expect(question.app_id)
    return listed


async def detail(call: Call) -> PlayerDetail:
    """One player, whole, at an instant."""
    profile = profile_of(call, call.path[0])
    return await _detail(call, profile)


async def change(call: Call) -> PlayerDetail:
    """Edit a player by hand: journaled like a client's request."""
    body = msgspec.json.encode(await call.body(PlayerChanges))  # journaled as what the player API would be sent
    profile = profile_of(call, call.path[0])
    source = Source(
        request=call.request,
        received_at_us=call.services.clock() // 1000,
        route=call.request.path,
        grant=PersonGrant(app_id=profile.app_id, churn_window=await churn_window(call, profile.app_id)),
        body=body,
        wire_bytes=len(body),
    )
    await call.services.players.update(source, profile.player_id, patch_of(decode_json(body, UpdateBody)))
    return await _detail(call, profile_of(call, profile.player_id))


async def _detail(call: Call, profile: Profile) -> PlayerDetail:
    services, now_us = call.services, instant(call)
    window = await churn_window(call, profile.app_id)
    definitions = await services.flags.definitions(profile.app_id)
    sessions, purchases = await asyncio.to_thread(
        lambda: (services.profiles.sessions(profile.player_id), services.profiles.purchases(profile.player_id))
    )
    return PlayerDetail(
        profile=profile,
        lifecycle=lifecycle(profile, now_us, window),
        churn_risk=churn_risk(profile, now_us, window),
        sessions=sessions,
        purchases=purchases,
        segments=[
            SegmentName(segment_id=segment.segment_id, name=segment.name)
            for segment in definitions.segments_of(profile, now_us, window)
        ],
        flags=list(definitions.evaluate_all(profile, now_us, window).values()),
        overrides=[o for o in await services.flags.overrides(profile.app_id) if o.player_id == profile.player_id],
    )


def profile_of(call: Call, player_id: str, app_id: str | None = None) -> Profile:
    """A known player, of this application where one is named. Raises Refused."""
    profile = call.services.profiles.profile(player_id)
    if profile is None or app_id not in (None, profile.app_id):
        raise Refused(404, "not_found", f"There is no player with the id {player_id[:100]}.")
    return profile


async def churn_window(call: Call, app_id: str) -> ChurnWindow:
    """The application's. Raises CatalogError `not_found`."""
    return (await asyncio.to_thread(call.services.catalog.application, app_id)).churn_window


def instant(call: Call) -> int:
    """The instant that is asked about, or now; µs since 1970-01-01 UTC. Raises Refused."""
    return instant_or_now(call, call.number("now_us"))


def instant_or_now(call: Call, asked_us: int | None) -> int:
    """An instant of the body, within what a date can say, or now; µs since 1970-01-01 UTC."""
    return call.services.clock() // 1000 if asked_us is None else max(0, min(asked_us, _LAST_INSTANT_US))


def _sort(call: Call) -> PlayerSort:
    name = call.text("sort") or "last_seen"
    if name not in get_args(PlayerSort):
        raise Refused(400, "invalid_parameter", f"sort must be one of {', '.join(get_args(PlayerSort))}.")
    return name  # type: ignore[return-value]  # checked just above
