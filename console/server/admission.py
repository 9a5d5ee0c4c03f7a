"""Who may do what, decided on headers alone: Host, Origin, rate limit, key."""

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urlsplit

from aiohttp import hdrs
from multidict import CIMultiDictProxy, istr

from console.messages import KeyKind, Settings
from console.players.definitions import ChurnWindow, Tier
from console.server.errors import ApiError, refused_for_now
from console.server.rate_limit import RateLimiter, address_of

X_PUBLIC_TOKEN: Final = istr("x-public-token")
X_API_KEY: Final = istr("x-api-key")
X_API_KEY_SHOWN: Final = "X-API-Key"
SEC_FETCH_SITE: Final = istr("Sec-Fetch-Site")

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_REMEMBERED_HOSTS: Final = 256

Headers = CIMultiDictProxy[str]


class Grant(Protocol):
    """A known key, as the catalog has it."""

    @property
    def key_id(self) -> str: ...
    @property
    def app_id(self) -> str: ...
    @property
    def kind(self) -> KeyKind: ...
    @property
    def label(self) -> str: ...
    @property
    def revoked(self) -> bool: ...
    @property
    def tier(self) -> Tier: ...
    @property
    def churn_window(self) -> ChurnWindow: ...


class Keys(Protocol):
    """The part of the catalog that admission asks."""

    def authenticate(self, token: str) -> Grant | None: ...
    def note_used(self, key_id: str, at_us: int) -> None: ...


class LiveSettings(Protocol):
    """Where the settings in force are read at each request."""

    @property
    def current(self) -> Settings: ...


