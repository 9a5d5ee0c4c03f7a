"""Which canvas a machine can have: in three dimensions where there is OpenGL, else flat."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from console.ui.theme import Tokens


def best_canvas(tokens: Tokens, fall_back: Callable[[str], None]) -> tuple[QWidget, str]:
    """The best canvas there can be, and what a person should know of it; `fall_back(problem)` if OpenGL fails later."""
    # Here and not above: importing OpenGL takes a while, and may fail where there is none.
    try:
        from console.ui.level.canvas_3d import Canvas3D, opengl_problem

        if problem := opengl_problem():
            return flat_canvas(tokens, problem)
        canvas = Canvas3D(tokens)
    except Exception as error:  # without a library to load, PyOpenGL fails with more than ImportError
        return flat_canvas(tokens, f"OpenGL could not be loaded: {str(error) or type(error).__name__}.")
    canvas.failed.connect(fall_back)
    return canvas, ""


def flat_canvas(tokens: Tokens, problem: str) -> tuple[QWidget, str]:
    """A canvas that needs no OpenGL, and the problem in words for a person."""
    from console.ui.level.canvas_2d import Canvas2D

    return Canvas2D(tokens), f"{problem} The level is shown from above instead."
