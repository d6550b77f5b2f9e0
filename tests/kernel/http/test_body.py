"""What JSON bodies may not have, told apart from what only looks like it."""

from typing import Any

import pytest

from gerance.kernel.errors import BadRequest
from gerance.kernel.http.body import MOST_NESTED, decode_body

NUL = r"\u0000"


@pytest.mark.parametrize("before", ["", "\\\\", "a\\\\\\\\", "\\n", "é\\\\\\n"])
def test_an_escaped_nul_is_refused_and_an_escaped_backslash_before_its_digits_is_not(
    before: str,
) -> None:
    body = f'{{"a":"{before}{NUL}"}}'.encode()
    with pytest.raises(BadRequest, match=r"U\+0000"):
        decode_body(dict[str, Any], body)
    assert decode_body(dict[str, Any], f'{{"a":"{before}\\{NUL}"}}'.encode())["a"].endswith(
        "\\u0000"
    )


def test_objects_and_lists_are_counted_before_any_is_made() -> None:
    most = b'{"a":[' + b",".join([b"[]"] * (MOST_NESTED - 2)) + b"]}"
    assert len(decode_body(dict[str, Any], most)["a"]) == MOST_NESTED - 2
    with pytest.raises(BadRequest, match="objects and lists"):
        decode_body(dict[str, Any], most[:-2] + b",{}]}")
