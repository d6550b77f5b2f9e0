"""Bodies of the three encodings say the same; what is too much or malformed is refused."""

from typing import Any

import pytest
from tests.partners.calling import Partner, accepted, described, refused

BOUNDARY = "x0123456789"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FORM = "application/x-www-form-urlencoded"


def multipart(fields: dict[str, Any], end: str = "--") -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{BOUNDARY}{end}\r\n").encode()


def send(partner: Partner, content: bytes, content_type: str, **headers: str) -> Any:
    more = {"Content-Type": content_type, **headers}
    return partner.http.post("/v1/leads", content=content, headers=partner.headers(**more))


@pytest.mark.parametrize("encoding", ["json", "form", "multipart", "raw form"])
def test_three_encodings_say_the_same(foussier: Partner, encoding: str) -> None:
    fields = described(client_id=encoding, lastname="Œuvrard & fils = 1+1", other_info="a\nb")
    match encoding:
        case "json":
            accepted(foussier.post("/v1/leads", fields))
        case "form":
            accepted(foussier.http.post("/v1/leads", data=fields, headers=foussier.headers()))
        case "raw form":
            fields["lastname"] = "Œuvrard"
            body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
            accepted(send(foussier, body.replace(b" 99 00 12 34", b"99001234"), FORM))
        case _:
            accepted(send(foussier, multipart(fields), MULTIPART))
    told = foussier.told(encoding)["customer"]
    assert told["lastname"].startswith("Œuvrard")
    assert told["phone_number1"] == "+33199001234"
    assert told["other_info"] == "a\nb"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"lastname": "', "application/json"),
        (b"[1]", "application/json"),
        (b'{"lastname": "\xff"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"lastname=%FF", FORM),
        (b"lastname=\xff", FORM),
        (multipart({"lastname": "x"}, end=""), MULTIPART),
        (multipart({"lastname": "x"}), "multipart/form-data"),
        (multipart({"lastname": "x"}), f"multipart/form-data; boundary={'y' * 71}"),
        (multipart({"lastname": "é"}).replace("é".encode(), b"\xe9"), MULTIPART),
        (multipart({'a"; filename="b': "x"}), MULTIPART),
        (b"{}", "application/json; charset=latin-1"),
    ],
)
def test_what_cannot_be_read_is_refused(
    foussier: Partner, content: bytes, content_type: str
) -> None:
    text = refused(send(foussier, content, content_type))
    assert text.startswith("Le corps ne peut être lu")


@pytest.mark.parametrize(
    ("before", "pad", "after"),
    [
        (b"This is a multi-part message in MIME format.\r\n", b"", b""),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/form-data\r\n\r\n", b"  ", b"\r\nbye"),
        (b"\r\n", b"\t", b""),
    ],
)
def test_text_around_the_parts_of_multipart_is_ignored(
    foussier: Partner, before: bytes, pad: bytes, after: bytes
) -> None:
    edge = f"--{BOUNDARY}".encode()
    fields = multipart(described(client_id="preamble", other_info=f"x\n--{BOUNDARY}y"))
    body = before + fields.replace(edge + b"\r\n", edge + pad + b"\r\n") + after
    accepted(send(foussier, body, MULTIPART))


def test_a_file_is_rejected_by_its_name(foussier: Partner) -> None:
    body = multipart({'photo"; filename="': ""})
    answer = send(foussier, body, MULTIPART, **{"Accept-Language": "en"})
    assert refused(answer).startswith("photo: is a file. Send fields without a file name.")


def test_a_body_is_bounded_in_size_and_in_parameters(foussier: Partner) -> None:
    refused(send(foussier, b'{"a": "' + b"x" * 131_072 + b'"}', "application/json"), 413)
    many = {f"p{n}": "" for n in range(101)}
    for answer in (
        foussier.post("/v1/leads", many),
        foussier.http.post("/v1/leads", data=many, headers=foussier.headers()),
        send(foussier, multipart(many), MULTIPART),
    ):
        assert refused(answer).startswith("Le corps a plus de 100 paramètres.")
    many = {f"p{n}": "" for n in range(1500)}
    assert refused(send(foussier, multipart(many), MULTIPART)).startswith("Le corps ne peut")


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [("text/xml", {}), ("application/json", {"Content-Encoding": "gzip"})],
)
def test_other_encodings_and_compressed_bodies_are_refused(
    foussier: Partner, content_type: str, headers: dict[str, str]
) -> None:
    text = refused(send(foussier, b"{}", content_type, **headers), 415)
    assert text.startswith(("Le corps doit être du JSON", "Le corps ne doit pas être compressé"))


def test_a_parameter_given_twice_is_refused(foussier: Partner) -> None:
    body = b"city=Paris&city=Lyon"
    assert "city: given more than once" in refused(
        send(foussier, body, FORM, **{"Accept-Language": "en-GB"})
    )
