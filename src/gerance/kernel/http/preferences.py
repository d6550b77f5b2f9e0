"""Prefer: what a client would like (RFC 7240)."""

from collections.abc import Mapping


def is_dry_run(headers: Mapping[str, str]) -> bool:
    """Whether a request says `handling=dry-run`: say what would happen, do nothing. `headers`:
    names in small letters, several of one name as one list."""
    preferences = headers.get("prefer", "").lower().replace('"', "").split(",")
    return any(
        each.partition(";")[0].replace(" ", "") == "handling=dry-run" for each in preferences
    )
