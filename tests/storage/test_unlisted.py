"""Who may have how many rejections kept, and what is known of the others."""

from msgspec.structs import replace

from console.storage.journal_records import OtherRequest
from console.storage.note_allowances import NoteAllowances
from console.storage.request_rings import RequestRings, RingBounds, RingsBounds
from console.storage.unlisted import UnlistedTally

BAD = OtherRequest(
    received_at_us=5, method="POST", route="/api/events", status=400, peer="10.0.0.1", app_id="app",
    error="invalid_event", first_error="$[3].position: is missing",
)  # fmt: skip
STRANGER = replace(BAD, status=401, app_id="", error="invalid_token")
LOOKUP = replace(BAD, status=200, error="")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(allowances: NoteAllowances, request: OtherRequest, count: int) -> int:
    return sum(allowances.take(request) for _ in range(count))


def test_each_sort_has_an_allowance_of_its_own() -> None:
    allowances = NoteAllowances(200.0, monotonic=Clock())
    assert taken(allowances, LOOKUP, 300) == 200
    assert taken(allowances, STRANGER, 300) == 20
    assert taken(allowances, BAD, 300) == 200


def test_a_stranger_is_seen_again_after_a_while_and_never_hides_another() -> None:
    clock = Clock()
    allowances = NoteAllowances(200.0, monotonic=clock)
    assert taken(allowances, STRANGER, 100) == 20
    assert taken(allowances, replace(STRANGER, peer="10.0.0.2"), 100) == 20
    clock.now = 10.0
    assert taken(allowances, STRANGER, 100) == 2


def test_strangers_of_many_addresses_are_bounded_together() -> None:
    allowances = NoteAllowances(200.0, monotonic=Clock())
    assert sum(allowances.take(replace(STRANGER, peer=f"10.0.{i // 256}.{i % 256}")) for i in range(5_000)) == 50
    assert taken(allowances, BAD, 1) == 1


def test_what_was_not_kept_is_told_by_its_pattern() -> None:
    tally = UnlistedTally()
    for number, index in enumerate((3, 4, 5)):
        tally.add(replace(BAD, received_at_us=number, first_error=f"$[{index}].position: is missing"))
    (line,) = tally.lines()
    assert (line.first_error, line.count, line.first_us, line.last_us) == ("$[*].position: is missing", 3, 0, 2)
    assert line.newest_id is None


def test_the_tally_is_bounded_and_still_counts() -> None:
    tally = UnlistedTally(max_lines=10)
    for number in range(1_000):
        tally.add(replace(STRANGER, peer=f"peer {number}"))
    lines = tally.lines()
    assert len(lines) == 11
    assert sum(line.count for line in lines) == 1_000
    assert lines[-1].peer == ""


def test_strangers_never_push_a_rejection_out() -> None:
    rings = RequestRings(RingsBounds(keyless=RingBounds(2, 1000)))
    assert rings.add(1, 400, "invalid_event", "app", 10) == []
    assert rings.add(2, 400, "bad_request", "", 10) == []
    gone = [list(rings.add(i, 401, "invalid_token", "", 10)) for i in range(3, 7)]
    assert gone == [[], [], [3], [4]]
