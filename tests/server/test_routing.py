"""Finding a route by its path."""

import pytest

from console.server.routing import BadPath, RouteTable


def table(*patterns: str) -> RouteTable[str]:
    table: RouteTable[str] = RouteTable()
    for pattern in patterns:
        table.add(pattern, pattern)
    return table


PATTERNS = (
    "/v1/players",
    "/v1/players/{id}",
    "/v1/players/{id}/session",
    "/v1/players/external/{external_id}",
    "/v1/flags/{key}/overrides/{player_id}",
)


@pytest.mark.parametrize(
    ("path", "pattern", "values"),
    [
        ("/v1/players", "/v1/players", {}),
        ("/v1/players/7", "/v1/players/{id}", {"id": "7"}),
        ("/v1/players/external", "/v1/players/{id}", {"id": "external"}),
        ("/v1/players/7/session", "/v1/players/{id}/session", {"id": "7"}),
        ("/v1/players/external/7", "/v1/players/external/{external_id}", {"external_id": "7"}),
        ("/v1/players/external/session", "/v1/players/external/{external_id}", {"external_id": "session"}),
        ("/v1/players/external/a%2Fb%20%C3%A9", "/v1/players/external/{external_id}", {"external_id": "a/b é"}),
        ("/%761/%70layers/%37", "/v1/players/{id}", {"id": "7"}),
        ("/v1/flags/a/overrides/b", "/v1/flags/{key}/overrides/{player_id}", {"key": "a", "player_id": "b"}),
    ],
)
def test_a_path_finds_its_route(path: str, pattern: str, values: dict[str, str]) -> None:
    assert table(*PATTERNS).find(path) == (pattern, values)


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/players", "/v1/players/7/purchase", "/v1/players/7/session/8"])
def test_other_paths_find_none(path: str) -> None:
    assert table(*PATTERNS).find(path) is None


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadPath, match="percent-encoded"):
        table(*PATTERNS).find("/v1/players/%ff")


def test_one_place_holds_one_route() -> None:
    with pytest.raises(ValueError, match="two routes"):
        table("/v1/{a}", "/v1/{b}")
