"""The catalog's table of level models: a level keeps versions, at most one of them active."""

import sqlite3
import uuid
from collections.abc import Callable
from typing import Any

import msgspec

from console.messages import Axes, LevelModel, LevelModelChanges
from console.storage.catalog_rules import Transaction, check_application, unknown
from console.telemetry.placement import AS_AXES_SAY, Calibration

_COLUMNS = (
    "model_id, app_id, level_name, version, active, file_name, file_bytes, triangles, vertices,"
    " min_x, min_y, min_z, max_x, max_y, max_z, mesh_axes, telemetry_axes, uploaded_at_us,"
    " calibration, archived_at_us"
)
_SELECT = f"SELECT {_COLUMNS} FROM level_models"  # noqa: S608  # names of this file


class LevelModelTable:
    """Works in transactions of the catalog, which it is handed."""

    def __init__(self, *, reading: Transaction, changing: Transaction, now_us: Callable[[], int]) -> None:
        self._reading = reading
        self._changing = changing
        self._now_us = now_us

    def all(self, app_id: str | None = None) -> list[LevelModel]:
        """Every version of every level, by level name, newest version first; of one application, or of all."""
        with self._reading() as db:
            return _all(db, app_id)

    def get(self, model_id: str) -> LevelModel:
        """One version. Raises CatalogError `not_found`."""
        with self._reading() as db:
            return _get(db, model_id)

    def add(
        self,
        *,
        app_id: str,
        level_name: str,
        file_name: str,
        file_bytes: int,
        triangles: int,
        vertices: int,
        bounds: tuple[tuple[float, float, float], tuple[float, float, float]],
        mesh_axes: Axes | None = None,
        telemetry_axes: Axes | None = None,
        model_id: str | None = None,
    ) -> LevelModel:
        """A new version of a level's model; it becomes the active one.

        Axes that are not given are those of the level's newest version, else glTF's for the mesh and Unity's for the
        telemetry; the calibration is that of the newest version. Raises CatalogError `not_found` for an unknown
        application.
        """
        with self._changing() as db:
            check_application(db, app_id)
            newest = _newest(db, app_id, level_name)
            model = LevelModel(
                model_id=model_id or str(uuid.uuid4()),
                app_id=app_id,
                level_name=level_name,
                version=newest.version + 1 if newest else 1,
                active=True,
                file_name=file_name,
                file_bytes=file_bytes,
                triangles=triangles,
                vertices=vertices,
                bounds=bounds,
                mesh_axes=mesh_axes or (newest.mesh_axes if newest else "gltf"),
                telemetry_axes=telemetry_axes or (newest.telemetry_axes if newest else "unity"),
                uploaded_at_us=self._now_us(),
                calibration=newest.calibration if newest else AS_AXES_SAY,
            )
            _deactivate(db, model)
            _insert(db, model)
        return model

    def change(self, model_id: str, changes: LevelModelChanges) -> LevelModel:
        """What is said of the telemetry holds for the level, so it changes in all its versions.

        Raises CatalogError `not_found`.
        """
        with self._changing() as db:
            _change(db, _get(db, model_id), changes, self._now_us())
            return _get(db, model_id)

    def delete(self, model_id: str) -> LevelModel:
        """Forget a version, and tell what it was; the newest one left becomes active if it was the active one.

        With a level's last version go its other names. The file is the caller's to remove. Raises CatalogError
        `not_found`.
        """
        with self._changing() as db:
            model = _get(db, model_id)
            db.execute("DELETE FROM level_models WHERE model_id = ?", (model_id,))
            if model.active:
                _activate_newest(db, model)
            if _newest(db, model.app_id, model.level_name) is None:
                db.execute(
                    "DELETE FROM level_names WHERE app_id = ? AND level_name = ?", (model.app_id, model.level_name)
                )
            return model


def _all(db: sqlite3.Connection, app_id: str | None) -> list[LevelModel]:
    rows = db.execute(f"{_SELECT} WHERE ?1 IS NULL OR app_id = ?1 ORDER BY level_name, app_id, version DESC", (app_id,))
    return [_level_model(row) for row in rows]


def _get(db: sqlite3.Connection, model_id: str) -> LevelModel:
    row = db.execute(f"{_SELECT} WHERE model_id = ?", (model_id,)).fetchone()
    if row is None:
        raise unknown("level model", model_id)
    return _level_model(row)


def _newest(db: sqlite3.Connection, app_id: str, level_name: str) -> LevelModel | None:
    """The last version uploaded of a level, None for a new level."""
    row = db.execute(
        f"{_SELECT} WHERE app_id = ? AND level_name = ? ORDER BY version DESC LIMIT 1", (app_id, level_name)
    ).fetchone()
    return None if row is None else _level_model(row)


def _insert(db: sqlite3.Connection, model: LevelModel) -> None:
    db.execute(
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


def _change(db: sqlite3.Connection, model: LevelModel, changes: LevelModelChanges, now_us: int) -> None:
    """Apply what is given. What is said of the telemetry changes in all versions of the level."""
    if changes.mesh_axes is not None:
        db.execute("UPDATE level_models SET mesh_axes = ? WHERE model_id = ?", (changes.mesh_axes, model.model_id))
    if changes.telemetry_axes is not None:
        db.execute(
            "UPDATE level_models SET telemetry_axes = ? WHERE app_id = ? AND level_name = ?",
            (changes.telemetry_axes, model.app_id, model.level_name),
        )
    if changes.calibration is not None:
        _calibrate(db, model, changes.calibration)
    if changes.archived is not None and changes.archived != (model.archived_at_us is not None):
        _archive(db, model, now_us if changes.archived else None)
    if changes.active is not None:
        if changes.active:
            _deactivate(db, model)
        db.execute(
            "UPDATE level_models SET active = ?1, archived_at_us = iif(?1, NULL, archived_at_us) WHERE model_id = ?2",
            (changes.active, model.model_id),
        )


def _archive(db: sqlite3.Connection, model: LevelModel, at_us: int | None) -> None:
    db.execute("UPDATE level_models SET active = 0, archived_at_us = ? WHERE model_id = ?", (at_us, model.model_id))
    if model.active or at_us is None:
        _activate_newest(db, model)


def _activate_newest(db: sqlite3.Connection, model: LevelModel) -> None:
    """Where no version is active, the newest that is not archived becomes it."""
    db.execute(
        "UPDATE level_models SET active = 1 WHERE model_id = ("
        " SELECT model_id FROM level_models"
        " WHERE app_id = ?1 AND level_name = ?2 AND archived_at_us IS NULL ORDER BY version DESC LIMIT 1"
        ") AND NOT EXISTS (SELECT 1 FROM level_models WHERE app_id = ?1 AND level_name = ?2 AND active)",
        (model.app_id, model.level_name),
    )


def _calibrate(db: sqlite3.Connection, model: LevelModel, calibration: Calibration) -> None:
    for version in _all(db, model.app_id):
        if version.level_name == model.level_name:
            mesh = calibration.mesh if version.model_id == model.model_id else version.calibration.mesh
            changed = Calibration(mesh=mesh, telemetry=calibration.telemetry)
            db.execute("UPDATE level_models SET calibration = ? WHERE model_id = ?", (_json(changed), version.model_id))


def _deactivate(db: sqlite3.Connection, model: LevelModel) -> None:
    db.execute(
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
