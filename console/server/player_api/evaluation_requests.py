"""What flags and segments have in common over HTTP: whom they are evaluated for, what is explained, what is refused."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web
from msgspec import Struct, to_builtins

from console.players.definitions import Check, InvalidDefinition
from console.players.profiles import Profile
from console.players.values import player_uuid
from console.server.errors import ApiError
from console.server.player_api.call import Call
from console.server.player_api.routes import Handler
from console.server.players import PlayerService
from console.storage.catalog import CatalogError

# What a public key, which every player holds, is not shown of a player (nor of the players a condition names): it
# could not ask for it elsewhere either.
_HIDDEN_FIELDS = frozenset({"email", "churn_risk"})

_CATALOG_STATUS = {"not_found": 404, "storage_unavailable": 503, "too_many": 400}


class Subject(Struct, frozen=True, kw_only=True):
    """The body of an evaluation."""

    player_id: Any


def subject(call: Call, players: PlayerService, player_id: object) -> Profile:
    """The player, of the key's application. Raises InvalidValue for what is no id, ApiError 404 for an unknown one."""
    return players.profile(call.app_id, player_uuid(player_id))


def author(call: Call) -> str:
    """Who changes a definition, for its history: the key by its label."""
    return call.grant.label or "a secret key without a label"


def shown_checks(checks: Iterable[Check], *, to_secret_key: bool) -> list[dict[str, Any]]:
    """Comparisons as they are answered; what only a secret key may see of a player is left out for others."""
    return [
        _without_values(check) if check.field in _HIDDEN_FIELDS and not to_secret_key else to_builtins(check)
        for check in checks
    ]


def _without_values(check: Check) -> dict[str, Any]:
    return {
        "what": check.what,
        "path": check.path,
        "passed": check.passed,
        "text": f"{check.field} is shown to secret keys only",
        "field": check.field,
        "operator": check.operator,
    }


def refusing(handler: Handler) -> Handler:
    """The handler, with what the catalog and the definitions refuse as answers of the player API."""

    async def answer(call: Call) -> web.StreamResponse:
        try:
            return await handler(call)
        except InvalidDefinition as error:
            path = "$.id" if error.path == "$.segment_id" else error.path  # as the wire calls it
            raise ApiError(400, "invalid_definition", f"{path}: {error.message}") from error
        except CatalogError as error:
            raise ApiError(_CATALOG_STATUS.get(error.code, 409), error.code, error.message) from error

    return answer
