"""The visible text of an HTML page, in one pass."""

import re
from html import unescape

_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"</?\s*([a-zA-Z][a-zA-Z0-9]{0,15})")
_LINES = frozenset(
    ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "blockquote", "table", "ul", "ol")
)
_INVISIBLE = frozenset(("style", "script", "head", "title"))


def page_text(page: str) -> str:
    """The visible text of a page, with blocks on separate lines.

    Python's HTML parser takes minutes for unclosed tags.
    """
    pieces: list[str] = []
    invisible_tag: str | None = None
    for nth, piece in enumerate(_TAG.split(page)):
        if nth % 2 == 0:
            if invisible_tag is None:
                pieces.append(unescape(" ".join(piece.split("\n"))))
            continue
        match = _NAME.match(piece)
        name = match[1].lower() if match else ""
        if invisible_tag is not None:
            if name == invisible_tag and piece.startswith("</"):
                invisible_tag = None
        elif name in _INVISIBLE and not piece.startswith("</"):
            invisible_tag = name
        elif name in _LINES:
            pieces.append("\n")
    return "".join(pieces)
