"""glTF 2.0 as parts of a mesh: its scene's nodes, each with the triangles it places. Nothing else of a file is decoded.

https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html ; section numbers below are of that text. Read here and not by
a library because levels use what those leave out: sparse and normalized accessors, fans, instances, and many nodes.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.server.mesh_format import COMPONENT_BYTES, ELEMENT_COMPONENTS, MeshFormat, MeshRefused, check_gltf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Component types of section 3.6.2.2 as numpy's, little-endian as section 3.6.2.4 wants.
_DTYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_HEAD_BYTES, _CHUNK_HEAD_BYTES = 12, 8
_INSTANCES = "EXT_mesh_gpu_instancing"


def gltf_parts(file: Path, mesh_format: MeshFormat) -> "Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]":
    """Vertices in metres, Y up, and faces of every placed part. Raises MeshRefused, OSError."""
    document = check_gltf(file, mesh_format)
    try:
        yield from _Scene(document, _binary_chunk(file) if mesh_format == "glb" else None).parts()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise MeshRefused(f"The glTF is damaged: {type(error).__name__}: {error}. Export it again.") from error


def _binary_chunk(file: Path) -> "NDArray[np.uint8] | None":
    """What a GLB holds beside its JSON (section 4.4.3); None when that is nothing."""
    import numpy as np

    size = file.stat().st_size
    with file.open("rb") as stream:
        at = _HEAD_BYTES
        while at + _CHUNK_HEAD_BYTES <= size:
            stream.seek(at)
            length, kind = int.from_bytes(stream.read(4), "little"), stream.read(4)
            at += _CHUNK_HEAD_BYTES
            if kind == b"BIN\0":
                if at + length > size:
                    raise MeshRefused(f"The GLB is cut short: it ends {at + length - size:,} bytes early.")
                return np.memmap(file, dtype=np.uint8, mode="r", offset=at, shape=(length,)) if length else None
            at += length + (-length % 4)
    return None


class _Scene:
    def __init__(self, document: dict[str, Any], binary: "NDArray[np.uint8] | None") -> None:
        self._document = document
        self._binary = binary
        self._buffers: dict[int, NDArray[np.uint8]] = {}
        self._meshes: dict[int, list[tuple[NDArray[np.float64], NDArray[np.int64]]]] = {}

    def parts(self) -> "Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]":
        import numpy as np

        for node, place in self._placed():
            if "mesh" not in node:
                continue
            for matrix in self._instances(node, place):
                mirrored = np.linalg.det(matrix[:3, :3]) < 0  # such a part keeps its outside outside
                for points, faces in self._mesh(node["mesh"]):
                    yield points @ matrix[:3, :3].T + matrix[:3, 3], faces[:, ::-1] if mirrored else faces

    def _placed(self) -> "Iterator[tuple[dict[str, Any], NDArray[np.float64]]]":
        """Each node of the scene that is shown, and its matrix into it."""
        import numpy as np

        nodes = self._document.get("nodes", [])
        if self._document.get("scenes"):
            roots = self._item("scenes", self._document.get("scene", 0)).get("nodes", [])
        else:
            below = {child for node in nodes for child in node.get("children", [])}
            roots = [number for number in range(len(nodes)) if number not in below]
        waiting = [(number, np.eye(4)) for number in reversed(roots)]
        seen: set[int] = set()
        while waiting:
            number, parent = waiting.pop()
            node = self._item("nodes", number)
            if number in seen:  # section 3.5.2: a tree, else it could be endless
                raise MeshRefused(
                    f"The glTF is damaged: node {number} lies inside itself or in two others. Export it again."
                )
            seen.add(number)
            place = parent @ _local(node)
            yield node, place
            waiting += [(child, place) for child in reversed(node.get("children", []))]

    def _instances(self, node: dict[str, Any], place: "NDArray[np.float64]") -> "list[NDArray[np.float64]]":
        """A matrix for each time that the node's mesh is shown."""
        extension = node.get("extensions", {}).get(_INSTANCES)
        if extension is None:
            return [place]
        named = {
            word.lower(): self._accessor(number)
            for word, number in extension["attributes"].items()
            if word in ("TRANSLATION", "ROTATION", "SCALE")
        }
        count = min((len(values) for values in named.values()), default=0)
        return [place @ _local({word: values[n].tolist() for word, values in named.items()}) for n in range(count)]

    def _mesh(self, number: int) -> "list[tuple[NDArray[np.float64], NDArray[np.int64]]]":
        if number not in self._meshes:
            read = [self._primitive(primitive) for primitive in self._item("meshes", number)["primitives"]]
            self._meshes[number] = [part for part in read if part is not None]
        return self._meshes[number]

    def _primitive(self, primitive: dict[str, Any]) -> "tuple[NDArray[np.float64], NDArray[np.int64]] | None":
        import numpy as np

        mode = primitive.get("mode", _TRIANGLES)
        if mode not in (_TRIANGLES, _STRIP, _FAN) or "POSITION" not in primitive["attributes"]:
            return None  # points, lines, or to be filled in by an application (section 3.7.2.1)
        if "KHR_draco_mesh_compression" in primitive.get("extensions", {}):
            position = self._item("accessors", primitive["attributes"]["POSITION"])
            if "bufferView" not in position:
                raise _compressed("KHR_draco_mesh_compression")
        points = self._accessor(primitive["attributes"]["POSITION"]).astype(np.float64)
        if "indices" in primitive:
            corners = self._accessor(primitive["indices"])[:, 0].astype(np.int64)
        else:
            corners = np.arange(len(points), dtype=np.int64)
        faces = _triangles(corners, mode)
        if not len(faces):
            return None
        # Indices must be unsigned (section 3.7.2.1), but whoever wrote the file may not know.
        if points.shape[1] != 3 or faces.min() < 0 or faces.max() >= len(points):
            raise MeshRefused("The glTF is damaged: a triangle names a vertex that does not exist. Export it again.")
        return points, faces

    def _accessor(self, number: int) -> "NDArray[Any]":
        """Elements as rows (section 3.6.2)."""
        import numpy as np

        accessor = self._item("accessors", number)
        kind, components, count = accessor["componentType"], ELEMENT_COMPONENTS[accessor["type"]], accessor["count"]
        if "bufferView" in accessor:
            values = self._view(accessor["bufferView"], accessor.get("byteOffset", 0), kind, components, count)
        else:
            values = np.zeros((count, components), _DTYPES[kind])
        if sparse := accessor.get("sparse"):
            where, what, some = sparse["indices"], sparse["values"], sparse["count"]
            places = self._view(where["bufferView"], where.get("byteOffset", 0), where["componentType"], 1, some)
            values = values.copy()
            values[places[:, 0]] = self._view(what["bufferView"], what.get("byteOffset", 0), kind, components, some)
        if accessor.get("normalized") and values.dtype.kind in "iu":
            return np.maximum(values / np.iinfo(values.dtype).max, -1.0)
        return values

    def _view(self, number: int, offset: int, kind: int, components: int, count: int) -> "NDArray[Any]":
        import numpy as np

        view = self._item("bufferViews", number)
        start, length = view.get("byteOffset", 0), view["byteLength"]
        element = COMPONENT_BYTES[kind] * components
        stride = view.get("byteStride", element)
        content = self._buffer(view["buffer"], view)
        end = offset + stride * (count - 1) + element if count else 0
        if min(start, offset, length, stride) < 0 or end > length or start + length > len(content):
            raise MeshRefused(
                f"The glTF is damaged or cut short: part {number} of its data reaches beyond its end. Export it again."
            )
        strides = stride, COMPONENT_BYTES[kind]
        return np.ndarray((count, components), _DTYPES[kind], buffer=content, offset=start + offset, strides=strides)

    def _buffer(self, number: int, view: dict[str, Any]) -> "NDArray[np.uint8]":
        import numpy as np

        if number not in self._buffers:
            uri = self._item("buffers", number).get("uri")
            if uri is not None:
                head, _, text = uri.partition(",")
                if not head.endswith(";base64"):
                    raise MeshRefused("The glTF holds data that are not base64. Export it as one .glb file.")
                self._buffers[number] = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
            elif number == 0 and self._binary is not None:
                self._buffers[number] = self._binary
            else:
                for name in ("EXT_meshopt_compression", "KHR_meshopt_compression"):
                    if name in view.get("extensions", {}):
                        raise _compressed(name)
                raise MeshRefused("The glTF lacks its binary data. Export it as one .glb file.")
        return self._buffers[number]

    def _item(self, kind: str, number: int) -> dict[str, Any]:
        items = self._document.get(kind, [])
        if not isinstance(number, int) or not 0 <= number < len(items):
            raise MeshRefused(
                f"The glTF is damaged: it names {kind}[{number}], which it does not hold. Export it again."
            )
        item: dict[str, Any] = items[number]
        return item


