"""TLS as our servers speak it: 1.3, and of 1.2 only suites with forward secrecy and AEAD."""

import ssl
from pathlib import Path

_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


def server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """The context of a server with this certificate chain. Raises OSError when it is unusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_SUITES)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.load_cert_chain(certificate, key)
    return context
