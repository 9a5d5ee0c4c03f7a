"""What people call an engine's axes."""

from console.messages import Axes

AXES_WORDS: dict[Axes, str] = {
    "unity": "Unity (Y-up, m)",
    "unreal": "Unreal (Z-up, cm)",
    "gltf": "glTF (Y-up, m)",
    "godot": "Godot (Y-up, m)",
    "blender": "Blender (Z-up, m)",
    "quake": "Quake / Source (Z-up)",
}
ENGINES: dict[Axes, str] = {axes: words.split(" (")[0] for axes, words in AXES_WORDS.items()}
