"""Which SDK sends, told from its User-Agent header (RFC 9110, 10.1.5): the product, without what changes by build."""

import re
from typing import Final

NO_FAMILY: Final = "(no User-Agent)"
MAX_FAMILY_CHARS: Final = 60

# What engines and libraries say of themselves, wherever in the header it stands.
_KNOWN: Final = (
    (re.compile(r"^playtest-console-test/"), "Test event"),
    (re.compile(r"UnityPlayer|UnityWebRequest|\bUnity/", re.I), "Unity"),
    (re.compile(r"UnrealEngine|\+\+UE\d|UE4|UE5|X-UnrealEngine-Agent", re.I), "Unreal Engine"),
    (re.compile(r"Godot", re.I), "Godot"),
    (re.compile(r"GameMaker", re.I), "GameMaker"),
    (re.compile(r"BestHTTP", re.I), "Unity (Best HTTP)"),
    (re.compile(r"python-requests|python-httpx|aiohttp/|urllib|^Python", re.I), "Python"),
    (re.compile(r"Go-http-client", re.I), "Go"),
    (re.compile(r"^node\b|undici|node-fetch|axios", re.I), "Node.js"),
    (re.compile(r"^curl/", re.I), "curl"),
    (re.compile(r"^Mozilla/", re.I), "Browser"),
)
_PRODUCT: Final = re.compile(r"[^/\s()]+")


def family_of(user_agent: str) -> str:
    """The family of a User-Agent: the engine or library if it names one, else its first product without version."""
    if not user_agent.strip():
        return NO_FAMILY
    for pattern, family in _KNOWN:
        if pattern.search(user_agent):
            return family
    product = _PRODUCT.search(user_agent)
    return product.group()[:MAX_FAMILY_CHARS] if product else user_agent.strip()[:MAX_FAMILY_CHARS]
