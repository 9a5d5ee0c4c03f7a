import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.messages import (
    ApplicationChanges,
    CreateApplication,
    CreateKey,
    LevelModel,
    LevelModelChanges,
    Settings,
    SettingsChanges,
)
from console.storage.catalog import Catalog, CatalogError
from console.telemetry.placement import Calibration, Placement

BOUNDS = ((0.0, 1.0, 2.0), (3.0, 4.0, 5.0))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite", clock=lambda: 5_000_000)
    yield catalog
    catalog.close()


def reopened(catalog: Catalog) -> Catalog:
    catalog.close()
    return Catalog(catalog._path)


def refused(error: pytest.ExceptionInfo[CatalogError]) -> str:
    return error.value.code


def test_the_first_start_makes_one_application_with_two_keys(catalog: Catalog) -> None:
    first = catalog.first_start()
    assert first is not None
    assert first.application.name == "My Game"
    assert [key.kind for key in first.application.keys] == ["public", "secret"]
    assert catalog.first_start() is None
    assert catalog.applications() == [first.application]


@pytest.mark.parametrize("environment", ["live", "test"])
def test_keys_look_as_documented(catalog: Catalog, environment: str) -> None:
    made = catalog.create_application(CreateApplication(name="A", environment=environment))  # type: ignore[arg-type]
    for token, prefix in ((made.public_key, f"pk_{environment}_"), (made.secret_key, f"sk_{environment}_")):
        assert token.startswith(prefix)
        assert len(token) == len(prefix) + 32


def test_a_secret_key_is_stored_as_its_hash_only(catalog: Catalog, tmp_path: Path) -> None:
    made = catalog.create_application(CreateApplication(name="A"))
    rotated = catalog.rotate_key(made.application.keys[1].key_id)
    catalog.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for token in (made.secret_key, rotated.token):
        assert token.encode() not in stored
        assert hashlib.sha256(token.encode()).digest() in stored
    assert made.public_key.encode() in stored
    secret = made.application.keys[1]
    assert secret.token == ""
    assert secret.hint == f"sk_live_…{made.secret_key[-4:]}"


def test_authenticate_tells_whose_key_it_is(catalog: Catalog) -> None:
    one = catalog.create_application(CreateApplication(name="One"))
    two = catalog.create_application(CreateApplication(name="Two"))
    for made, token, kind in ((one, one.public_key, "public"), (two, two.secret_key, "secret")):
        grant = catalog.authenticate(token)
        assert grant is not None
        assert (grant.app_id, grant.kind, grant.revoked) == (made.application.app_id, kind, False)
    for wrong in ("", "pk_live_", one.public_key + "x", one.public_key[:-1], "é", "\udcff", "x" * 100_000):
        assert catalog.authenticate(wrong) is None


def test_a_revoked_key_is_known_as_revoked_at_once_and_after_a_restart(catalog: Catalog) -> None:
    made = catalog.create_application(CreateApplication(name="A"))
    public = made.application.keys[0]
    catalog.revoke_key(public.key_id)
    grant = catalog.authenticate(made.public_key)
    assert grant is not None
    assert grant.revoked
    again = reopened(catalog)
    grant = again.authenticate(made.public_key)
    assert grant is not None
    assert grant.revoked
    assert again.applications()[0].keys[0].revoked_at_us == 5000
    again.revoke_key(public.key_id)
    assert again.applications()[0].keys[0].revoked_at_us == 5000
    again.close()


def test_rotation_keeps_kind_and_label_and_revokes_the_old_key(catalog: Catalog) -> None:
    made = catalog.create_application(CreateApplication(name="A", environment="test"))
    key = catalog.create_key(made.application.app_id, CreateKey(kind="secret", label="CI"))
    new = catalog.rotate_key(key.key.key_id)
    assert (new.key.kind, new.key.label) == ("secret", "CI")
    assert new.token.startswith("sk_test_")
    old_grant, new_grant = catalog.authenticate(key.token), catalog.authenticate(new.token)
    assert old_grant is not None
    assert old_grant.revoked
    assert new_grant is not None
    assert not new_grant.revoked


def test_labels_can_be_changed(catalog: Catalog) -> None:
    made = catalog.create_application(CreateApplication(name="A"))
    catalog.label_key(made.application.keys[0].key_id, " Steam build ")
    grant = catalog.authenticate(made.public_key)
    assert grant is not None
    assert grant.label == "Steam build"


