"""Flags and segments at work: checked before they are kept, and compiled once for all evaluations."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from console.messages.players import DefinitionChange
from console.players.checks import check_flag, check_override, check_segment
from console.players.definitions import Flag, InvalidDefinition, Override, Segment
from console.storage.catalog import CatalogError
from console.storage.catalog_definitions import DefinitionTable

if TYPE_CHECKING:  # the evaluator takes a while to import: only those who evaluate wait for it
    from console.players.evaluation import Definitions

MAX_FLAGS: Final = 500
MAX_SEGMENTS: Final = 500
MAX_OVERRIDES: Final = 10_000

# What stands behind /v1/flags/flags/ beside the keys.
_RESERVED_KEYS: Final = frozenset({"evaluate"})


class FlagService:
    """Call it on the loop; the catalog is read and written in threads.

    `announce` tells the windows that a list has changed. `flag_changed` is told application, key and version of each
    flag whose answers may have changed; the version of a deleted one is 0.
    """

    def __init__(
        self,
        table: DefinitionTable,
        *,
        announce: Callable[[], None],
        flag_changed: Callable[[str, str, int], None],
    ) -> None:
        self._table = table
        self._announce = announce
        self._flag_changed = flag_changed
        self._compiled: dict[str, Definitions] = {}
        # Of changes and of compiling: what was checked still holds when it is kept, and nobody compiles what was.
        self._lock = asyncio.Lock()

    async def definitions(self, app_id: str) -> "Definitions":
        """All of an application, ready to evaluate; what was saved before the call is in it. Raises CatalogError."""
        compiled = self._compiled.get(app_id)
        if compiled is not None:
            return compiled
        async with self._lock:
            compiled = self._compiled.get(app_id)
            if compiled is None:
                compiled = self._compiled[app_id] = await asyncio.to_thread(self._compile, app_id)
            return compiled

    # what there is

    async def flags(self, app_id: str) -> list[Flag]:
        """Every flag, by key. Raises CatalogError."""
        return await asyncio.to_thread(self._table.flags, app_id)

    async def flag(self, app_id: str, key: str) -> Flag:
        """Raises CatalogError `not_found`."""
        return _flag_of(await self.flags(app_id), key)

    async def segments(self, app_id: str) -> list[Segment]:
        """Every segment, by id. Raises CatalogError."""
        return await asyncio.to_thread(self._table.segments, app_id)

    async def segment(self, app_id: str, segment_id: str) -> Segment:
        """Raises CatalogError `not_found`."""
        return _segment_of(await self.segments(app_id), segment_id)

    async def overrides(self, app_id: str) -> list[Override]:
        """Every override, the newest first. Raises CatalogError."""
        return await asyncio.to_thread(self._table.overrides, app_id)

    async def history(self, app_id: str, key: str, limit: int) -> list[DefinitionChange]:
        """Who changed what, the newest first; of one flag or segment, or with "" of all. Raises CatalogError."""
        return await asyncio.to_thread(self._table.history, app_id, key, limit)

    # what is not kept yet

    async def check_flag(self, app_id: str, flag: Flag) -> None:
        """Whether a flag could be kept beside the others. Raises InvalidDefinition or CatalogError."""
        await asyncio.to_thread(self._check_flag, app_id, flag)

    async def check_conditions(self, conditions: dict[str, Any]) -> None:
        """Whether a segment could have these. Raises InvalidDefinition."""
        probe = Segment(segment_id="preview", name="preview", conditions=conditions)
        await asyncio.to_thread(check_segment, probe)

    # changes

    async def save_flag(self, app_id: str, flag: Flag, *, replaces: int | None, by: str) -> Flag:
        """Keep a new flag, or one in place of version `replaces`; returns it with its version and times.

        Raises InvalidDefinition, or CatalogError `key_taken`, `changed_meanwhile`, `not_found`, `too_many` or `in_use`.
        """
        async with self._lock:
            saved = await asyncio.to_thread(self._save_flag, app_id, flag, replaces, by)
            self._changed(app_id, [(saved.key, saved.version)])
            return saved

    async def delete_flag(self, app_id: str, key: str, *, by: str) -> None:
        """Forget a flag and its overrides. Raises CatalogError `not_found`, or `in_use` while another depends on it."""
        async with self._lock:
            await asyncio.to_thread(self._delete_flag, app_id, key, by)
            self._changed(app_id, [(key, 0)])

    async def save_segment(self, app_id: str, segment: Segment, *, replaces: int | None, by: str) -> Segment:
        """Keep a new segment, or one in place of version `replaces`; returns it with its version and times.

        Raises InvalidDefinition, or CatalogError `key_taken`, `changed_meanwhile`, `not_found` or `too_many`.
        """
        async with self._lock:
            saved, users = await asyncio.to_thread(self._save_segment, app_id, segment, replaces, by)
            self._changed(app_id, [(flag.key, flag.version) for flag in users])
            return saved

    async def delete_segment(self, app_id: str, segment_id: str, *, by: str) -> None:
        """Forget a segment. Raises CatalogError `not_found`, or `in_use` while a flag uses it."""
        async with self._lock:
            await asyncio.to_thread(self._delete_segment, app_id, segment_id, by)
            self._changed(app_id, [])

    async def set_override(self, app_id: str, key: str, player_id: str, value: Any, *, by: str) -> Override:
        """Give one player a value before anything else is looked at.

        Raises CatalogError `not_found` or `too_many`, and InvalidDefinition for a value the flag cannot have.
        """
        async with self._lock:
            version, override = await asyncio.to_thread(self._set_override, app_id, key, player_id, value, by)
            self._changed(app_id, [(key, version)])
            return override

    async def clear_override(self, app_id: str, key: str, player_id: str, *, by: str) -> None:
        """Raises CatalogError `not_found` when there is none."""
        async with self._lock:
            await asyncio.to_thread(self._table.clear_override, app_id, key, player_id, by=by)
            await self._overrides_changed(app_id, {key})

    async def clear_overrides(self, app_id: str, *, flag_key: str, player_id: str, by: str) -> int:
        """Forget every override, or those of one flag or player; returns how many there were. Raises CatalogError."""
        async with self._lock:
            cleared = await asyncio.to_thread(
                self._table.clear_overrides, app_id, flag_key=flag_key, player_id=player_id, by=by
            )
            if cleared:
                await self._overrides_changed(app_id, {override.flag_key for override in cleared})
            return len(cleared)

    # ----------------------------------------------------------------------------------------------------------------

    def _changed(self, app_id: str, flags: list[tuple[str, int]]) -> None:
        self._compiled.pop(app_id, None)
        for key, version in flags:
            self._flag_changed(app_id, key, version)
        self._announce()

    async def _overrides_changed(self, app_id: str, keys: set[str]) -> None:
        flags = await asyncio.to_thread(self._table.flags, app_id)
        self._changed(app_id, [(flag.key, flag.version) for flag in flags if flag.key in keys])

    # in threads, under the lock

    def _compile(self, app_id: str) -> "Definitions":
        from console.players.evaluation import Definitions

        table = self._table
        return Definitions(table.flags(app_id), table.segments(app_id), table.overrides(app_id))

    def _check_flag(self, app_id: str, flag: Flag) -> None:
        others = [other for other in self._table.flags(app_id) if other.key != flag.key]
        check_flag(flag, others, self._table.segments(app_id))

    def _save_flag(self, app_id: str, flag: Flag, replaces: int | None, by: str) -> Flag:
        flags, segments = self._table.flags(app_id), self._table.segments(app_id)
        if flag.key in _RESERVED_KEYS:
            raise InvalidDefinition("$.key", f"{flag.key!r} is a word of the API: choose another key")
        if replaces is None and len(flags) >= MAX_FLAGS:
            raise CatalogError("too_many", f"An application has at most {MAX_FLAGS} flags: delete those not needed.")
        others = [other for other in flags if other.key != flag.key]
        check_flag(flag, others, segments)
        for other in others:
            if any(needed.flag_key == flag.key for needed in other.prerequisites):
                self._check_dependent(other, flag, [*others, flag], segments)
        for override in self._table.overrides(app_id):
            if override.flag_key == flag.key:
                self._check_kept_override(flag, override)
        return self._table.save_flag(app_id, flag, replaces=replaces, by=by)

    def _check_dependent(self, other: Flag, flag: Flag, flags: list[Flag], segments: list[Segment]) -> None:
        try:
            check_flag(other, flags, segments)
        except InvalidDefinition as error:
            raise CatalogError(
                "in_use", f"The flag {other.key!r} depends on {flag.key!r} and would no longer fit it: {error.message}."
            ) from error

    def _check_kept_override(self, flag: Flag, override: Override) -> None:
        try:
            check_override(flag, override.value)
        except InvalidDefinition as error:
            raise CatalogError(
                "in_use",
                f"The player {override.player_id} has an override that would no longer fit: {error.message}. "
                "Clear the flag's overrides first.",
            ) from error

    def _delete_flag(self, app_id: str, key: str, by: str) -> None:
        users = [f.key for f in self._table.flags(app_id) if any(p.flag_key == key for p in f.prerequisites)]
        if users:
            raise CatalogError("in_use", f"{_listed('flag', users)} on {key!r}: take it out of their prerequisites.")
        self._table.delete_flag(app_id, key, by=by)

    def _save_segment(self, app_id: str, segment: Segment, replaces: int | None, by: str) -> tuple[Segment, list[Flag]]:
        check_segment(segment)
        if replaces is None and len(self._table.segments(app_id)) >= MAX_SEGMENTS:
            raise CatalogError(
                "too_many", f"An application has at most {MAX_SEGMENTS} segments: delete those not needed."
            )
        saved = self._table.save_segment(app_id, segment, replaces=replaces, by=by)
        return saved, [flag for flag in self._table.flags(app_id) if _uses(flag, saved.segment_id)]

    def _delete_segment(self, app_id: str, segment_id: str, by: str) -> None:
        users = [flag.key for flag in self._table.flags(app_id) if _uses(flag, segment_id)]
        if users:
            raise CatalogError("in_use", f"{_listed('flag', users)} on the segment {segment_id!r}: change them first.")
        self._table.delete_segment(app_id, segment_id, by=by)

    def _set_override(self, app_id: str, key: str, player_id: str, value: Any, by: str) -> tuple[int, Override]:
        flag = _flag_of(self._table.flags(app_id), key)
        check_override(flag, value)
        there = self._table.overrides(app_id)
        if len(there) >= MAX_OVERRIDES and not any(o.flag_key == key and o.player_id == player_id for o in there):
            raise CatalogError(
                "too_many", f"An application has at most {MAX_OVERRIDES:,} overrides: a segment may serve you better."
            )
        return flag.version, self._table.set_override(app_id, key, player_id, value, by=by)


def _flag_of(flags: list[Flag], key: str) -> Flag:
    for flag in flags:
        if flag.key == key:
            return flag
    raise CatalogError("not_found", f"There is no flag {key[:100]!r}.")


def _segment_of(segments: list[Segment], segment_id: str) -> Segment:
    for segment in segments:
        if segment.segment_id == segment_id:
            return segment
    raise CatalogError("not_found", f"There is no segment {segment_id[:100]!r}.")


def _uses(flag: Flag, segment_id: str) -> bool:
    return any(rule.segment_id == segment_id for rule in flag.rules)


def _listed(what: str, names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"The {what} {shown} depends" if len(names) == 1 else f"The {what}s {shown}{more} depend"
