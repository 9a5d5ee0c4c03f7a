"""Colours of a level and its tracks, from the theme's tokens. Pure."""

from console.ui.theme import Tokens

Rgb = tuple[float, float, float]

_LIGHT_SHADES = (("#ffffff", 0.45), ("#000000", 0.4))
# Frame rates at the ends and in the middle of the ramp, in frames per second.
RAMP_FPS = (15.0, 30.0, 60.0)


def rgb(colour: str) -> Rgb:
    """`#rrggbb` as three numbers from 0 to 1."""
    value = int(colour.removeprefix("#"), 16)
    return (value >> 16 & 255) / 255, (value >> 8 & 255) / 255, (value & 255) / 255


def mix(first: str, second: str, share: float) -> str:
    """`#rrggbb` that is `share` of the way from the first colour to the second."""
    mixed = [round(255 * (a + (b - a) * share)) for a, b in zip(rgb(first), rgb(second), strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def ramp_share(fps: float) -> float:
    """Where a frame rate lies on the ramp, 0 (bad) to 1 (good); 30 fps is its middle."""
    low, middle, high = RAMP_FPS
    if fps < middle:
        return max(0.0, 0.5 * (fps - low) / (middle - low))
    return min(1.0, 0.5 + 0.5 * (fps - middle) / (high - middle))


def people(tokens: Tokens) -> tuple[str, ...]:
    """The colours of players and sessions by place (`console.ui.colours`): the series, then lighter, then darker."""
    towards = ((tokens.text, 0.5), (tokens.window, 0.45)) if tokens.scheme == "dark" else _LIGHT_SHADES
    return tokens.series + tuple(mix(colour, other, share) for other, share in towards for colour in tokens.series)


def halo_colour(tokens: Tokens) -> Rgb:
    """The rim of a track: dark in both schemes, as the ramp's yellow would drown in white."""
    return rgb(tokens.window if tokens.scheme == "dark" else mix(tokens.dim, tokens.text, 0.4))


def mesh_colours(tokens: Tokens) -> tuple[Rgb, Rgb]:
    """The level's colour in light and in shade."""
    if tokens.scheme == "dark":
        return rgb(mix(tokens.text, tokens.panel, 0.42)), rgb(mix(tokens.text, tokens.window, 0.9))
    return rgb(mix(tokens.raised, tokens.line, 0.4)), rgb(mix(tokens.dim, tokens.line, 0.5))
