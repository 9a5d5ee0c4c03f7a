"""The way of every player API request: route, Host and Origin, key, tier, then its handler."""

from typing import Final

from aiohttp import hdrs, web

from console.players.values import InvalidValue
from console.server.admission import Admission
from console.server.body import BodyReader
from console.server.errors import ApiError, refused_for_now
from console.server.exchange import AnswerHeads, Exchange, preflight_response
from console.server.player_api.call import Call, refusal_of
from console.server.player_api.routes import PREFIX, PlayerRoute, likely_path
from console.server.player_api.tiers import Tiers
from console.server.routing import BadPath, RouteTable
from console.storage.journal import JournalError
from console.storage.sqlite_projection import ProjectionError

_PREFLIGHT_HEADERS: Final = "content-type, content-encoding, x-api-key, idempotency-key, last-event-id"
_RETRY_AFTER_SECS: Final = 5
_ROOT_HINT: Final = "GET /docs lists the routes"


class PlayerApi:
    """Finds the handler of a request and makes every check that comes before it."""

    def __init__(
        self, table: RouteTable[PlayerRoute], *, admission: Admission, bodies: BodyReader, tiers: Tiers
    ) -> None:
        self._table = table
        self._admission = admission
        self._bodies = bodies
        self._tiers = tiers
        self._heads = AnswerHeads()

    async def handle(self, exchange: Exchange, raw_path: str) -> web.StreamResponse:
        """Answer one request; `raw_path` is the normal form of its path as sent. Raises ApiError to refuse."""
        request = exchange.request
        headers = request.headers
        admission = self._admission
        exchange.pattern = "(unknown)"
        admission.check_host(headers, request.raw_path)
        try:
            found = self._table.find(raw_path)
        except BadPath as error:
            admission.check_rate(request.remote)
            raise ApiError(400, "invalid_value", str(error)) from error
        if found is None:
            admission.check_origin(request.method, headers)
            admission.check_rate(request.remote)
            raise self._unknown(exchange.route, raw_path)
        route, values = found
        exchange.pattern = route.pattern
        operation = route.operation(request.method)
        if operation is None:
            if request.method == "OPTIONS" and route.page_methods:
                return self._preflight(exchange, route)
            admission.check_origin(request.method, headers)
            admission.check_rate(request.remote)
            raise ApiError(
                405,
                "method_not_allowed",
                f"{exchange.route[:100]} does not answer {request.method}: use {' or '.join(route.methods)}.",
                headers={hdrs.ALLOW: route.allow},
            )
        exchange.allowed_origin = admission.check_origin(request.method, headers, ingestion=operation.open_to_pages)
        grant = exchange.grant = admission.player_grant(headers, exchange.received_at_us, request.remote)
        if operation.key == "secret" and grant.kind != "secret":
            exchange.headers = self._tiers.headers(grant.key_id, grant.tier)
            raise ApiError(
                403,
                "forbidden",
                "This route needs the application's secret key (sk_…): the public key in X-API-Key may register "
                "players, track events and evaluate flags and segments.",
            )
        if grant.tier != "enterprise":
            self._take(exchange, operation.events)
        try:
            return await operation.handler(
                Call(exchange, grant, values, bodies=self._bodies, tiers=self._tiers, heads=self._heads)
            )
        except InvalidValue as error:
            raise refusal_of(error) from error
        except (ProjectionError, JournalError) as error:
            raise refused_for_now(503, "storage_unavailable", str(error), _RETRY_AFTER_SECS) from error

    def _take(self, exchange: Exchange, events: int) -> None:
        grant = exchange.grant
        assert grant is not None
        try:
            self._tiers.take_request(grant.key_id, grant.tier)
            if events:
                self._tiers.take_events(grant.key_id, grant.tier, events)
        finally:
            exchange.headers = self._tiers.headers(grant.key_id, grant.tier)

    def _preflight(self, exchange: Exchange, route: PlayerRoute) -> web.StreamResponse:
        headers = exchange.request.headers
        exchange.allowed_origin = self._admission.check_origin("OPTIONS", headers, ingestion=True)
        return preflight_response(exchange, route.page_methods, _PREFLIGHT_HEADERS, route.allow)

    def _unknown(self, path: str, raw_path: str) -> ApiError:
        likely = likely_path(raw_path, self._table)  # what is told can be sent as it stands
        hint = f"did you mean {likely[:200]}?" if likely else f"{_ROOT_HINT}."
        return ApiError(404, "not_found", f"There is no route {path[:100]}: {hint}")


def is_player_path(path: str) -> bool:
    """Whether a path is the player API's, whatever stands behind it."""
    return path == PREFIX or path.startswith(PREFIX + "/")
