"""Equal failures have equal patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.failure_lines import MAX_PATTERN_CHARS, failure_pattern


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ('$[3].position[1]: expected a number, got str "x"', '$[*].position[*]: expected a number, got str "…"'),
        ("$[412].positions: expected at least 3 numbers, got 4", "$[*].positions: expected at least # numbers, got #"),
        ("$.app_id: is missing", "$.app_id: is missing"),
        ("The key pk_live_…q7Xa is not known.", "The key … is not known."),
        ("There is no x-public-token header: send the application's public key in it, not the player's.",) * 2,
        ("no route /wp-admin/x.php: did you mean /api/events?", "no route /…: did you mean /api/events?"),
        ("More than 10 per second from 192.168.1.40: slow down.", "More than # per second from …: slow down."),
        ("More than 10 per second from fe80::1:2: slow down.", "More than # per second from …: slow down."),
        ("event is of 550e8400-e29b-41d4-a716-446655440000", "event is of …"),
        ("ext 99 is not read, ext 100 neither", "ext 99 is not read, ext 100 neither"),
        ("fps.low_5 is -0.5e-7, not int64", "fps.low_5 is #, not int64"),
        ("offset 8,388,609 of 9", "offset # of #"),
        ("The host 'evil.example' is not ours", "The host '…' is not ours"),
    ],
)  # fmt: skip
def test_what_differs_from_one_request_to_the_next_is_left_out(line: str, pattern: str) -> None:
    assert failure_pattern(line) == pattern


@given(st.text(alphabet="$[]0123456789.\"'\\:/ -aFgpk_live…", max_size=900) | st.text(max_size=900))
def test_a_pattern_is_bounded(line: str) -> None:
    pattern = failure_pattern(line)
    assert len(pattern) <= MAX_PATTERN_CHARS


@given(
    st.integers(0, 9999), st.integers(0, 9999), st.text(alphabet=st.characters(exclude_characters='"\\'), max_size=40)
)
def test_indices_and_values_never_tell_failures_apart(one: int, other: int, value: str) -> None:
    line = '$[{}].position[{}]: expected a number, got str "{}"'
    assert failure_pattern(line.format(one, other, value)) == failure_pattern(line.format(other, one, "x"))
