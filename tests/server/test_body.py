"""What decompression may grow to."""

import gzip
import time
import tracemalloc
import zlib

import pytest

from console.server.body import inflate
from console.server.errors import ApiError

TEXT = b"a telemetry body " * 100
LIMIT = 64 * 1024


def raw_deflate(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:500], mtime=0) + gzip.compress(TEXT[500:], mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ],
)
def test_bodies_come_back_whole(coding: str, wire: bytes) -> None:
    assert inflate(wire, coding, LIMIT) == TEXT


def test_an_empty_body_is_empty() -> None:
    assert inflate(b"", "gzip") == b""


def test_a_body_of_exactly_the_limit_passes() -> None:
    assert len(inflate(gzip.compress(bytes(LIMIT)), "gzip", LIMIT)) == LIMIT
    with pytest.raises(ApiError) as refused:
        inflate(gzip.compress(bytes(LIMIT + 1)), "gzip", LIMIT)
    assert (refused.value.status, refused.value.code) == (413, "payload_too_large")


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", TEXT),
        ("gzip", zlib.compress(TEXT)),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-4]),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"junk"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-8] + bytes(8)),
        ("gzip", b"\x1f\x8b"),
        ("deflate", zlib.compress(TEXT)[:-1]),
        ("deflate", zlib.compress(TEXT) + b"junk"),
        ("deflate", gzip.compress(TEXT, mtime=0)),
        ("deflate", TEXT),
    ],
)
def test_a_mislabelled_body_is_400(coding: str, wire: bytes) -> None:
    with pytest.raises(ApiError) as refused:
        inflate(wire, coding, LIMIT)
    assert refused.value.status == 400
    assert coding in refused.value.message


def test_a_bomb_is_413_and_takes_no_memory() -> None:
    stream = zlib.compressobj(9)
    bomb = b"".join(stream.compress(bytes(1024 * 1024)) for _ in range(64)) + stream.flush()
    tracemalloc.start()
    try:
        with pytest.raises(ApiError) as refused:
            inflate(bomb, "deflate", LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 4 * LIMIT
    finally:
        tracemalloc.stop()
    assert refused.value.status == 413


def test_a_million_empty_members_cost_nothing() -> None:
    started = time.thread_time()
    with pytest.raises(ApiError) as refused:
        inflate(gzip.compress(b"") * 100_000, "gzip")
    assert refused.value.status == 400
    assert time.thread_time() - started < 3.0
