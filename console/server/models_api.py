"""`POST /api/models`: a level model from a build pipeline."""

import asyncio

import msgspec
from aiohttp import hdrs, web

from console.messages import LevelModel
from console.server.admission import Admission
from console.server.errors import ApiError
from console.server.exchange import Exchange, json_response
from console.server.level_models import LevelModelService, ModelInvalid
from console.server.uploads import Upload, UploadInvalid, UploadTooLarge, received
from console.storage.catalog import Catalog, CatalogError


class ModelsApi:
    """The route and its errors; receiving and parsing are the level model service's."""

    def __init__(self, *, admission: Admission, catalog: Catalog, level_models: LevelModelService) -> None:
        self._admission = admission
        self._catalog = catalog
        self._level_models = level_models

    async def upload(self, exchange: Exchange) -> web.StreamResponse:
        """Store the mesh of a level as its newest version. A mesh that cannot be read keeps nothing."""
        grant = exchange.grant = self._admission.secret_grant(exchange.request.headers, exchange.received_at_us)
        application = await asyncio.to_thread(self._catalog.application, grant.app_id)
        exchange.invite_body()
        try:
            async with received(exchange.request, self._level_models.levels_dir) as upload:
                exchange.wire_bytes = upload.file_bytes
                check_application(upload, application.name)
                level_name = required(upload, "level_name")
                model = await self._level_models.store(upload, app_id=grant.app_id, level_name=level_name)
        except (UploadInvalid, ModelInvalid) as error:
            raise ApiError(400, "model_invalid", str(error), close=isinstance(error, UploadInvalid)) from error
        except UploadTooLarge as error:
            raise ApiError(413, "payload_too_large", str(error), close=True) from error
        except CatalogError as error:
            raise ApiError(400, "model_invalid", error.message) from error
        except ConnectionError:
            raise
        except OSError as error:
            raise ApiError(
                503,
                "storage_unavailable",
                f"The level model could not be stored: {error.strerror or 'the disk refused'}.",
                headers={hdrs.RETRY_AFTER: "5"},
                close=True,
            ) from error
        return json_response(exchange, 200, stored_body(model))


def check_application(upload: Upload, own_name: str) -> None:
    """The form names the key's application. Raises ApiError 403."""
    app_name = required(upload, "app_name")
    if app_name != own_name:
        raise ApiError(
            403,
            "app_scope_mismatch",
            f"app_name {app_name[:100]!r} is not the key's application: it is named {own_name!r}.",
        )


def required(upload: Upload, field: str) -> str:
    """A text field's value. Raises ApiError 400."""
    value = upload.fields.get(field, "").strip()
    if not value:
        raise ApiError(400, "model_invalid", f"The form has no {field}: send app_name, level_name and model_file.")
    return value


def stored_body(model: LevelModel) -> bytes:
    """The documented answer; `bounds` are the mesh's own axes and units, min then max."""
    return msgspec.json.encode(
        {
            "status": "stored",
            "model_id": model.model_id,
            "level_name": model.level_name,
            "version": model.version,
            "triangles": model.triangles,
            "vertices": model.vertices,
            "bounds": model.bounds,
        }
    )