def test_names_are_unique_whatever_their_case(catalog: Catalog) -> None:
    first = catalog.create_application(CreateApplication(name="Straße"))
    other = catalog.create_application(CreateApplication(name="Other"))
    with pytest.raises(CatalogError, match="'Straße' already exists") as error:
        catalog.create_application(CreateApplication(name=" STRASSE "))
    assert refused(error) == "name_taken"
    with pytest.raises(CatalogError, match="already exists"):
        catalog.change_application(other.application.app_id, ApplicationChanges(name="strasse"))
    catalog.change_application(first.application.app_id, ApplicationChanges(name="STRASSE"))
    assert catalog.application(first.application.app_id).name == "STRASSE"


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "\ud800"])
def test_a_name_must_be_usable(catalog: Catalog, name: str) -> None:
    with pytest.raises(CatalogError) as error:
        catalog.create_application(CreateApplication(name=name))
    assert refused(error) == "invalid_name"
    assert catalog.applications() == []


def test_a_given_application_id_must_be_a_new_uuid(catalog: Catalog) -> None:
    app_id = "A3BB189E-8BF9-4C1D-9A4B-1C2D3E4F5A6B"
    made = catalog.create_application(CreateApplication(name="A", app_id=app_id))
    assert made.application.app_id == app_id.lower()
    with pytest.raises(CatalogError) as error:
        catalog.create_application(CreateApplication(name="B", app_id=app_id.lower()))
    assert refused(error) == "app_id_taken"
    with pytest.raises(CatalogError, match="not a UUID") as error:
        catalog.create_application(CreateApplication(name="B", app_id="my-game"))
    assert refused(error) == "invalid_app_id"


def test_what_is_unknown_is_said(catalog: Catalog) -> None:
    for call in (
        lambda: catalog.application("x"),
        lambda: catalog.change_application("x", ApplicationChanges(name="y")),
        lambda: catalog.create_key("x", CreateKey(kind="public")),
        lambda: catalog.label_key("x", "y"),
        lambda: catalog.revoke_key("x"),
        lambda: catalog.rotate_key("x"),
        lambda: catalog.level_models.get("x"),
        lambda: catalog.level_models.change("x", LevelModelChanges()),
        lambda: catalog.level_models.delete("x"),
        lambda: added(catalog, "x"),
    ):
        with pytest.raises(CatalogError) as error:
            call()
        assert refused(error) == "not_found"


def test_last_use_is_shown_at_once_and_written_later(catalog: Catalog) -> None:
    made = catalog.create_application(CreateApplication(name="A"))
    key_id = made.application.keys[0].key_id
    catalog.note_used(key_id, 1234)
    catalog.note_used("gone", 1)
    assert catalog.applications()[0].keys[0].last_used_at_us == 1234
    again = reopened(catalog)
    assert again.applications()[0].keys[0].last_used_at_us == 1234
    again.close()


def test_settings_keep_what_is_not_changed(catalog: Catalog) -> None:
    assert catalog.settings() == Settings()
    catalog.change_settings(SettingsChanges(rate_limit=0, allowed_origins=["https://a.example"]))
    catalog.change_settings(SettingsChanges(lan=True))
    expected = Settings(lan=True, rate_limit=0, allowed_origins=["https://a.example"])
    assert catalog.settings() == expected
    with pytest.raises(CatalogError) as error:
        catalog.change_settings(SettingsChanges(rate_limit=-1))
    assert refused(error) == "invalid_settings"
    with pytest.raises(CatalogError):
        catalog.change_settings(SettingsChanges(rate_limit=float("nan")))
    again = reopened(catalog)
    assert again.settings() == expected
    again.close()


def added(catalog: Catalog, app_id: str, level_name: str = "Level 1") -> LevelModel:
    return catalog.level_models.add(
        app_id=app_id,
        level_name=level_name,
        file_name="a.glb",
        file_bytes=10,
        triangles=1,
        vertices=3,
        bounds=BOUNDS,
    )


def test_the_newest_level_model_is_active(catalog: Catalog) -> None:
    app_id = catalog.create_application(CreateApplication(name="A")).application.app_id
    first, second, other = added(catalog, app_id), added(catalog, app_id), added(catalog, app_id, "Level 2")
    assert [(m.level_name, m.version, m.active) for m in catalog.level_models.all()] == [
        ("Level 1", 2, True),
        ("Level 1", 1, False),
        ("Level 2", 1, True),
    ]
    assert catalog.level_models.get(second.model_id) == second
    assert other.bounds == BOUNDS

    catalog.level_models.change(first.model_id, LevelModelChanges(active=True))
    assert [m.active for m in catalog.level_models.all(app_id)] == [False, True, True]
    catalog.level_models.delete(first.model_id)
    assert [(m.version, m.active) for m in catalog.level_models.all(app_id)] == [(2, True), (1, True)]
    assert catalog.level_models.all("other") == []


