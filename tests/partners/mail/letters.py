"""Messages as partners, and others, send them."""

CLIENT = "54d8b0fad5922248bf2f"
SUBJECT = f"[Résiliation][Foussier] Client Thierry Lhermitte - {CLIENT}"
SENDER = "Jeanne <jeanne@foussier.example>"


def letter(
    subject: str | bytes = SUBJECT,
    body: str | bytes = "Bonjour,\nmerci de résilier au 31/12/2026.\n",
    *,
    sender: str | bytes = SENDER,
    head: str = "Content-Type: text/plain; charset=utf-8",
    identifier: str | None = "<1@foussier.example>",
) -> bytes:
    """A message, its lines ended as on the wire."""
    lines = [b"From: " + _bytes(sender), b"Subject: " + _bytes(subject)]
    if identifier is not None:
        lines.append(b"Message-ID: " + _bytes(identifier))
    lines += [_bytes(head)] if head else []
    return (
        b"\r\n".join([*lines, b"", _bytes(body).replace(b"\r\n", b"\n")])
        .replace(b"\n", b"\r\n")
        .replace(b"\r\r\n", b"\r\n")
    )


def multipart(*parts: str, kind: str = "alternative") -> tuple[str, str]:
    """Head and body of a message with these parts, each with a head of its own."""
    body = "".join(f"--=_b\n{part}\n" for part in parts) + "--=_b--\n"
    return f'Content-Type: multipart/{kind}; boundary="=_b"', body


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
