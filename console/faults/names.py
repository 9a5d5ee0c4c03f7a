"""What can be injected, and the ready-made sets, by name and in words: cheap to import, for the command line."""

from typing import Final, Literal

FaultAction = Literal["answer", "delay", "drop", "cut_body", "slow", "cut_answer", "lose_answer"]

# What a client goes through in each set, and what a good one does about it.
PRESET_TEXTS: Final[dict[str, str]] = {
    "flaky-network": (
        "Delays, slow and broken answers, dropped connections. A good client sends again and loses nothing."
    ),
    "rate-limited": "429 with Retry-After for 10 s of every 20 s. A good client is silent for as long as it was told.",
    "server-restarting": (
        "Each minute 8 s without connections, then 4 s of 503. A good client keeps its events, and sends them later."
    ),
    "answers-lost": (
        "Every fourth request is stored, but its answer never arrives. A good client's repeats are harmless."
    ),
    "server-errors": "Every tenth request gets 500. A good client tries again, with growing pauses, and not for ever.",
}
