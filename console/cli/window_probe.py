"""`window-probe`: what Qt and OpenGL can do here, found out in a process that may crash. Not listed."""

import argparse
import json

from console.cli.options import Parsers

_GL_RENDERER = 0x1F01
_GL_VERSION = 0x1F02


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    probe = commands.add_parser("window-probe", add_help=False)
    probe.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    """Print one JSON object: `platform`, `screen` and `opengl`, the latter two empty when there is none."""
    from PySide6.QtCore import QCoreApplication, Qt
    from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QGuiApplication([])
    found = {"platform": application.platformName(), "screen": "", "opengl": ""}
    if (screen := application.primaryScreen()) is not None:
        size = screen.size()
        found["screen"] = f"{size.width()}×{size.height()}, {screen.devicePixelRatio():.0%}"
    surface = QOffscreenSurface()
    surface.create()
    context = QOpenGLContext()
    if context.create() and context.makeCurrent(surface):
        functions = context.functions()
        found["opengl"] = f"{functions.glGetString(_GL_VERSION)}, {functions.glGetString(_GL_RENDERER)}"
        context.doneCurrent()
    print(json.dumps(found), flush=True)
    return 0