def _compressed(extension: str) -> MeshRefused:
    return MeshRefused(f"The glTF is compressed with {extension}. Export it without mesh compression.")


def _triangles(corners: "NDArray[np.int64]", mode: int) -> "NDArray[np.int64]":
    """Section 3.7.2.1: every second triangle of a strip is turned over."""
    import numpy as np

    if mode == _TRIANGLES:
        return corners[: len(corners) // 3 * 3].reshape(-1, 3)
    if mode == _FAN:
        middle, after = corners[1:-1], corners[2:]
        return np.column_stack([middle, after, np.full(len(after), corners[0] if len(corners) else 0)])
    faces = np.column_stack([corners[:-2], corners[1:-1], corners[2:]]) if len(corners) > 2 else corners[:0, None]
    faces[1::2, 1:] = faces[1::2, :0:-1]
    return faces


def _local(node: dict[str, Any]) -> "NDArray[np.float64]":
    """Section 3.5.3: a matrix by columns, or translation · rotation · scale."""
    import numpy as np

    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    result = np.eye(4)
    if "rotation" in node:
        x, y, z, w = (float(value) for value in node["rotation"])
        length = x * x + y * y + z * z + w * w
        s = 2 / length if length else 0.0
        result[:3, :3] = [
            [1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y)],
            [s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x)],
            [s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y)],
        ]
    result[:3, :3] *= np.array(node.get("scale", (1, 1, 1)), dtype=np.float64)
    result[:3, 3] = np.array(node.get("translation", (0, 0, 0)), dtype=np.float64)
    return result
