"""The text of a page, as far as it has one; in one pass, whatever the page is."""

import re
from html import unescape

_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"</?\s*([a-zA-Z][a-zA-Z0-9]{0,15})")
_LINES = frozenset(
    ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "blockquote", "table", "ul", "ol")
)
_HIDDEN = frozenset(("style", "script", "head", "title"))


def shown(page: str) -> str:
    """What a page shows, blocks on lines of their own.

    Python's own parser takes minutes for tags that never end.
    """
    pieces: list[str] = []
    hidden: str | None = None
    for nth, piece in enumerate(_TAG.split(page)):
        if nth % 2 == 0:
            if hidden is None:
                pieces.append(unescape(" ".join(piece.split("\n"))))
            continue
        found = _NAME.match(piece)
        name = found[1].lower() if found else ""
        if hidden is not None:
            if name == hidden and piece.startswith("</"):
                hidden = None
        elif name in _HIDDEN and not piece.startswith("</"):
            hidden = name
        elif name in _LINES:
            pieces.append("\n")
    return "".join(pieces)
