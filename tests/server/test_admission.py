"""Decisions on headers alone."""

from dataclasses import dataclass, field

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from console.messages import Settings
from console.server.admission import Admission
from console.server.errors import ApiError
from console.storage.catalog import KeyGrant

PUBLIC = KeyGrant(key_id="p", app_id="app", kind="public", label="game", revoked=False)
SECRET = KeyGrant(key_id="s", app_id="app", kind="secret", label="build", revoked=False)
REVOKED = KeyGrant(key_id="r", app_id="app", kind="public", label="old game", revoked=True)


@dataclass
class FakeKeys:
    used: dict[str, int] = field(default_factory=dict)

    def authenticate(self, token: str) -> KeyGrant | None:
        return {"pk_live_1": PUBLIC, "sk_live_1": SECRET, "pk_live_0": REVOKED}.get(token)

    def note_used(self, key_id: str, at_us: int) -> None:
        self.used[key_id] = at_us


@dataclass
class FakeSettings:
    current: Settings = field(default_factory=Settings)


def make(settings: Settings | None = None, keys: FakeKeys | None = None) -> Admission:
    return Admission(
        FakeSettings(settings or Settings()),
        keys or FakeKeys(),
        monotonic=lambda: 0.0,
        machine_name=lambda: "Workstation.studio.example",
    )


def headers(**values: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in values.items()}))


def host_admitted(host: str, settings: Settings | None = None) -> bool:
    try:
        make(settings).check_host(headers(Host=host))
    except ApiError as error:
        return error.status != 403
    return True


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:4000",
        "localhost.:4000",
        "127.0.0.1",
        "127.0.0.1:4000",
        "192.168.1.20:4000",
        "[::1]",
        "[::1]:4000",
        "[fe80::1]:4000",
    ],
)
def test_own_names_and_addresses_are_admitted(host: str) -> None:
    assert host_admitted(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":4000",
        "evil.example",
        "evil.example:4000",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "2130706433",
        "0x7f.1",
        "127.1",
        "[::1",
        "[::1]evil.example",
        "[evil]",
        "[localhost]",
        "[127.0.0.1]",
        "::1",
        "localhost:4000:80",
        "localhost:port",
        "localhost/@evil.example",
        "user@localhost",
        "workstation",
    ],
)
def test_other_names_are_refused(host: str) -> None:
    assert not host_admitted(host)


def test_the_name_in_the_target_counts_too() -> None:
    admission = make()
    admission.check_host(headers(Host="localhost"), "http://localhost:4000/healthz")
    admission.check_host(headers(Host="localhost"), "/healthz?next=http://evil.example/")
    with pytest.raises(ApiError):
        admission.check_host(headers(Host="localhost"), "http://evil.example/healthz")


def test_a_configured_name_is_admitted_at_once_and_until_it_is_taken_back() -> None:
    settings = FakeSettings()
    admission = Admission(settings, FakeKeys())
    with pytest.raises(ApiError):
        admission.check_host(headers(Host="lab:4000"))
    settings.current = Settings(allowed_hosts=["lab"])
    admission.check_host(headers(Host="lab:4000"))
    settings.current = Settings()
    with pytest.raises(ApiError):
        admission.check_host(headers(Host="lab:4000"))


@pytest.mark.parametrize("host", ["workstation", "workstation.local:4000", "workstation.studio.example"])
def test_the_machines_own_name_counts_on_the_network_only(host: str) -> None:
    assert host_admitted(host, Settings(lan=True))
    assert not host_admitted(host, Settings(lan=False))


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("POST", {}),
        ("POST", {"Origin": "http://localhost:4000"}),
        ("POST", {"Sec_Fetch_Site": "same-origin"}),
        ("POST", {"Sec_Fetch_Site": "none"}),
        ("GET", {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}),
    ],
)
def test_own_pages_and_reading_are_admitted(method: str, sent: dict[str, str]) -> None:
    assert make().check_origin(method, headers(Host="localhost:4000", **sent)) is None


