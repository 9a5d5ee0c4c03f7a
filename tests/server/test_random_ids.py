"""Random UUIDs."""

import uuid

from console.server.random_ids import RandomIds


def test_ids_are_random_uuids_and_differ() -> None:
    new_id = RandomIds()
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    for text in ids:
        parsed = uuid.UUID(text)
        assert str(parsed) == text
        assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)


def test_every_byte_is_used_once() -> None:
    asked: list[int] = []

    def random(count: int) -> bytes:
        asked.append(count)
        return bytes(range(256)) * (count // 256)

    new_id = RandomIds(random)
    assert new_id() == "00010203-0405-4607-8809-0a0b0c0d0e0f"
    assert new_id() == "10111213-1415-4617-9819-1a1b1c1d1e1f"
    assert len(asked) == 1
