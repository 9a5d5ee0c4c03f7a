"""The players table without Qt: which columns a player has, how they read, and what sorts them."""

from console.messages.players import PlayerRow, PlayerSort
from console.ui.widgets.formatting import day_and_time, exact_time, visible
from console.ui.widgets.player_words import STAGE_WORDS, money, name_of
from console.ui.widgets.table_columns import RowCells, TableColumn, Tone, dim

API_WORDS = {"telemetry": "Telemetry", "player": "Player API", "both": "Both"}
LOADING = "…"
_CACHED_ROWS = 4_096

Shown = PlayerRow | None  # None: the row is not loaded yet


def days_words(days: float) -> str:
    """`5 h`, `1.5 days`, `34 days`: as exact as a person wants to read it."""
    if days < 1:
        hours = days * 24
        return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.0f} h"
    rounded = round(days, 1)
    text = f"{rounded:.0f}" if days >= 10 or rounded == int(rounded) else f"{rounded:.1f}"
    return f"{text} day" if text == "1" else f"{text} days"


def span(secs: float) -> str:
    """`42 s`, `12 min`, `1 h 05 min`: how long a session was."""
    whole = round(secs)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s" if whole < 600 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def _stage(row: Shown) -> str:
    return "" if row is None else STAGE_WORDS[row.stage]


def _name(row: Shown) -> str:
    return LOADING if row is None else name_of(row)


def _name_tone(row: Shown) -> Tone:
    return Tone.TEXT if row is not None and row.external_id else Tone.DIM


def _name_hover(row: Shown) -> str:
    if row is None:
        return ""
    lines = [f"Player id {row.player_id}"]
    lines += [f"External id {visible(row.external_id)}"] if row.external_id else []
    lines += [f"Device id {visible(row.device_id)}"] if row.device_id else []
    return "\n".join(lines)


def _risk(row: Shown) -> str:
    return "" if row is None else f"{row.churn_risk:.2f}"


def _risk_hover(row: Shown) -> str:
    return "" if row is None else f"Churn risk {row.churn_risk:.3f} of 1: a heuristic, see the profile for its factors"


def _sessions(row: Shown) -> str:
    return "" if row is None else f"{row.session_count:,}"


def _revenue(row: Shown) -> str:
    return money(row.revenue_minor) if row is not None and row.revenue_minor else ""


def _last(row: Shown) -> str:
    return "" if row is None else day_and_time(row.last_seen_us)


def _last_hover(row: Shown) -> str:
    return "" if row is None else exact_time(row.last_seen_us)


def _first(row: Shown) -> str:
    return "" if row is None else day_and_time(row.first_seen_us)


def _first_hover(row: Shown) -> str:
    return "" if row is None else exact_time(row.first_seen_us)


def _api(row: Shown) -> str:
    return "" if row is None else API_WORDS[row.api]


def _email(row: Shown) -> str:
    return "" if row is None else visible(row.email)


COLUMNS: tuple[TableColumn[Shown], ...] = (
    TableColumn("player", "Player", 168, _name, _name_tone, _name_hover, least=110, middle=True),
    TableColumn("stage", "Stage", 116, _stage, chip=True),
    TableColumn("risk", "Churn risk", 118, _risk, hover=_risk_hover, mono=True, least=92, leaves=2),
    TableColumn("sessions", "Sessions", 76, _sessions, mono=True, right=True, leaves=4),
    TableColumn("revenue", "Revenue", 88, _revenue, mono=True, right=True, leaves=3),
    TableColumn("last", "Last seen", 138, _last, dim, _last_hover, mono=True, leaves=1),
    TableColumn("first", "First seen", 138, _first, dim, _first_hover, mono=True, leaves=6),
    TableColumn("api", "Known by", 92, _api, dim, leaves=7),
    TableColumn("email", "E-mail", 150, _email, dim, least=110, leaves=8),
)
# What a click on a column's head sorts by; the others are not sorted.
SORTS: dict[str, PlayerSort] = {
    "player": "external_id",
    "stage": "stage",
    "risk": "churn_risk",
    "sessions": "session_count",
    "revenue": "revenue",
    "first": "first_seen",
    "last": "last_seen",
}
# Sorts that people want to begin at the small end.
ASCENDING_FIRST: frozenset[PlayerSort] = frozenset({"external_id", "stage"})


class PlayerCells(RowCells[Shown]):
    """The texts of players, remembered by value: a player whose numbers changed is written anew."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, id)
        self._written: dict[PlayerRow, tuple[str, ...]] = {}
        self._loading = self.write(None)

    def texts(self, row: Shown) -> tuple[str, ...]:
        """One text a column."""
        if row is None:
            return self._loading
        found = self._written.get(row)
        if found is None:
            if len(self._written) >= _CACHED_ROWS:
                self._written.clear()
            found = self._written[row] = self.write(row)
        return found
