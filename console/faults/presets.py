"""Ready-made sets of fault rules: the troubles that every client of an API meets sooner or later."""

from dataclasses import dataclass

from msgspec.structs import replace

from console.faults.names import PRESET_TEXTS
from console.messages.faults import Fault

_SECOND_US = 1_000_000


@dataclass(frozen=True)
class FaultPreset:
    """`text` says what a client goes through, and what a good one does about it."""

    name: str
    title: str
    text: str
    faults: tuple[Fault, ...]
    starts_secs: tuple[float, ...] = ()

    def starting(self, now_us: int) -> list[Fault]:
        """The rules, those with a start of their own dated from now on."""
        if not self.starts_secs:
            return list(self.faults)
        starts = zip(self.faults, self.starts_secs, strict=True)
        return [replace(fault, from_us=now_us + int(start * _SECOND_US)) for fault, start in starts]


PRESETS: tuple[FaultPreset, ...] = (
    FaultPreset(
        "flaky-network",
        "Flaky network",
        PRESET_TEXTS["flaky-network"],
        (
            Fault(action="delay", delay_secs=1.5, probability=0.2),
            Fault(action="drop", probability=0.05),
            Fault(action="cut_body", probability=0.03),
            Fault(action="slow", bytes_per_second=40.0, probability=0.1),
            Fault(action="cut_answer", probability=0.03),
            Fault(action="lose_answer", probability=0.05),
        ),
    ),
    FaultPreset(
        "rate-limited",
        "Rate limited",
        PRESET_TEXTS["rate-limited"],
        (Fault(action="answer", status=429, retry_after_secs=5, on_secs=10.0, off_secs=10.0),),
    ),
    FaultPreset(
        "server-restarting",
        "Server restarting",
        PRESET_TEXTS["server-restarting"],
        (
            Fault(action="drop", on_secs=8.0, off_secs=52.0),
            Fault(action="answer", status=503, retry_after_secs=2, on_secs=4.0, off_secs=56.0),
        ),
        (0.0, 8.0),
    ),
    FaultPreset(
        "answers-lost",
        "Answers lost",
        PRESET_TEXTS["answers-lost"],
        (Fault(action="lose_answer", probability=0.25),),
    ),
    FaultPreset(
        "server-errors",
        "Server errors",
        PRESET_TEXTS["server-errors"],
        (Fault(action="answer", status=500, probability=0.1),),
    ),
)


def preset(name: str) -> FaultPreset | None:
    """The preset of this name, None when there is none."""
    return next((each for each in PRESETS if each.name == name), None)
