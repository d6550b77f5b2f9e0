"""Small PDF documents, written by hand: one page of text."""

from collections.abc import Sequence


def pdf(lines: Sequence[str]) -> bytes:
    """A PDF of one page (A4) with these lines, which must be in Latin-1."""
    operators = " ".join(f"({_escape(line)}) '" for line in lines)
    text = f"BT /F1 11 Tf 15 TL 60 780 Td {operators} ET".encode("latin-1", "replace")
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Font<</F1 5 0 R>>>>",
    )
    document = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(b"%010d 00000 n \n" % len(document))
        document += b"%d 0 obj%s\nendobj\n" % (number, part)
    size = len(parts) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(places))
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return document + table + trailer % (size, len(document))


def _escape(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
