"""Finding the handler of a call, and one shape for whatever goes wrong."""

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import hdrs, web
from msgspec import json

from console.messages import ADMIN_HEADER, encode
from console.players.definitions import InvalidDefinition
from console.players.values import InvalidValue
from console.server.body import BodyReader
from console.server.console_api import (
    applications,
    counts,
    faults,
    filters,
    flags,
    funnels,
    history,
    integration,
    level_facts,
    levels,
    players,
    requests,
    resend,
    send_test_event,
    workspace,
)
from console.server.console_api.call import JSON, MEDIA_TYPE, Call, Refused
from console.server.errors import ApiError
from console.server.exports import ExportRefused, UnknownExport
from console.server.feed import FeedClosed
from console.server.level_models import ModelInvalid
from console.server.player_questions import NotWanted
from console.server.services import Services
from console.server.settings import SettingsInvalid
from console.server.uploads import UploadInvalid, UploadTooLarge
from console.storage.catalog import CatalogError
from console.storage.event_store import EventStoreError, InvalidQuery
from console.storage.journal import JournalError
from console.storage.named_queries import UnknownQuery
from console.storage.sqlite_projection import ProjectionError

log = logging.getLogger(__name__)

CONSOLE_PREFIX = "/console"

Handler = Callable[[Call], Awaitable[Any]]

# `*` stands for one segment, which the handler gets in Call.path.
_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/status", workspace.status),
    ("GET", "/feed", workspace.feed),
    ("POST", "/shutdown", workspace.shut_down),
    ("GET", "/requests", history.requests),
    ("GET", "/requests/found", filters.found_requests),
    ("GET", "/requests/*", history.request_detail),
    ("POST", "/request-details", requests.details),
    ("GET", "/failures", requests.failures),
    ("POST", "/failures/requests", requests.of_failure),
    ("GET", "/events", history.events),
    ("GET", "/events/count", filters.count),
    ("GET", "/events/values", filters.values),
    ("GET", "/mark", counts.mark),
    ("POST", "/mark", counts.set_mark),
    ("GET", "/counts", counts.counts),
    ("GET", "/bookmarks", filters.bookmarks),
    ("POST", "/bookmarks", filters.change_bookmarks),
    ("POST", "/query/*", history.query),
    ("GET", "/applications", applications.list_all),
    ("POST", "/applications", applications.create),
    ("PATCH", "/applications/*", applications.change),
    ("POST", "/applications/*/keys", applications.create_key),
    ("POST", "/applications/*/test-event", send_test_event.send),
    ("POST", "/applications/*/resend", resend.send),
    ("PATCH", "/keys/*", applications.label_key),
    ("POST", "/keys/*/revoke", applications.revoke_key),
    ("POST", "/keys/*/rotate", applications.rotate_key),
    ("GET", "/applications/*/players", players.page),
    ("GET", "/players/*", players.detail),
    ("PATCH", "/players/*", players.change),
    ("GET", "/applications/*/flags", flags.flags),
    ("POST", "/applications/*/flags", flags.save_flag),
    ("DELETE", "/applications/*/flags/*", flags.delete_flag),
    ("POST", "/applications/*/flag-preview", flags.preview_flag),
    ("GET", "/applications/*/flags/*/players/*", flags.explain_flag),
    ("PUT", "/applications/*/flags/*/players/*", flags.set_override),
    ("DELETE", "/applications/*/flags/*/players/*", flags.clear_override),
    ("GET", "/applications/*/overrides", flags.overrides),
    ("DELETE", "/applications/*/overrides", flags.clear_overrides),
    ("GET", "/applications/*/history", flags.history),
    ("GET", "/applications/*/segments", flags.segments),
    ("POST", "/applications/*/segments", flags.save_segment),
    ("DELETE", "/applications/*/segments/*", flags.delete_segment),
    ("POST", "/applications/*/segment-preview", flags.preview_segment),
    ("GET", "/applications/*/funnels", funnels.list_all),
    ("POST", "/applications/*/funnels", funnels.save),
    ("DELETE", "/applications/*/funnels/*", funnels.delete),
    ("GET", "/integrations", integration.report),
    ("DELETE", "/integrations", integration.forget),
    ("GET", "/level-facts", level_facts.list_all),
    ("POST", "/level-facts/names", level_facts.map_level),
    ("POST", "/level-facts/sessions", level_facts.assign),
    ("GET", "/level-models", levels.list_all),
    ("POST", "/level-models", levels.upload),
    ("PATCH", "/level-models/*", levels.change),
    ("DELETE", "/level-models/*", levels.delete),
    ("GET", "/level-models/*/mesh", levels.mesh),
    ("POST", "/exports", workspace.start_export),
    ("GET", "/exports/*", workspace.export),
    ("DELETE", "/exports/*", workspace.cancel_export),
    ("GET", "/settings", workspace.settings),
    ("PATCH", "/settings", workspace.change_settings),
    ("POST", "/verify", workspace.verify),
    ("GET", "/faults", faults.list_all),
    ("POST", "/faults", faults.add),
    ("DELETE", "/faults", faults.clear),
    ("DELETE", "/faults/*", faults.remove),
)

