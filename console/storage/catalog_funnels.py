"""The catalog's funnels: what people put together, by name."""

import uuid
from collections.abc import Callable
from typing import Any

import msgspec

from console.messages.funnels import MAX_FUNNELS, Funnel, SaveFunnel
from console.storage.catalog_rules import CatalogError, Transaction, check_application, checked_text, unknown
from console.telemetry.funnel_definition import FunnelDefinition

_SELECT = "SELECT funnel_id, app_id, name, definition, changed_at_us FROM funnels"
_decoder = msgspec.json.Decoder(FunnelDefinition)


class FunnelTable:
    """Safe from any thread; a change is on disk when a method returns. Every method raises CatalogError."""

    def __init__(self, *, reading: Transaction, changing: Transaction, now_us: Callable[[], int]) -> None:
        self._reading = reading
        self._changing = changing
        self._now_us = now_us

    def all(self, app_id: str) -> list[Funnel]:
        """Every funnel of an application, by name."""
        with self._reading() as db:
            rows = db.execute(f"{_SELECT} WHERE app_id = ? ORDER BY name, funnel_id", (app_id,)).fetchall()
        return [_funnel(row) for row in rows]

    def save(self, app_id: str, request: SaveFunnel) -> Funnel:
        """Keep a new funnel, or change one.

        Refused: `invalid_name`, `name_taken`, `not_found` for an id or an application that nothing has, `too_many`.
        """
        name = checked_text(request.name, "name of a funnel")
        if not name:
            raise CatalogError("invalid_name", "A funnel needs a name.")
        with self._changing() as db:
            check_application(db, app_id)
            others = {
                row[0]: row[1] for row in db.execute("SELECT name, funnel_id FROM funnels WHERE app_id = ?", (app_id,))
            }
            funnel_id = request.funnel_id or uuid.uuid4().hex
            if request.funnel_id is None and len(others) >= MAX_FUNNELS:
                raise CatalogError(
                    "too_many", f"An application keeps at most {MAX_FUNNELS} funnels: delete some first."
                )
            if request.funnel_id is not None and funnel_id not in others.values():
                raise unknown("funnel", funnel_id)
            if others.get(name, funnel_id) != funnel_id:
                raise CatalogError("name_taken", f"There is a funnel called {name} already.")
            funnel = Funnel(
                funnel_id=funnel_id,
                app_id=app_id,
                name=name,
                definition=request.definition,
                changed_at_us=self._now_us(),
            )
            definition = msgspec.json.encode(funnel.definition).decode()
            db.execute(
                "INSERT OR REPLACE INTO funnels (funnel_id, app_id, name, definition, changed_at_us)"
                " VALUES (?, ?, ?, ?, ?)",
                (funnel_id, app_id, name, definition, funnel.changed_at_us),
            )
        return funnel

    def delete(self, app_id: str, funnel_id: str) -> None:
        """Forget a funnel. Refused: `not_found`."""
        with self._changing() as db:
            found = db.execute("DELETE FROM funnels WHERE app_id = ? AND funnel_id = ?", (app_id, funnel_id))
            if not found.rowcount:
                raise unknown("funnel", funnel_id)


def _funnel(row: tuple[Any, ...]) -> Funnel:
    funnel_id, app_id, name, definition, changed_at_us = row
    return Funnel(
        funnel_id=funnel_id,
        app_id=app_id,
        name=name,
        definition=_decoder.decode(definition),
        changed_at_us=changed_at_us,
    )
