"""What people call an engine's axes."""

from console.messages import Axes
from console.telemetry.coordinates import Transforms
from console.telemetry.placement import Placement

AXES_WORDS: dict[Axes, str] = {
    "unity": "Unity (Y-up, m)",
    "unreal": "Unreal (Z-up, cm)",
    "gltf": "glTF (Y-up, m)",
    "godot": "Godot (Y-up, m)",
    "blender": "Blender (Z-up, m)",
    "quake": "Quake / Source (Z-up)",
}
ENGINES: dict[Axes, str] = {axes: words.split(" (")[0].split(" /")[0] for axes, words in AXES_WORDS.items()}


def placed(transforms: Transforms) -> list[str]:
    """What is moved, turned or scaled besides its axes: "model", "telemetry", both or neither."""
    parts = (("model", transforms.calibration.mesh), ("telemetry", transforms.calibration.telemetry))
    return [name for name, placement in parts if placement != Placement()]
