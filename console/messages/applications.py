"""Values that cross the console API about applications and their keys."""

from typing import Literal

from msgspec import Struct

from console.players.definitions import ChurnWindow, Tier

Environment = Literal["live", "test"]
KeyKind = Literal["public", "secret"]


class Key(Struct, frozen=True, kw_only=True):
    """One key. `token` is the whole public key, "" for a secret one; `hint` is `sk_live_…q7Xa`."""

    key_id: str
    app_id: str
    kind: KeyKind
    label: str
    hint: str
    token: str
    created_at_us: int
    last_used_at_us: int | None = None
    revoked_at_us: int | None = None


class Application(Struct, frozen=True, kw_only=True):
    """One application and its keys, newest key last.

    `tier` is the player API's rate limit for each key; `churn_window` the kind of game, which says after how long a
    player counts as gone.
    """

    app_id: str
    name: str
    environment: Environment
    created_at_us: int
    keys: list[Key]
    tier: Tier = "enterprise"
    churn_window: ChurnWindow = "mid_core"

    @property
    def public_token(self) -> str:
        """The oldest public key that was not revoked: what a game may send with. "" when there is none."""
        return next((key.token for key in self.keys if key.kind == "public" and key.revoked_at_us is None), "")


class ApplicationChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to change; None leaves a thing as it is."""

    name: str | None = None
    tier: Tier | None = None
    churn_window: ChurnWindow | None = None


class CreateApplication(Struct, frozen=True, kw_only=True):
    """`app_id` None: a new UUID."""

    name: str
    environment: Environment = "live"
    app_id: str | None = None


class CreatedApplication(Struct, frozen=True, kw_only=True):
    """The only time the secret key is readable."""

    application: Application
    public_key: str
    secret_key: str


class CreateKey(Struct, frozen=True, kw_only=True):
    """A further key for an application."""

    kind: KeyKind
    label: str = ""


class CreatedKey(Struct, frozen=True, kw_only=True):
    """`token` is whole here even for a secret key, and nowhere else."""

    key: Key
    token: str


class Rename(Struct, frozen=True, kw_only=True):
    """A new label of a key."""

    name: str
