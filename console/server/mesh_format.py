"""What kind of mesh file this is, and whether it may be parsed at all.

Looks at the bytes only: a file's name decides nothing that its content contradicts.
"""

import json
import struct
from pathlib import Path
from typing import Any, Literal

MeshFormat = Literal["glb", "gltf", "obj", "stl", "ply", "off", "dae"]

FORMATS: tuple[MeshFormat, ...] = ("glb", "gltf", "obj", "stl", "ply", "off", "dae")
_HEAD_BYTES = 4096
_MAX_STL_BYTES = 1024 * 1024 * 1024
_MAX_JSON_BYTES = 64 * 1024 * 1024
_MAX_ACCESSOR_BYTES = 1024 * 1024 * 1024
_TEXT_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r")
_KINDS = "Use GLB, self-contained glTF, OBJ, STL, PLY, OFF or COLLADA."

_ARCHIVES = {
    b"PK\x03\x04": "ZIP",
    b"PK\x05\x06": "ZIP",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_FBX = (b"Kaydara FBX Binary", b"; FBX")
# Bytes of a component (glTF 2.0 section 3.6.2.2), components of an element (section 3.6.2.3).
COMPONENT_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
ELEMENT_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
# What concerns only the look of surfaces needs no reading: levels are shown without.
_SURFACE_EXTENSIONS = ("KHR_materials_", "KHR_texture_", "EXT_texture_", "MSFT_texture_", "KHR_lights_", "EXT_lights_")
_READ_EXTENSIONS = ("KHR_mesh_quantization", "EXT_mesh_gpu_instancing", "KHR_animation_pointer", "KHR_xmp_json_ld")
_COMPRESSED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression")


class MeshRefused(Exception):
    """The file is not a mesh this program reads. The text is one or two sentences for people."""


def recognise(file: Path, name: str) -> MeshFormat:
    """The format of a file that was sent under this name. Raises MeshRefused, OSError."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise MeshRefused("The file is empty.")
    for magic, archive in _ARCHIVES.items():
        if head.startswith(magic):
            raise MeshRefused(f"The file is a {archive} archive. Unpack it and send the mesh file itself.")
    extension = Path(name).suffix.lower().lstrip(".")
    if extension == "fbx" or head.startswith(_FBX):
        raise MeshRefused(
            "FBX is not read here. Convert it to GLB: in Blender, File ▸ Import ▸ FBX, then File ▸ Export ▸ glTF 2.0; "
            "Unity and Unreal export GLB themselves (packages glTFast, glTF Exporter)."
        )
    if not extension:
        raise MeshRefused(f"The file's name does not end with what kind it is, such as .glb. {_KINDS}")
    if extension not in FORMATS:
        raise MeshRefused(f"“.{extension}” is not a kind of mesh file that is read here. {_KINDS}")
    found = _by_content(head, size)
    if found is None and extension == "obj" and _is_text(head):
        found = "obj"
    if found is None and extension == "stl":
        _explain_stl(head, size)
    if found is None:
        raise MeshRefused(f"The file does not hold what a .{extension} file holds. {_KINDS}")
    if found != extension and not {found, extension} <= {"glb", "gltf"}:
        raise MeshRefused(f"The file is named .{extension} but holds {found.upper()}. Name it .{found}.")
    return found


def check_gltf(file: Path, mesh_format: MeshFormat) -> dict[str, Any]:
    """The document of a glTF, unless it asks for files, URLs, decoders or memory it does not bring along.

    Raises MeshRefused; what else is wrong is for the parser to find. glTF 2.0 sections 3.6 and 4.4.
    """
    size = file.stat().st_size
    try:
        document = json.loads(_json_of_glb(file) if mesh_format == "glb" else file.read_bytes())
        if not isinstance(document, dict):
            raise MeshRefused("The glTF does not hold a JSON object.")
        _check_self_contained(document)
        _check_accessors(document, size)
        return document
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise MeshRefused(f"The glTF is damaged: {type(error).__name__}: {error}.") from error


def _by_content(head: bytes, size: int) -> MeshFormat | None:
    if head.startswith(b"glTF"):
        return "glb"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "gltf"
    if text.startswith((b"<?xml", b"<COLLADA", b"<!--")) and b"<COLLADA" in head:
        return "dae"
    if head.startswith((b"ply\n", b"ply\r")):
        return "ply"
    if len(head) >= 84 and size == 84 + 50 * struct.unpack_from("<I", head, 80)[0]:
        return "stl"
    if _is_text(head):
        while text.startswith(b"#"):
            text = text.partition(b"\n")[2].lstrip()
        first_line = text.split(b"\n", 1)[0].strip()
        if first_line.split(b" ", 1)[0] in (b"OFF", b"COFF", b"NOFF", b"STOFF", b"4OFF"):
            return "off"
        if first_line.startswith(b"solid") and b"facet" in head:
            return "stl"
    return None


def _explain_stl(head: bytes, size: int) -> None:
    """What is wrong with a binary STL whose length is not what its head tells. Raises MeshRefused."""
    if len(head) < 84 or _is_text(head):
        return
    triangles: int = struct.unpack_from("<I", head, 80)[0]
    told = 84 + 50 * triangles
    if size < told <= _MAX_STL_BYTES:  # else it is anything
        raise MeshRefused(
            f"The STL is cut short or damaged: it tells of {triangles:,} triangles, which take {told:,} bytes, and has "
            f"{size:,}. Export it again."
        )


def _is_text(head: bytes) -> bool:
    return not _TEXT_CONTROL.intersection(head)


def _json_of_glb(file: Path) -> bytes:
    """The first chunk of a GLB container (glTF 2.0 section 4.4)."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        header = stream.read(20)
        if len(header) < 20:
            raise MeshRefused("The GLB ends inside its header.")
        _, version, length, json_length, chunk_type = struct.unpack("<4sIII4s", header)
        if version != 2:
            raise MeshRefused(f"The GLB has version {version}; only version 2 is read.")
        if length > size:
            raise MeshRefused(f"The GLB is cut short: {size:,} of {length:,} bytes.")
        if chunk_type != b"JSON" or json_length > min(size - 20, _MAX_JSON_BYTES):
            raise MeshRefused("The GLB does not begin with a JSON chunk of a sensible size.")
        return stream.read(json_length)


def _check_self_contained(document: dict[str, Any]) -> None:
    for kind in ("buffers", "images"):
        for item in document.get(kind, []):
            uri = item.get("uri")
            if uri is not None and not str(uri).startswith("data:"):
                raise MeshRefused(f"The glTF refers to another file, {str(uri)[:80]!r}. Export it as one .glb file.")
    for extension in document.get("extensionsRequired", []):
        if extension in _COMPRESSED:
            raise MeshRefused(f"The glTF is compressed with {extension}. Export it without mesh compression.")
        if extension not in _READ_EXTENSIONS and not extension.startswith(_SURFACE_EXTENSIONS):
            raise MeshRefused(f"The glTF needs the extension {str(extension)[:80]!r}. Export it without.")


def _check_accessors(document: dict[str, Any], size: int) -> None:
    total = 0
    for accessor in document.get("accessors", []):
        element = COMPONENT_BYTES[accessor["componentType"]] * ELEMENT_COMPONENTS[accessor["type"]]
        count = accessor["count"]
        if not isinstance(count, int) or count < 0:
            raise MeshRefused("The glTF is damaged: an accessor has no sensible count.")
        if "bufferView" in accessor and element * count > size:
            # Base64 in a glTF is longer than what it stands for, so the file's size bounds both containers.
            raise MeshRefused(f"The glTF is damaged: it claims {count:,} elements that {size:,} bytes cannot hold.")
        total += element * count
    if total > _MAX_ACCESSOR_BYTES:
        raise MeshRefused(f"The glTF asks for {total / 2**30:.1f} GiB of memory.")
