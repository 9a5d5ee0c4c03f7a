"""The contract of both APIs as one OpenAPI 3.1 document."""

from typing import Final

from console.server.contract.definition_paths import definition_paths
from console.server.contract.definition_schemas import DEFINITION_SCHEMAS
from console.server.contract.operations import HEADERS
from console.server.contract.parts import Json
from console.server.contract.player_paths import player_paths
from console.server.contract.player_schemas import PLAYER_SCHEMAS
from console.server.contract.telemetry_paths import error_schema, telemetry_paths
from console.server.contract.telemetry_schemas import TELEMETRY_SCHEMAS
from console.version import program_version

_DESCRIPTION: Final = (
    "Two APIs with one set of keys, on both ports. Bodies of the telemetry API are MessagePack, those of the player "
    "API JSON; either may be compressed with gzip or deflate. Checks run in this order, and the first that fails "
    "answers: rate limit (429), key (401, 403), content type (415), size (413), decoding and schema (400), application "
    "(403); the player API looks at the key first. What is acknowledged is on disk. A telemetry batch is stored whole "
    "or not at all; of a player API batch the good events are."
)


def openapi_document() -> Json:
    """The whole document. Every call makes a new one."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Playtest Console",
            "version": program_version(),
            "summary": "Telemetry, players, events, flags and segments of a playtest.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://localhost:4000"}, {"url": "http://localhost:18000"}],
        "tags": [
            {"name": "telemetry", "description": "What game clients call, with a public key: MessagePack."},
            {"name": "tools", "description": "What build pipelines and scripts call, mostly with a secret key."},
            {"name": "players", "description": "Who plays: profiles, sessions, purchases, lifecycle. JSON."},
            {"name": "events", "description": "What players do, recorded and streamed. JSON."},
            {"name": "flags", "description": "Feature flags: what a player gets, and why. JSON."},
            {"name": "segments", "description": "Groups of players by condition. JSON."},
            {"name": "operation", "description": "Health and metrics, without a key."},
        ],
        "paths": {**telemetry_paths(), **player_paths(), **definition_paths()},
        "components": {
            "securitySchemes": _SECURITY,
            "headers": HEADERS,
            "schemas": {**TELEMETRY_SCHEMAS, **PLAYER_SCHEMAS, **DEFINITION_SCHEMAS, "Error": error_schema()},
        },
    }


def _header(name: str, description: str) -> Json:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}


_SECURITY: Final[Json] = {
    "publicToken": _header("x-public-token", "The application's public key, `pk_live_…` or `pk_test_…`."),
    "legacyPublicToken": _header("x-api-key", "For older clients: the public key. New clients use x-public-token."),
    "secretKey": _header("x-api-key", "The application's secret key, `sk_live_…` or `sk_test_…`."),
    "bearerSecret": {"type": "http", "scheme": "bearer", "description": "The secret key."},
    "apiKey": _header("X-API-Key", "The application's public key; a secret one does as well."),
    "secretApiKey": _header("X-API-Key", "The application's secret key, `sk_live_…` or `sk_test_…`."),
}
