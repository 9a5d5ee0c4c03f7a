"""First-event snippets, with the real address, key and application filled in."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from console.ui.widgets.snippets import LANGUAGES, snippet

_NOTES = {
    "Python": "Needs the packages requests and msgpack.",
    "JavaScript": "Save as hello.mjs and run it with Node.js 18 or newer. Needs no package.",
    "Unity": "Attach to any object. Needs the package MessagePack for C#.",
    "Unreal": "Needs the HTTP module in your Build.cs, and no plug-in.",
    "Godot": "For Godot 4. Attach to any node. Needs no plug-in.",
    "Godot 3": "For Godot 3. Attach to any node. Needs no plug-in.",
    "Go": "Needs nothing but the standard library.",
}


@dataclass(frozen=True)
class Endpoint:
    """Where a game sends to, and as which application. `token` is a public key."""

    address: str
    token: str
    app_id: str
    app_name: str = ""

    @property
    def events_url(self) -> str:
        return self.address.rstrip("/") + "/api/events"


@dataclass(frozen=True)
class Snippet:
    """A complete example for one language or engine. `note` says where to put it."""

    title: str
    note: str
    text: str


def first_event_snippets(endpoint: Endpoint) -> list[Snippet]:
    """One for each engine, and one for a terminal."""
    snippets = [
        Snippet(
            language,
            _NOTES.get(language, ""),
            snippet(language, url=endpoint.address.rstrip("/"), token=endpoint.token, app_id=endpoint.app_id),
        )
        for language in LANGUAGES
    ]
    return [*snippets, Snippet("curl", "For a terminal with bash. The bytes are one MessagePack map.", _curl(endpoint))]


def _curl(endpoint: Endpoint) -> str:
    event = {
        "event_name": "Hello_Console",
        "app_id": endpoint.app_id,
        "build_id": "dev",
        "player_id": "player_01",
        "session_id": "session_01",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    text = "".join(_escaped(byte) for byte in msgspec.msgpack.encode(event))
    return (
        f"printf '{text}' |\n"
        f"  curl -sS '{endpoint.events_url}' \\\n"
        f"    -H 'Content-Type: application/msgpack' \\\n"
        f"    -H 'x-public-token: {endpoint.token}' \\\n"
        f"    --data-binary @-\n"
    )


def _escaped(byte: int) -> str:
    """One byte for printf in single quotes. Three octal digits: no following digit can join them."""
    character = chr(byte)
    return character if character.isascii() and (character.isalnum() or character in "_-.:+") else f"\\{byte:03o}"
