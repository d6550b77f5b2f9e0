"""Paths in one spelling."""

import pytest

from gerance.kernel.http.paths import canonical_path, normal_path


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("//api/Buildings", "/api/Buildings"),
        ("/api//Buildings", "/api/Buildings"),
        ("/api/vEvent//login/", "/api/vevent/login"),
        ("/v1//leads/", "/v1/leads"),
        ("/api/Buildings/", "/api/Buildings/"),
    ],
)
def test_slashes_too_many_do_not_count(path: str, same: str) -> None:
    assert normal_path(path) == same


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/%61pi/%24metadata", "/api/$metadata"),
        (b"/api/People('a%2fb%25')", "/api/People('a%2Fb%25')"),
        ("/api/Cités('é è')".encode(), "/api/Cit%C3%A9s('%C3%A9%20%C3%A8')"),
        (b"//api//Units(1)", "/api/Units(1)"),
    ],
)
def test_each_segment_has_one_encoding(raw: bytes, path: str) -> None:
    assert canonical_path(raw) == path
    assert canonical_path(path.encode()) == path
