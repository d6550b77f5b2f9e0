"""A self-signed certificate for the demonstration, stored in the home directory."""

import datetime
import ipaddress
import os
import socket
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFETIME = datetime.timedelta(days=365)
RENEWAL = datetime.timedelta(days=14)


def self_signed(home: Path, host: str) -> tuple[Path, Path]:
    """The PEM files of a certificate and its key under `home/tls`.

    They are created when they do not exist, when they expire within 14 days, or when they do not
    name `host`.
    """
    directory = home / "tls"
    certificate, key = directory / "cert.pem", directory / "key.pem"
    names = _names(host)
    if not (key.exists() and certificate.exists() and _fits(certificate, names)):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        _create(certificate, key, names)
    return certificate, key


def expiry(certificate: Path) -> datetime.datetime:
    """When the first certificate of a PEM file expires. Raises ValueError when there is none."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def _fits(certificate: Path, names: list[x509.GeneralName]) -> bool:
    try:
        current = x509.load_pem_x509_certificate(certificate.read_bytes())
        names_in_it = current.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    lasts = current.not_valid_after_utc > datetime.datetime.now(datetime.UTC) + RENEWAL
    return lasts and set(names) <= set(names_in_it)


def _create(certificate_file: Path, key_file: Path, names: list[x509.GeneralName]) -> None:
    private_key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gérance demonstration")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    _write(
        key_file,
        private_key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        0o600,
    )
    _write(certificate_file, certificate.public_bytes(pem), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file atomically. Its permissions are `mode` from the start."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    fresh.replace(path)


def _names(host: str) -> list[x509.GeneralName]:
    names = dict.fromkeys(["localhost", "127.0.0.1", "::1", host, socket.gethostname()])
    return [_name(name) for name in names if name]


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
