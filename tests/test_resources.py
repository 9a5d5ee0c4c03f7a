"""What ships beside the code is found, and its licences with it."""

from console.resources import resource


def test_fonts_ship_with_their_licences() -> None:
    fonts = {path.name for path in resource("fonts").iterdir()}
    assert {"ConsoleSans-Regular.ttf", "JetBrainsMono-Regular.ttf"} <= fonts
    assert {"LICENSE-Inter.txt", "LICENSE-JetBrainsMono.txt"} <= fonts
