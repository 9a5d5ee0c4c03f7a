"""Values that cross the console API about funnels that people put together."""

from typing import Annotated

from msgspec import Meta, Struct

from console.telemetry.funnel_definition import FunnelDefinition

MAX_FUNNELS = 200


class Funnel(Struct, frozen=True, kw_only=True):
    """One funnel of an application. Names are the application's own, each once."""

    funnel_id: str
    app_id: str
    name: str
    definition: FunnelDefinition
    changed_at_us: int


class SaveFunnel(Struct, frozen=True, kw_only=True):
    """Keep a funnel: a new one without `funnel_id`, else the one that is there."""

    name: Annotated[str, Meta(max_length=200)]
    definition: FunnelDefinition
    funnel_id: str | None = None
