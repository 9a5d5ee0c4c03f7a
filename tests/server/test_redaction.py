"""Headers as they are kept."""

import msgspec
import pytest

from console.server.redaction import HeaderLog, redacted

KEY = "pk_live_abcdefghijklmnopqrstuvwxyz01q7Xa"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("x-public-token", KEY, "pk_live_…q7Xa"),
        ("X-Api-Key", KEY.replace("pk_live", "sk_test"), "sk_test_…q7Xa"),
        ("Authorization", f"Bearer {KEY}", "Bearer pk_live_…q7Xa"),
        ("Authorization", "Basic dXNlcjpwYXNz", "Basic …"),
        ("Authorization", "dXNlcjpwYXNz", "…"),
        ("Cookie", f"a=1; b={KEY}", "…"),
        ("x-public-token", "something else", "…"),
        ("x-public-token", "pk_live_ab", "…"),
        ("x-debug", f"key={KEY}!", "key=pk_live_…q7Xa!"),
        ("x-debug", f"key_{KEY}!", "key_pk_live_…q7Xa!"),
        ("User-Agent", "UnityPlayer/2022.3", "UnityPlayer/2022.3"),
    ],
)
def test_only_the_end_of_a_key_is_kept(name: str, value: str, shown: str) -> None:
    assert redacted(((name.encode(), value.encode()),)) == [(name, shown)]


def test_bytes_that_are_no_text_are_kept_as_marks() -> None:
    encoded = HeaderLog().encode(((b"x-player", b"\xff\xfe"),))
    assert msgspec.json.decode(encoded) == [["x-player", "\ufffd\ufffd"]]


def test_what_is_remembered_is_the_same_and_bounded() -> None:
    log = HeaderLog()
    first = log.encode(((b"a", b"1"),))
    assert log.encode(((b"a", b"1"),)) is first
    for index in range(3000):
        log.encode(((b"n", b"%d" % index),))
    log.encode(((b"large", b"x" * 10_000),))
    assert len(log._remembered) <= 1024
    assert all(len(value) <= 2048 for value in log._remembered.values())
