"""Feature flags over HTTP: what a player gets of them, and their definitions for tools."""

from typing import Any

from aiohttp import web
from msgspec import Struct, to_builtins

from console.players.definitions import Explanation, Flag, UnknownFlag
from console.server.flags import FlagService
from console.server.player_api.call import Call, invalid, not_found, reply
from console.server.player_api.definition_bodies import FlagBody, OverrideBody, flag_body, override_body, patched
from console.server.player_api.evaluation_requests import Subject, author, refusing, shown_checks, subject
from console.server.player_api.routes import Operation, public, secret
from console.server.players import PlayerService

MAX_REQUESTED_FLAGS = 500


class EvaluateFlags(Struct, frozen=True, kw_only=True):
    """Whom flags are evaluated for, and which; without any, all of them."""

    player_id: Any
    requested_flags: list[str] | None = None


class FlagsApi:
    """Handlers of `/v1/flags`. An evaluation changes nothing: it follows from player, definitions and time."""

    def __init__(self, *, flags: FlagService, players: PlayerService) -> None:
        self._flags = flags
        self._players = players

    def routes(self) -> dict[str, dict[str, Operation]]:
        """Patterns below `/v1`."""
        return {
            "/flags/flags": {"GET": secret(refusing(self.list_all)), "POST": secret(refusing(self.create))},
            "/flags/flags/evaluate": {"POST": public(refusing(self.evaluate_many))},
            "/flags/flags/{key}": {
                "GET": secret(refusing(self.get)),
                "PUT": secret(refusing(self.replace)),
                "PATCH": secret(refusing(self.patch)),
                "DELETE": secret(refusing(self.delete)),
            },
            "/flags/flags/{key}/evaluate": {"POST": public(refusing(self.evaluate))},
            "/flags/flags/{key}/overrides": {"GET": secret(refusing(self.overrides))},
            "/flags/flags/{key}/overrides/{player_id}": {
                "GET": secret(refusing(self.override)),
                "PUT": secret(refusing(self.set_override)),
                "DELETE": secret(refusing(self.clear_override)),
            },
        }

    # evaluation

    async def evaluate(self, call: Call) -> web.Response:
        """What one player gets of one flag; with `?explain=1` also everything that was compared."""
        request = await call.body(Subject)
        profile = subject(call, self._players, request.player_id)
        definitions = await self._flags.definitions(call.app_id)
        key, window = call.values["key"], call.grant.churn_window
        try:
            if call.switch("explain"):
                return reply(call, _explained(definitions.explain(key, profile, call.now_us, window), call))
            return reply(call, definitions.evaluate(key, profile, call.now_us, window))
        except UnknownFlag:
            raise not_found(f"There is no flag {key[:100]!r}.") from None

    async def evaluate_many(self, call: Call) -> web.Response:
        """What one player gets of every flag, or of those requested; an unknown one is an error at its key."""
        request = await call.body(EvaluateFlags)
        requested = request.requested_flags
        if requested is not None and len(requested) > MAX_REQUESTED_FLAGS:
            raise invalid(f"at most {MAX_REQUESTED_FLAGS} flags at once, not {len(requested):,}", "$.requested_flags")
        profile = subject(call, self._players, request.player_id)
        definitions = await self._flags.definitions(call.app_id)
        window = call.grant.churn_window
        evaluations = definitions.evaluate_all(profile, call.now_us, window, requested)
        answers: dict[str, Any] = dict(evaluations)
        if call.switch("explain"):
            answers = {
                key: _explained(definitions.explain(key, profile, call.now_us, window), call) for key in evaluations
            }
        for key in requested or ():
            if key not in answers:
                answers[key] = {
                    "flag_key": key,
                    "error": {"code": "NOT_FOUND", "message": f"There is no flag {key[:100]!r}."},
                }
        return reply(call, {"player_id": profile.player_id, "flags": answers})

    # definitions

    async def list_all(self, call: Call) -> web.Response:
        """Every flag, by key."""
        return reply(call, {"flags": [flag_body(flag) for flag in await self._flags.flags(call.app_id)]})

    async def get(self, call: Call) -> web.Response:
        """One flag."""
        return reply(call, flag_body(await self._flag(call)))

    async def create(self, call: Call) -> web.Response:
        """A new flag."""
        body = await call.body(FlagBody)
        saved = await self._flags.save_flag(call.app_id, body.flag(), replaces=None, by=author(call))
        return reply(call, flag_body(saved), 201)

    async def replace(self, call: Call) -> web.Response:
        """Another flag in place of one; with a `version`, only while that is the present one."""
        body = await call.body(FlagBody)
        return await self._save(call, await self._flag(call), body)

    async def patch(self, call: Call) -> web.Response:
        """A JSON merge patch of a flag."""
        patch = await call.body(dict[str, Any])
        present = await self._flag(call)
        return await self._save(call, present, patched(flag_body(present), patch, FlagBody))

    async def delete(self, call: Call) -> web.Response:
        """Forget a flag and its overrides."""
        key = call.values["key"]
        await self._flags.delete_flag(call.app_id, key, by=author(call))
        return reply(call, {"key": key, "deleted": True})

    # overrides

    async def overrides(self, call: Call) -> web.Response:
        """The flag's overrides, the newest first."""
        flag = await self._flag(call)
        known = await self._flags.overrides(call.app_id)
        return reply(call, {"overrides": [override_body(o) for o in known if o.flag_key == flag.key]})

    async def override(self, call: Call) -> web.Response:
        """One player's override."""
        flag, player_id = await self._flag(call), call.player_id()
        for override in await self._flags.overrides(call.app_id):
            if (override.flag_key, override.player_id) == (flag.key, player_id):
                return reply(call, override_body(override))
        raise not_found(f"The player {player_id} has no override of the flag {flag.key!r}.")

    async def set_override(self, call: Call) -> web.Response:
        """Give one player a value, whatever the flag says else."""
        body = await call.body(OverrideBody)
        profile = subject(call, self._players, call.values["player_id"])
        override = await self._flags.set_override(
            call.app_id, call.values["key"], profile.player_id, body.value, by=author(call)
        )
        return reply(call, override_body(override))

    async def clear_override(self, call: Call) -> web.Response:
        """Let one player have what everybody has."""
        key, player_id = call.values["key"], call.player_id()
        await self._flags.clear_override(call.app_id, key, player_id, by=author(call))
        return reply(call, {"flag_key": key, "player_id": player_id, "deleted": True})

    # ----------------------------------------------------------------------------------------------------------------

    async def _flag(self, call: Call) -> Flag:
        return await self._flags.flag(call.app_id, call.values["key"])

    async def _save(self, call: Call, present: Flag, body: FlagBody) -> web.Response:
        flag = body.flag()
        if flag.key != present.key:
            raise invalid(f"is {flag.key[:100]!r}, but a flag keeps its key {present.key!r}: create another", "$.key")
        replaces = present.version if body.version is None else body.version
        saved = await self._flags.save_flag(call.app_id, flag, replaces=replaces, by=author(call))
        return reply(call, flag_body(saved))


def _explained(explanation: Explanation, call: Call) -> dict[str, Any]:
    """The evaluation with its checks, and each rule's."""
    rules = [
        {
            "rule_id": rule.rule_id,
            "index": rule.index,
            "passed": rule.passed,
            "reached": rule.reached,
            "checks": shown_checks(rule.checks, to_secret_key=call.is_secret),
        }
        for rule in explanation.rules
    ]
    checks = shown_checks(explanation.checks, to_secret_key=call.is_secret)
    return {**to_builtins(explanation.evaluation), "explanation": {"checks": checks, "rules": rules}}