def test_an_archived_level_model_is_never_active(catalog: Catalog) -> None:
    app_id = catalog.create_application(CreateApplication(name="A")).application.app_id
    first, second = added(catalog, app_id), added(catalog, app_id)

    def change(model: LevelModel, **changes: bool) -> list[tuple[bool, bool]]:
        """Whether each version is active, and whether it is archived, newest first."""
        catalog.level_models.change(model.model_id, LevelModelChanges(**changes))
        return [(m.active, m.archived_at_us is not None) for m in catalog.level_models.all(app_id)]

    assert change(second, archived=False) == [(True, False), (False, False)]
    assert change(second, archived=True) == [(False, True), (True, False)]
    assert change(first, archived=True) == [(False, True), (False, True)]
    assert change(first, archived=False) == [(False, True), (True, False)]
    assert change(second, active=True) == [(True, False), (False, False)], "to use it is to restore it"
    assert change(second, active=False) == [(False, False), (False, False)]
    assert change(first, archived=True) == [(False, False), (False, True)], "none was active, and none is"

    catalog.level_facts.map_level(app_id, "level_one", "Level 1")
    for model in (first, second):
        assert catalog.level_facts.all().names
        catalog.level_models.delete(model.model_id)
    assert catalog.level_facts.all().names == []


def test_axes_are_inherited_and_those_of_the_telemetry_are_the_levels(catalog: Catalog) -> None:
    app_id = catalog.create_application(CreateApplication(name="A")).application.app_id
    first, second = added(catalog, app_id), added(catalog, app_id)
    assert (first.mesh_axes, first.telemetry_axes) == ("gltf", "unity")
    changed = catalog.level_models.change(
        second.model_id, LevelModelChanges(mesh_axes="blender", telemetry_axes="quake")
    )
    assert (changed.mesh_axes, changed.telemetry_axes) == ("blender", "quake")
    before = catalog.level_models.get(first.model_id)
    assert (before.mesh_axes, before.telemetry_axes) == ("gltf", "quake")
    third = added(catalog, app_id)
    assert (third.mesh_axes, third.telemetry_axes) == ("blender", "quake")


def test_a_calibration_is_inherited_and_that_of_the_telemetry_is_the_levels(catalog: Catalog) -> None:
    app_id = catalog.create_application(CreateApplication(name="A")).application.app_id
    first, second = added(catalog, app_id), added(catalog, app_id)
    assert first.calibration == Calibration()
    wanted = Calibration(mesh=Placement(scale=2.0), telemetry=Placement(yaw=90.0, directions=("+x", "+z", "-y")))
    assert catalog.level_models.change(second.model_id, LevelModelChanges(calibration=wanted)).calibration == wanted
    assert catalog.level_models.get(first.model_id).calibration == Calibration(telemetry=wanted.telemetry)
    assert added(catalog, app_id).calibration == wanted


def test_a_refused_change_leaves_nothing_behind(catalog: Catalog) -> None:
    catalog.create_application(CreateApplication(name="A"))
    with pytest.raises(CatalogError):
        catalog.create_application(CreateApplication(name="A"))
    assert len(catalog.applications()) == 1
    assert len(catalog._grants) == 2


def test_many_threads_may_use_it(catalog: Catalog) -> None:
    made = catalog.create_application(CreateApplication(name="A"))
    problems: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                key = catalog.create_key(made.application.app_id, CreateKey(kind="public", label=f"{number}.{turn}"))
                assert catalog.authenticate(key.token) is not None
                catalog.note_used(key.key.key_id, turn)
                catalog.applications()
                catalog.revoke_key(key.key.key_id)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(catalog.applications()[0].keys) == 22


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(CatalogError) as error:
        Catalog(path)
    assert refused(error) == "storage_unavailable"


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(CatalogError, match="version 999"):
        Catalog(path)


def test_use_after_close_is_an_error_of_the_catalog(catalog: Catalog) -> None:
    catalog.close()
    catalog.close()
    with pytest.raises(CatalogError):
        catalog.applications()


def test_a_sound_file_has_nothing_wrong(catalog: Catalog) -> None:
    assert catalog.quick_check() == ""
