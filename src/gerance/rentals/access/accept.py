"""What a client wants to read: the Accept header (RFC 9110, 12.5.1), as far as tokens need it."""

_MOST_RANGES = 64
"""Media ranges that are read of a header."""


def prefers_text(accept: str) -> bool:
    """Whether the header asks for `text/plain` before `application/json`."""
    ranges = dict(_ranges(accept))
    return _quality(ranges, "text", "plain") > _quality(ranges, "application", "json")


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Media ranges with their qualities; what is malformed counts for nothing."""
    found = []
    for part in accept.lower().split(",", _MOST_RANGES)[:_MOST_RANGES]:
        media, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [p.partition("=")[2].strip() for p in parameters if p.startswith("q")]
        try:
            found.append((media, float(weights[0]) if weights else 1.0))
        except ValueError:
            continue
    return found


def _quality(ranges: dict[str, float], kind: str, subtype: str) -> float:
    """The quality of the nearest range that has the type; 0 when there is none."""
    for media in (f"{kind}/{subtype}", f"{kind}/*", "*/*"):
        if media in ranges:
            return ranges[media]
    return 0.0
