"""The telemetry API: what games and their tools call."""

from collections.abc import Sequence
from typing import Final

import msgspec
from aiohttp import HttpVersion11, hdrs, web

from console.messages import ErrorDetail, StartExport
from console.server.admission import Admission, Grant
from console.server.body import BodyReader, announced_bytes, content_coding, decompressed, read_arrived, too_large
from console.server.errors import MAX_DETAILS, ApiError
from console.server.exchange import Exchange, QueuedResponse, json_response
from console.server.exports import ExportRefused, ExportService, UnknownExport
from console.server.metrics import ApiMetrics
from console.server.pipeline import Pipeline
from console.server.slow_decoding import SlowDecoder
from console.storage.journal import ACCEPTED_RESPONSE
from console.telemetry.decoding import decode_events
from console.telemetry.events import MAX_BODY_BYTES
from console.telemetry.large_bodies import NEVER_EXCESSIVE_BYTES
from console.telemetry.problems import NeedsDiagnosis, NeedsTime

INGESTION_ROUTES: Final = ("/api/events", "/api/player", "/api/funnel", "/api/realtime")

_MEDIA_TYPES: Final = frozenset(
    {"application/msgpack", "application/x-msgpack", "application/vnd.msgpack", "application/octet-stream"}
)
# Bodies up to these sizes are decoded on the loop, within some ten milliseconds whatever they hold. The smaller limit
# is for what takes a look at every value.
_DECODED_INLINE_BYTES: Final = NEVER_EXCESSIVE_BYTES
_LOOKED_AT_INLINE_BYTES: Final = 8 * 1024


class TelemetryApi:
    """Handlers take an Exchange that passed Host, Origin and rate limit; they raise ApiError to refuse."""

    def __init__(
        self,
        *,
        admission: Admission,
        pipeline: Pipeline,
        exports: ExportService,
        bodies: BodyReader,
        metrics: ApiMetrics,
    ) -> None:
        self._admission = admission
        self._pipeline = pipeline
        self._exports = exports
        self._bodies = bodies
        self._metrics = metrics
        self._slow_decoder = SlowDecoder()
        self._queued = QueuedResponse()

    async def ingest(self, exchange: Exchange) -> web.StreamResponse:
        """`POST /api/events` and its aliases: one event or a batch, stored whole or not at all.

        The answer is sent after the bytes are on disk.
        """
        request = exchange.request
        grant = exchange.grant = self._admission.ingestion_grant(request.headers, exchange.received_at_us)
        if request.headers.get(hdrs.CONTENT_TYPE) != "application/msgpack":
            check_media_type(request)
        content = request.content
        if content.is_eof() and hdrs.CONTENT_ENCODING not in request.headers:
            body = read_arrived(request)
            exchange.wire_bytes = len(body)
        else:
            body = await self._read(exchange)
        exchange.body = body
        try:
            if len(body) > _DECODED_INLINE_BYTES:
                raise NeedsTime
            batch = decode_events(body, in_haste=len(body) > _LOOKED_AT_INLINE_BYTES)
        except NeedsTime:
            app_ids = await self._slow_decoder.app_ids(body)
            check_scope(app_ids, grant, body)
            events = len(app_ids)
        except NeedsDiagnosis:
            raise await self._slow_decoder.refusal(body) from None
        else:
            if batch.app_ids != {grant.app_id}:
                check_scope([event.app_id for event in batch.events], grant, body)
            events = len(batch.events)
            del batch  # a hundred waiting batches would push each other out of the processor's cache
        await self._pipeline.accept(
            request,
            received_at_us=exchange.received_at_us,
            route=exchange.route,
            grant=grant,
            body=body,
            wire_bytes=exchange.wire_bytes,
            events=events,
        )
        self._metrics.accepted(events, exchange.wire_bytes)
        if exchange.allowed_origin is None and request.version is HttpVersion11 and request.keep_alive:
            return self._queued.at(exchange.received_at_us)
        return json_response(exchange, 200, ACCEPTED_RESPONSE)

    async def _read(self, exchange: Exchange) -> bytes:
        """The body of a request that is compressed or has not arrived whole."""
        request = exchange.request
        coding = content_coding(request)
        if announced_bytes(request) > MAX_BODY_BYTES:
            raise too_large(MAX_BODY_BYTES)
        exchange.invite_body()
        wire = await self._bodies.read(request)
        exchange.wire_bytes = len(wire)
        if not coding:
            return wire
        exchange.body = wire  # what a broken body looked like, if it cannot be decompressed
        return await decompressed(wire, coding)

    async def start_export(self, exchange: Exchange) -> web.StreamResponse:
        """`POST /api/export`: begin a background export of everything recorded, or name the one that runs."""
        try:
            export = self._exports.start(StartExport())
        except ExportRefused as error:
            raise ApiError(503, "storage_unavailable", str(error), headers={hdrs.RETRY_AFTER: "5"}) from error
        return json_response(exchange, 200, msgspec.json.encode({"status": "queued", "export_id": export.export_id}))

    async def export_state(self, exchange: Exchange) -> web.StreamResponse:
        """`GET /api/export/{id}`: how far an export is."""
        exchange.grant = self._admission.secret_grant(exchange.request.headers, exchange.received_at_us)
        export_id = exchange.route.rpartition("/")[2]
        try:
            export = self._exports.get(export_id)
        except UnknownExport as error:
            raise ApiError(
                404, "not_found", "There is no export with this id: ids are forgotten when the server stops."
            ) from error
        return json_response(exchange, 200, msgspec.json.encode(export))

    async def select(self, exchange: Exchange) -> web.StreamResponse:
        """`POST /api/sql/select`: switched off by design."""
        exchange.grant = self._admission.secret_grant(exchange.request.headers, exchange.received_at_us)
        raise ApiError(
            501, "sql_unavailable", "SQL is switched off by design: export the events, or look at them in the console."
        )


def check_media_type(request: web.Request) -> None:
    """MessagePack by any of its names, unnamed bytes, or no type at all. Raises ApiError 415."""
    text = request.headers.get(hdrs.CONTENT_TYPE, "")
    media_type = text.partition(";")[0].strip().lower()
    if media_type and media_type not in _MEDIA_TYPES:
        hint = "JSON is not accepted: encode with MessagePack" if "json" in media_type else "encode with MessagePack"
        raise ApiError(
            415,
            "unsupported_media_type",
            f"The content type {media_type[:100]!r} is not accepted; {hint} and send application/msgpack.",
        )


def check_scope(app_ids: Sequence[str], grant: Grant, body: bytes) -> None:
    """Every event must be of the key's application; UUIDs are compared without regard to case. Raises ApiError 403."""
    own = grant.app_id.lower()
    foreign = [(index, app_id) for index, app_id in enumerate(app_ids) if app_id.lower() != own]
    if not foreign:
        return
    is_array = body[0] & 0xF0 == 0x90 or body[0] in (0xDC, 0xDD)  # MessagePack's three array headers
    raise ApiError(
        403,
        "app_scope_mismatch",
        f"{len(foreign)} of {len(app_ids)} events {'is' if len(foreign) == 1 else 'are'} of another application "
        "than the key: nothing was stored.",
        details=[
            ErrorDetail(
                index=index,
                path=f"$[{index}].app_id" if is_array else "$.app_id",
                message=f"app_id {app_id!r} is not the key's application",
                hint=f"send app_id {grant.app_id}, or use the key of that application",
            )
            for index, app_id in foreign[:MAX_DETAILS]
        ],
    )
