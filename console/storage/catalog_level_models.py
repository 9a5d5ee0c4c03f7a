"""The catalog's table of level models: a level keeps versions, at most one of them active."""

import sqlite3
from typing import Any

import msgspec

from console.messages import LevelModel, LevelModelChanges
from console.telemetry.placement import Calibration

_COLUMNS = (
    "model_id, app_id, level_name, version, active, file_name, file_bytes, triangles, vertices,"
    " min_x, min_y, min_z, max_x, max_y, max_z, mesh_axes, telemetry_axes, uploaded_at_us,"
    " calibration, archived_at_us"
)
_SELECT = f"SELECT {_COLUMNS} FROM level_models"  # noqa: S608  # names of this file


class LevelModelTable:
    """Works inside the catalog's transactions, under its lock."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all(self, app_id: str | None) -> list[LevelModel]:
        """By level name, newest version first; of one application, or of all."""
        rows = self._db.execute(
            f"{_SELECT} WHERE ?1 IS NULL OR app_id = ?1 ORDER BY level_name, app_id, version DESC", (app_id,)
        )
        return [_level_model(row) for row in rows]

    def get(self, model_id: str) -> LevelModel | None:
        """One version, None when it is unknown."""
        row = self._db.execute(f"{_SELECT} WHERE model_id = ?", (model_id,)).fetchone()
        return None if row is None else _level_model(row)

    def newest(self, app_id: str, level_name: str) -> LevelModel | None:
        """The last version uploaded of a level, None for a new level."""
        row = self._db.execute(
            f"{_SELECT} WHERE app_id = ? AND level_name = ? ORDER BY version DESC LIMIT 1", (app_id, level_name)
        ).fetchone()
        return None if row is None else _level_model(row)

    def insert(self, model: LevelModel) -> None:
        """Add a version; an active one replaces the level's active one."""
        if model.active:
            self._deactivate(model)
        self._db.execute(
            f"INSERT INTO level_models ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
            (
                model.model_id,
                model.app_id,
                model.level_name,
                model.version,
                model.active,
                model.file_name,
                model.file_bytes,
                model.triangles,
                model.vertices,
                *model.bounds[0],
                *model.bounds[1],
                model.mesh_axes,
                model.telemetry_axes,
                model.uploaded_at_us,
                _json(model.calibration),
                model.archived_at_us,
            ),
        )

    def change(self, model: LevelModel, changes: LevelModelChanges, now_us: int) -> None:
        """Apply what is given. What is said of the telemetry changes in all versions of the level."""
        if changes.mesh_axes is not None:
            self._db.execute(
                "UPDATE level_models SET mesh_axes = ? WHERE model_id = ?", (changes.mesh_axes, model.model_id)
            )
        if changes.telemetry_axes is not None:
            self._db.execute(
                "UPDATE level_models SET telemetry_axes = ? WHERE app_id = ? AND level_name = ?",
                (changes.telemetry_axes, model.app_id, model.level_name),
            )
        if changes.calibration is not None:
            self._calibrate(model, changes.calibration)
        if changes.archived is not None and changes.archived != (model.archived_at_us is not None):
            self._archive(model, now_us if changes.archived else None)
        if changes.active is not None:
            if changes.active:
                self._deactivate(model)
            self._db.execute(
                "UPDATE level_models SET active = ?1, archived_at_us = iif(?1, NULL, archived_at_us)"
                " WHERE model_id = ?2",
                (changes.active, model.model_id),
            )

    def delete(self, model: LevelModel) -> None:
        """Remove a version; if it was active, the newest one left becomes active. With the last one go its names."""
        self._db.execute("DELETE FROM level_models WHERE model_id = ?", (model.model_id,))
        if model.active:
            self._activate_newest(model)
        if self.newest(model.app_id, model.level_name) is None:
            self._db.execute(
                "DELETE FROM level_names WHERE app_id = ? AND level_name = ?", (model.app_id, model.level_name)
            )

    def _archive(self, model: LevelModel, at_us: int | None) -> None:
        self._db.execute(
            "UPDATE level_models SET active = 0, archived_at_us = ? WHERE model_id = ?", (at_us, model.model_id)
        )
        if model.active or at_us is None:
            self._activate_newest(model)

    def _activate_newest(self, model: LevelModel) -> None:
        """Where no version is active, the newest that is not archived becomes it."""
        self._db.execute(
            "UPDATE level_models SET active = 1 WHERE model_id = ("
            " SELECT model_id FROM level_models"
            " WHERE app_id = ?1 AND level_name = ?2 AND archived_at_us IS NULL ORDER BY version DESC LIMIT 1"
            ") AND NOT EXISTS (SELECT 1 FROM level_models WHERE app_id = ?1 AND level_name = ?2 AND active)",
            (model.app_id, model.level_name),
        )

    def _calibrate(self, model: LevelModel, calibration: Calibration) -> None:
        for version in self.all(model.app_id):
            if version.level_name == model.level_name:
                mesh = calibration.mesh if version.model_id == model.model_id else version.calibration.mesh
                changed = Calibration(mesh=mesh, telemetry=calibration.telemetry)
                self._db.execute(
                    "UPDATE level_models SET calibration = ? WHERE model_id = ?", (_json(changed), version.model_id)
                )

    def _deactivate(self, model: LevelModel) -> None:
        self._db.execute(
            "UPDATE level_models SET active = 0 WHERE app_id = ? AND level_name = ?", (model.app_id, model.level_name)
        )


def _level_model(row: tuple[Any, ...]) -> LevelModel:
    return LevelModel(
        model_id=row[0],
        app_id=row[1],
        level_name=row[2],
        version=row[3],
        active=bool(row[4]),
        file_name=row[5],
        file_bytes=row[6],
        triangles=row[7],
        vertices=row[8],
        bounds=((row[9], row[10], row[11]), (row[12], row[13], row[14])),
        mesh_axes=row[15],
        telemetry_axes=row[16],
        uploaded_at_us=row[17],
        calibration=msgspec.json.decode(row[18], type=Calibration),
        archived_at_us=row[19],
    )


def _json(calibration: Calibration) -> str:
    return msgspec.json.encode(calibration).decode()
