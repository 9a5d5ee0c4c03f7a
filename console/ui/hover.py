"""Tool tips for strangers' text."""

import html

from console.ui.widgets.formatting import visible


def plain_hover(text: str, line_chars: int = 256) -> str:
    """Text that a tool tip shows as it is.

    Qt reads whatever looks like HTML as HTML, and would load an image that a client put into a name; so the text is
    escaped and made HTML on purpose.
    """
    lines = (html.escape(visible(line, line_chars)) for line in text.split("\n"))
    return f"<p style='margin:0; white-space:pre'>{'<br>'.join(lines)}</p>"
