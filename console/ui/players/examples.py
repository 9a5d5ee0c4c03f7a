"""Commands for a terminal that speak to the player API. Pure."""

import shlex


def register_player(url: str, token: str) -> str:
    """For bash: registers a player, then records a session and a purchase.

    `url` is the player API's address, `token` a public key.
    """
    return (
        f"URL={shlex.quote(url.rstrip('/') + '/v1')}\n"
        f"KEY={shlex.quote(token)}\n"
        """curl -sS "$URL/players/players" -H "X-API-Key: $KEY" \\\n"""
        "  -H 'Content-Type: application/json' \\\n"
        """  -d '{"external_id": "player_123", "attributes": {"level": 5}}'\n"""
        "\n"
        "# With the id of the answer: a session, then a purchase.\n"
        "ID=…\n"
        """curl -sS -X POST "$URL/players/players/$ID/session" -H "X-API-Key: $KEY"\n"""
        """curl -sS -X POST "$URL/players/players/$ID/purchase?amount=4.99" -H "X-API-Key: $KEY"\n"""
    )
