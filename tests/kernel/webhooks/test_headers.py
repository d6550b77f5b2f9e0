"""Which headers of their own subscribers may have sent with each call."""

import pytest

from gerance.kernel.errors import BadRequest
from gerance.kernel.webhooks.headers import FORBIDDEN, check_headers, parse_headers


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (None, ()),
        ("", ()),
        (" ; ;", ()),
        ("testing-website-token:TEST123456", (("testing-website-token", "TEST123456"),)),
        ("a:1;B:2", (("a", "1"), ("B", "2"))),
        (" a : 1 ; b:\t2 ;", (("a", "1"), ("b", "2"))),
        ("Authorization:Bearer a.b=", (("Authorization", "Bearer a.b="),)),
        ("x-at:12:30", (("x-at", "12:30"),)),
        ("x-empty:", (("x-empty", ""),)),
    ],
)
def test_headers_are_read_from_a_text(text: str | None, headers: object) -> None:
    assert parse_headers(text) == headers


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a:1;secret", "part 2 has no colon"),
        (":1", "the name of number 1"),
        ("a:1;b c:2", "the name of number 2"),
        ("é:1", "the name of number 1"),
        ("a\r\nb:1", "the name of number 1"),
        ("a\n:1", "the name of number 1"),
        ("x-a:secret\r\nHost: b", "the value of x-a"),
        ("x-a:secret\n", "the value of x-a"),
        ("x-a:secret\x00", "the value of x-a"),
        ("x-a:secret\x7f", "the value of x-a"),
        ("x-a:secrét", "the value of x-a"),
        ("X-A:secret;x-a:secret", "x-a is given more than once"),
        (";".join(f"x-{n}:secret" for n in range(21)), "more than 20"),
        ("x-a:" + "s" * 8190, "longer than 8192"),
        ("x-a:" + "s" * 4090 + ";x-b:" + "s" * 4090, "more than 8192 bytes"),
    ],
)
def test_what_is_wrong_is_named_and_no_value_told(text: str, named: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_headers(text)
    assert named in refused.value.message
    assert "secret" not in refused.value.message
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "name",
    [
        *sorted(FORBIDDEN),
        *("Content-Type", "CONTENT-LENGTH", "content-encoding", "Webhook-Id", "webhook-signature"),
        *("Gerance-Position", "Proxy-Authorization", "Sec-Fetch-Mode", "X-Forwarded-For"),
    ],
)
def test_the_headers_of_the_server_cannot_be_set(name: str) -> None:
    with pytest.raises(BadRequest, match=f"^ResponseHeaders: {name} is set by the server"):
        parse_headers(f"{name}:1")
    with pytest.raises(BadRequest, match=f"^Headers: {name} is set by the server"):
        check_headers({name: "1"})


def test_an_object_of_headers_is_checked_the_same_way() -> None:
    assert check_headers({"x-a": "1; 2 ", "x-b": ""}) == (("x-a", "1; 2"), ("x-b", ""))
    for wrong in ({"x a": "1"}, {"x-a": "1\n2"}, {"x-a": "1", "X-A": "2"}, {"": "1"}):
        with pytest.raises(BadRequest):
            check_headers(wrong)