# Codes of the catalog that are not the caller's misspelling.
_CATALOG_STATUS = {
    "not_found": 404,
    "name_taken": 409,
    "app_id_taken": 409,
    "key_taken": 409,
    "changed_meanwhile": 409,
    "in_use": 409,
    "storage_unavailable": 503,
}


class ConsoleApi:
    """Answers every request below `/console`. Host and Origin were checked before."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._bodies = BodyReader()
        self._authorization = f"Bearer {services.workspace.admin_key()}".encode()
        self._routes: dict[tuple[str, ...], dict[str, Handler]] = {}
        for method, pattern, handler in _ROUTES:
            self._routes.setdefault(_segments(pattern), {})[method] = handler

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call. Never raises but for a caller that is gone, or a cancelled server."""
        try:
            self._check_key(request)
            handler, path = self._find(request)
            answer = await handler(Call(self._services, request, path, self._bodies))
        except ConnectionError:
            raise
        except Exception as error:
            refusal = _refusal_of(error)
            if refusal.status >= 500 and refusal.error.code == "internal_error":
                log.exception("%s %s failed", request.method, request.path)
            return _respond(request, refusal.status, refusal.error)
        return answer if isinstance(answer, web.StreamResponse) else _respond(request, 200, answer)

    def _check_key(self, request: web.Request) -> None:
        given = request.headers.get(ADMIN_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._authorization):
            raise Refused(
                401,
                "unauthorized",
                "The admin key is missing or wrong.",
                "It is in the file admin.key of the workspace.",
            )

    def _find(self, request: web.Request) -> tuple[Handler, tuple[str, ...]]:
        segments = _segments(request.path.removeprefix(CONSOLE_PREFIX))
        for pattern, methods in self._routes.items():
            if len(pattern) == len(segments) and all(p in ("*", s) for p, s in zip(pattern, segments, strict=True)):
                handler = methods.get(request.method)
                if handler is None:
                    raise Refused(405, "method_not_allowed", f"Use {' or '.join(methods)} here.")
                return handler, tuple(s for p, s in zip(pattern, segments, strict=True) if p == "*")
        raise Refused(
            404, "not_found", "The console API has no such route.", "Use a window and a server of one version."
        )


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _respond(request: web.Request, status: int, answer: Any) -> web.Response:
    """MessagePack, or JSON for a caller that asks for it: a script with curl, say. Bytes are Base64 there."""
    as_json = JSON in request.headers.get(hdrs.ACCEPT, "")
    body, media_type = (json.encode(answer), JSON) if as_json else (encode(answer), MEDIA_TYPE)
    response = web.Response(status=status, body=body, content_type=media_type)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    if status == 413:
        response.force_close()  # the rest of the body is not read
    return response


def _refusal_of(error: Exception) -> Refused:  # noqa: C901  # one line a kind of failure
    match error:
        case Refused():
            return error
        case CatalogError():
            return Refused(_CATALOG_STATUS.get(error.code, 400), error.code, error.message)
        case InvalidDefinition() | InvalidValue():
            code = "invalid_definition" if isinstance(error, InvalidDefinition) else "invalid_value"
            return Refused(400, code, _sentence(error.message), path=error.path)
        case UnknownQuery():
            return Refused(400, "unknown_query", str(error))
        case InvalidQuery():
            return Refused(400, "invalid_query", str(error))
        case SettingsInvalid():
            return Refused(400, "invalid_settings", str(error), error.hint)
        case ExportRefused():
            return Refused(400, "export_refused", str(error), error.hint)
        case UnknownExport():
            return Refused(404, "not_found", "There is no export with this id.", "A restart forgets finished exports.")
        case ModelInvalid():
            return Refused(400, "model_invalid", str(error))
        case UploadInvalid():
            return Refused(400, "invalid_body", str(error))
        case UploadTooLarge():
            return Refused(413, "payload_too_large", str(error))
        case FeedClosed():
            return Refused(503, "feed_closed", f"No feed can be had: {error}.")
        case ApiError():
            return Refused(error.status, error.code, error.message)
        case JournalError() | EventStoreError() | ProjectionError():
            return Refused(503, "storage_unavailable", str(error))
        case NotWanted():
            return Refused(503, "storage_unavailable", "The server is stopping.")
        case OSError():
            reason = error.strerror or str(error)
            return Refused(503, "storage_unavailable", f"The operating system refused: {reason}.")
        case _:
            return Refused(500, "internal_error", "The server failed on this call; its log says why.")


def _sentence(text: str) -> str:
    """What the domain says after a path, for people who are shown the place instead."""
    return text[:1].upper() + text[1:].rstrip(".") + "."
