"""Which names probably mean the same level: engines write one level in several ways. Pure."""

import re
from collections.abc import Iterable

# Unreal's name of a level that is played in the editor: https://dev.epicgames.com/documentation (Play In Editor).
_PLAYED_IN_EDITOR = re.compile(r"^uedpie_\d+_", re.IGNORECASE)
_SUFFIXES = (".unity", ".umap", ".tscn", ".scn", ".bsp", ".map", ".vmap", ".glb", ".gltf", ".fbx", ".obj", ".dae")


def plain_level_name(name: str) -> str:
    """What is left of a level's name without folder, file type, case, spaces and punctuation.

    `/Game/Maps/OA Minia`, `Assets/Scenes/oa_minia.unity` and `UEDPIE_0_OA-Minia` are all `oaminia`. "" where nothing
    is left.
    """
    last = re.split(r"[/\\]", name.strip().rstrip("/\\"))[-1]
    for suffix in _SUFFIXES:
        if last.lower().endswith(suffix):
            last = last[: -len(suffix)]
            break
    if "." in last and len(set(last.split("."))) == 1:
        last = last.split(".")[0]  # an asset path of Unreal names its object twice: Arena.Arena
    last = _PLAYED_IN_EDITOR.sub("", last)
    return "".join(character for character in last.casefold() if character.isalnum())


def same_level(level_id: str, names: Iterable[str]) -> str | None:
    """The one of `names` that probably means this level; None when none does, or several do."""
    wanted = plain_level_name(level_id)
    found = {name for name in names if name != level_id and plain_level_name(name) == wanted} if wanted else set()
    return found.pop() if len(found) == 1 else None