class Admission:
    """The checks that need no body, in the documented order. Each raises ApiError, or lets the request pass."""

    def __init__(
        self,
        settings: LiveSettings,
        keys: Keys,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        machine_name: Callable[[], str] = socket.gethostname,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._monotonic = monotonic
        self._machine_name = machine_name
        self._limiter = RateLimiter()
        self._good_hosts: set[str] = set()
        self._good_hosts_of: Settings | None = None

    def check_host(self, headers: Headers, target: str = "/") -> None:
        """Refuse names that are not ours: a page whose name was re-pointed at this machine (DNS rebinding).

        `target` is what is asked for: with a name of its own (RFC 9112, 3.2.2), that name counts too. Raises
        ApiError 403.
        """
        self._check_name(headers.get(hdrs.HOST, ""))
        if "://" in target and not target.startswith("/"):
            self._check_name(target.partition("://")[2].partition("/")[0])

    def _check_name(self, host: str) -> None:
        settings = self._settings.current
        if settings is not self._good_hosts_of:
            self._good_hosts_of = settings
            self._good_hosts.clear()
        if host in self._good_hosts:
            return
        if not self.host_is_ours(host, settings):
            raise ApiError(
                403,
                "forbidden",
                f"The host {host[:100]!r} is not a name of this server: use localhost, an IP address, "
                "or add the name under Settings, allowed hosts.",
            )
        if len(self._good_hosts) >= _MAX_REMEMBERED_HOSTS:
            self._good_hosts.clear()
        self._good_hosts.add(host)

    def host_is_ours(self, host_header: str, settings: Settings) -> bool:
        """localhost, an address literal, a configured name; on the local network also this machine's own name."""
        name = _host_name(host_header)
        if name is None:
            return False
        if name == "localhost" or name in settings.allowed_hosts or _is_address(name):
            return True
        own = self._machine_name().lower()
        return settings.lan and name in {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}

    def check_origin(self, method: str, headers: Headers, *, ingestion: bool = False) -> str | None:
        """Refuse what a foreign web page makes a browser send.

        Returns the origin to name in the CORS headers: an allowed one, on an ingestion route. Raises ApiError 403.
        """
        origin = headers.get(hdrs.ORIGIN)
        site = headers.get(SEC_FETCH_SITE)
        if origin is None and site is None:
            return None
        if origin is not None and ingestion and _normalised(origin) in self._settings.current.allowed_origins:
            return origin
        if method in _SAFE_METHODS:
            return None
        foreign = origin is not None and not _is_same_origin(origin, headers.get(hdrs.HOST, ""))
        if foreign or site in {"cross-site", "same-site"}:
            hint = "add it under Settings, allowed origins" if ingestion else "only ingestion is open to web pages"
            named = f" {origin[:100]!r}" if origin is not None else ""
            raise ApiError(403, "forbidden", f"Requests from the web page{named} are not allowed: {hint}.")
        return None

    def check_rate(self, peer: str | None) -> None:
        """Count one request of a peer's address. Raises ApiError 429."""
        rate = self._settings.current.rate_limit
        if rate <= 0.0:
            return
        address = address_of(peer or "")
        wait = self._limiter.wait_secs(address, rate, self._monotonic())
        if wait:
            raise refused_for_now(
                429, "rate_limited", f"More than {rate:g} requests per second from {address}: slow down.", wait
            )

    def ingestion_grant(self, headers: Headers, at_us: int) -> Grant:
        """The key that may ingest: `x-public-token`, or the legacy `x-api-key`. `at_us` is noted as its last use.

        Raises ApiError 401 or 403.
        """
        token = headers.get(X_PUBLIC_TOKEN)
        if not token:
            token = headers.get(X_API_KEY)
            if not token:
                raise ApiError(
                    401, "missing_token", "There is no x-public-token header: send the application's public key in it."
                )
            return self._known(token, X_API_KEY, at_us)
        grant = self._known(token, X_PUBLIC_TOKEN, at_us)
        if grant.kind == "secret":
            raise ApiError(403, "forbidden", _LEAKED)
        return grant

    def secret_grant(self, headers: Headers, at_us: int) -> Grant:
        """The secret key of a protected route: `x-api-key` or `Authorization: Bearer`. Raises ApiError 401 or 403."""
        token, header = headers.get(X_API_KEY) or _bearer(headers), str(X_API_KEY)
        if not token:
            token, header = headers.get(X_PUBLIC_TOKEN), str(X_PUBLIC_TOKEN)
            if not token:
                raise ApiError(
                    401,
                    "missing_token",
                    "This route needs the application's secret key, as x-api-key or as Authorization: Bearer.",
                )
        grant = self._known(token, header, at_us)
        if grant.kind == "secret":
            if header == X_PUBLIC_TOKEN:
                raise ApiError(403, "forbidden", _LEAKED)
            return grant
        raise ApiError(
            403, "forbidden", "This route needs the application's secret key; a public key may only send events."
        )

    def player_grant(self, headers: Headers, at_us: int, peer: str | None) -> Grant:
        """The key of a player API request, in `X-API-Key`. `at_us` is noted as its last use.

        A known key has a rate tier of its own; whoever has none counts against the rate limit of the peer's address,
        so that keys cannot be tried quickly. Raises ApiError 401, or 429.
        """
        token = headers.get(X_API_KEY)
        try:
            if token:
                return self._known(token, X_API_KEY_SHOWN, at_us)
            other = X_PUBLIC_TOKEN if X_PUBLIC_TOKEN in headers else hdrs.AUTHORIZATION
            hint = f"; this request has its key in {other}" if other in headers else ""
            raise ApiError(
                401,
                "missing_token",
                f"There is no {X_API_KEY_SHOWN} header: send a key of the application in it{hint}.",
            )
        except ApiError:
            self.check_rate(peer)
            raise

    def _known(self, token: str, header: str, at_us: int) -> Grant:
        # Header bytes that are not ASCII arrive as surrogates, which no key contains and no hash takes.
        grant = self._keys.authenticate(token) if token.isascii() else None
        if grant is None:
            raise ApiError(
                401, "invalid_token", f"The key in {header} is not known here: copy it from Applications & keys."
            )
        if grant.revoked:
            named = f" {grant.label!r}" if grant.label else ""
            raise ApiError(401, "invalid_token", f"The key{named} in {header} was revoked: use a newer one.")
        self._keys.note_used(grant.key_id, at_us)
        return grant


_LEAKED: Final = (
    "This is a secret key, sent where a game client sends its public key: anyone with the client can read it. "
    "Use the public key, and rotate this secret."
)


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _host_name(host_header: str) -> str | None:
    """The name of a Host header without its port; None when it is not one (RFC 9110, 7.2)."""
    if host_header.startswith("["):
        name, bracket, rest = host_header[1:].partition("]")
        if not bracket or ":" not in name:  # only an IPv6 address stands in brackets (RFC 3986, 3.2.2)
            return None
    else:
        name, colon, port = host_header.partition(":")
        rest = colon + port
        name = name.removesuffix(".")
    if rest and not (rest[0] == ":" and (rest[1:].isdecimal() or rest == ":")):
        return None
    return name.lower() or None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Whether a peer's address is this machine's loopback."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _normalised(origin: str) -> str:
    """An Origin header as the settings keep it."""
    return origin.strip().lower().rstrip("/")


def _is_same_origin(origin: str, host_header: str) -> bool:
    """Whether a page came from this very address: then it is one of ours."""
    try:
        parts = urlsplit(origin)
        origin_port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
        host = urlsplit(f"//{host_header}")
        host_port = host.port or 80
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname == host.hostname and origin_port == host_port
