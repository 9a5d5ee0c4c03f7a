"""Puts the APIs together: one aiohttp application for every listener."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from console.server.admission import Admission
from console.server.body import BodyReader
from console.server.connection import CONNECTION_OPTIONS
from console.server.console_api import ConsoleApi
from console.server.fault_injection import FaultInjection
from console.server.gate import Gate, Route
from console.server.metrics import ApiMetrics
from console.server.models_api import ModelsApi
from console.server.pages import Pages
from console.server.player_api.api import PlayerApi
from console.server.player_api.events import EventsApi
from console.server.player_api.flags import FlagsApi
from console.server.player_api.players import PlayersApi
from console.server.player_api.routes import PlayerRoute, table_of
from console.server.player_api.segments import SegmentsApi
from console.server.player_api.stream import StreamApi
from console.server.player_api.tiers import Tiers
from console.server.routing import RouteTable
from console.server.services import Services
from console.server.telemetry_api import INGESTION_ROUTES, TelemetryApi

SERVICES: web.AppKey[Services] = web.AppKey("services", Services)
GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)


def make_application(services: Services) -> web.Application:
    """The application for every listener. Its one middleware is the gate, which answers all requests."""
    gate = make_gate(services)
    application = web.Application(middlewares=[_as_middleware(gate)], handler_args=CONNECTION_OPTIONS)
    application[SERVICES] = services
    application[GATE] = gate
    return application


def make_gate(services: Services) -> Gate:
    """Every documented route, with its handler."""
    metrics = ApiMetrics()
    admission = Admission(services.settings, services.catalog)
    bodies = BodyReader()
    telemetry = TelemetryApi(
        admission=admission,
        pipeline=services.pipeline,
        exports=services.exports,
        bodies=bodies,
        metrics=metrics,
    )
    models = ModelsApi(admission=admission, catalog=services.catalog, level_models=services.level_models)
    pages = Pages(
        status=services.status.current,
        metrics=metrics,
        feed_readers=lambda: services.feed.subscribers,
        waiting=lambda: services.journal.pending,
    )
    routes = [
        *(Route(pattern=path, methods={"POST": telemetry.ingest}, ingestion=True) for path in INGESTION_ROUTES),
        Route(pattern="/api/models", methods={"POST": models.upload}),
        Route(pattern="/api/export", methods={"POST": telemetry.start_export}),
        Route(pattern="/api/export/{id}", methods={"GET": telemetry.export_state}, prefix=True),
        Route(pattern="/api/sql/select", methods={"POST": telemetry.select}),
        *(
            Route(pattern=path, methods={"GET": handler}, listed=False, limited=False)
            for path, handler in {
                "/": pages.home,
                "/healthz": pages.health,
                "/readyz": pages.ready,
                "/metrics": pages.prometheus,
                "/openapi.json": pages.openapi,
                "/docs": pages.docs,
                "/docs/style.css": pages.docs_style,
                "/docs/try.js": pages.docs_script,
            }.items()
        ),
    ]
    return Gate(
        routes,
        ingest=telemetry.ingest,
        players=PlayerApi(player_routes(services), admission=admission, bodies=bodies, tiers=Tiers()),
        faults=FaultInjection(services.faults, keys=services.catalog, admission=admission, pipeline=services.pipeline),
        console=ConsoleApi(services).handle,
        admission=admission,
        pipeline=services.pipeline,
        metrics=metrics,
        clock=services.clock,
    )


def player_routes(services: Services) -> RouteTable[PlayerRoute]:
    """Every route of the player API, with the class that answers it."""
    players, profiles = services.players, services.profiles
    return table_of(
        PlayersApi(players=players, profiles=profiles).routes(),
        EventsApi(players).routes(),
        FlagsApi(flags=services.flags, players=players).routes(),
        SegmentsApi(flags=services.flags, players=players).routes(),
        StreamApi(services.stream, services.pipeline).routes(),
    )


def _as_middleware(gate: Gate) -> Middleware:
    @web.middleware
    async def pass_gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await gate.handle(request)

    return pass_gate
