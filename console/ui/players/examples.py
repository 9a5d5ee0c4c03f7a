"""Commands for a terminal that speak to the player API. Pure."""

import shlex


def register_player(url: str, token: str) -> str:
    """Registers a player, then records a session. `url` is the player API's address, `token` a public key."""
    base = url.rstrip("/") + "/v1"
    key = shlex.quote(f"X-API-Key: {token}")
    return (
        f"curl -sS {base}/players/players \\\n"
        f"  -H {key} \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        """  -d '{"external_id": "player_123", "attributes": {"level": 5}}'\n"""
        "\n"
        "# With the id of the answer: a session, a purchase.\n"
        f"curl -sS -X POST {base}/players/players/ID/session \\\n"
        f"  -H {key}\n"
        f"curl -sS -X POST '{base}/players/players/ID/purchase?amount=4.99' \\\n"
        f"  -H {key}\n"
    )