@pytest.mark.parametrize("ingestion", [True, False])
@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://localhost:4000"},
        {"Origin": "http://evil.example:4000"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Origin": "http://localhost:99999"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://localhost:4000", "Sec_Fetch_Site": "cross-site"},
    ],
)
def test_foreign_pages_may_change_nothing(sent: dict[str, str], ingestion: bool) -> None:
    with pytest.raises(ApiError) as refused:
        make().check_origin("POST", headers(Host="localhost:4000", **sent), ingestion=ingestion)
    assert refused.value.status == 403


def test_an_allowed_origin_may_ingest_and_nothing_else() -> None:
    admission = make(Settings(allowed_origins=["https://game.example"]))
    sent = headers(Host="localhost:4000", Origin="https://game.example", Sec_Fetch_Site="cross-site")
    assert admission.check_origin("POST", sent, ingestion=True) == "https://game.example"
    with pytest.raises(ApiError):
        admission.check_origin("POST", sent, ingestion=False)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"x_public_token": "pk_live_1"}, PUBLIC),
        ({"x_api_key": "pk_live_1"}, PUBLIC),
        ({"x_api_key": "sk_live_1"}, SECRET),
        ({"x_public_token": "pk_live_1", "x_api_key": "nonsense"}, PUBLIC),
        ({}, (401, "missing_token")),
        ({"x_public_token": ""}, (401, "missing_token")),
        ({"Authorization": "Bearer sk_live_1"}, (401, "missing_token")),
        ({"x_public_token": "pk_live_2"}, (401, "invalid_token")),
        ({"x_public_token": "pk_live_0"}, (401, "invalid_token")),
        ({"x_public_token": "pk_live_\udcff"}, (401, "invalid_token")),
        ({"x_public_token": "sk_live_1"}, (403, "forbidden")),
    ],
)
def test_keys_of_ingestion(sent: dict[str, str], expected: KeyGrant | tuple[int, str]) -> None:
    assert outcome(lambda: make().ingestion_grant(headers(**sent), 1)) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"x_api_key": "sk_live_1"}, SECRET),
        ({"Authorization": "Bearer sk_live_1"}, SECRET),
        ({"Authorization": "bearer  sk_live_1"}, SECRET),
        ({}, (401, "missing_token")),
        ({"Authorization": "Basic c2s="}, (401, "missing_token")),
        ({"Authorization": "Bearer "}, (401, "missing_token")),
        ({"x_api_key": "sk_live_2"}, (401, "invalid_token")),
        ({"x_api_key": "pk_live_1"}, (403, "forbidden")),
        ({"Authorization": "Bearer pk_live_1"}, (403, "forbidden")),
        ({"x_public_token": "pk_live_1"}, (403, "forbidden")),
        ({"x_public_token": "sk_live_1"}, (403, "forbidden")),
        ({"x_public_token": "pk_live_2"}, (401, "invalid_token")),
    ],
)
def test_keys_of_protected_routes(sent: dict[str, str], expected: KeyGrant | tuple[int, str]) -> None:
    assert outcome(lambda: make().secret_grant(headers(**sent), 1)) == expected


def test_a_leaked_secret_is_named_as_such() -> None:
    with pytest.raises(ApiError, match="rotate this secret"):
        make().ingestion_grant(headers(x_public_token="sk_live_1"), 1)


def test_the_use_of_a_key_is_noted() -> None:
    keys = FakeKeys()
    make(keys=keys).ingestion_grant(headers(x_public_token="pk_live_1"), 42)
    assert keys.used == {"p": 42}


def test_the_rate_is_read_at_each_request() -> None:
    settings = FakeSettings(Settings(rate_limit=1.0))
    admission = Admission(settings, FakeKeys(), monotonic=lambda: 0.0)
    admission.check_rate("::ffff:10.0.0.1")
    with pytest.raises(ApiError) as refused:
        admission.check_rate("10.0.0.1")
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})
    settings.current = Settings(rate_limit=0.0)
    for _ in range(100):
        admission.check_rate("10.0.0.1")


def outcome(call) -> KeyGrant | tuple[int, str]:  # type: ignore[no-untyped-def]
    try:
        return call()  # type: ignore[no-any-return]
    except ApiError as error:
        return error.status, error.code
