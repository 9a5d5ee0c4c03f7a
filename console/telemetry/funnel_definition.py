"""What a funnel is made of, as it is kept and sent. Pure, light: `funnels` counts who reached what."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

StepKind = Literal["funnel", "gameplay"]
Per = Literal["session", "player"]

MAX_STEPS = 30


class Step(Struct, frozen=True):
    """One step: the name of a funnel step or of a gameplay event, and maybe what people call it."""

    name: Annotated[str, Meta(min_length=1)]
    kind: StepKind = "funnel"
    label: Annotated[str, Meta(max_length=100)] = ""

    @property
    def title(self) -> str:
        return self.label or self.name


class FunnelDefinition(Struct, frozen=True, kw_only=True):
    """Steps in their order. `within_secs`: the most between two steps; `strict`: no other step of it in between."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=MAX_STEPS)]
    per: Per = "session"
    within_secs: Annotated[float, Meta(gt=0, le=31_536_000)] | None = None
    strict: bool = False
