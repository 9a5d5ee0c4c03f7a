"""The example clients of the telemetry API, with the real address, key and application filled in.

Their sources ship under `resources/clients/telemetry`, and run as they are but for three values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from console.resources import resource
from console.ui.snippets import Endpoint

_PLACEHOLDERS = ("http://localhost:4000", "pk_live_YOUR_KEY", "YOUR_APP_ID")
_SUFFIXES = {".cpp", ".cs", ".gd", ".go", ".h", ".mjs", ".mod", ".py"}


@dataclass(frozen=True)
class ExampleClient:
    """A client that batches, retries and survives wrong events. `note` says what it needs and how to begin."""

    language: str
    folder: str
    note: str

    @property
    def files(self) -> list[str]:
        """Its files, the one to begin with first, as paths below its folder with `/`."""
        root = resource("clients") / "telemetry" / self.folder
        files = [path.relative_to(root) for path in root.rglob("*") if path.suffix in _SUFFIXES]
        return [path.as_posix() for path in sorted(files, key=lambda path: ("example" in str(path).lower(), path))]

    def text(self, file: str, endpoint: Endpoint) -> str:
        """The source of one of `files`, ready to run against `endpoint`."""
        text = (resource("clients") / "telemetry" / self.folder / file).read_text("utf-8")
        values = (endpoint.address.rstrip("/"), endpoint.token, endpoint.app_id)
        for placeholder, value in zip(_PLACEHOLDERS, values, strict=True):
            text = text.replace(placeholder, value)
        return text


_CLIENTS = (
    ExampleClient("Python", "python", "For Python 3.9 and newer. Needs the packages requests and msgpack."),
    ExampleClient("JavaScript", "javascript", "For Node.js 18 and newer, and browsers. Needs no package."),
    ExampleClient("Unity", "unity", "For Unity 2020.3 and newer: copy into Assets. Needs no package."),
    ExampleClient("Unreal", "unreal", "For Unreal Engine 5. Of this one only the queue and the encoder were ever run."),
    ExampleClient("Godot", "godot4", "For Godot 4.1 and newer. Of the two for Godot only the other was ever run."),
    ExampleClient("Godot 3", "godot3", "For Godot 3 (run with 3.2). Needs no plug-in."),
    ExampleClient("Go", "go", "For Go 1.19 and newer. Needs nothing but the standard library."),
)


def client_for(language: str) -> ExampleClient | None:
    """The client in a language or for an engine, as snippets name them; None where there is none."""
    return next((client for client in _CLIENTS if client.language == language), None)


def save_client(client: ExampleClient, endpoint: Endpoint, folder: Path) -> Path:
    """Write a client into a new folder below `folder`, which is returned. Never overwrites. Raises OSError."""
    target = next(path for path in _names(folder / f"playtest_{client.folder}") if not path.exists())
    for file in client.files:
        path = target / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(client.text(file, endpoint), "utf-8", newline="\n")
    return target


def _names(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.name}_{number}")
        number += 1
