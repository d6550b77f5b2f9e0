"""The demonstration's certificate is kept, names its hosts, and its key is secret."""

from pathlib import Path

from cryptography import x509

from gerance.cli.certificate import self_signed


def names(path: Path) -> set[str]:
    held = x509.load_pem_x509_certificate(path.read_bytes())
    named = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in named}


def test_it_names_this_machine_and_the_host(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path / "home", "gerance.example")
    assert {"localhost", "127.0.0.1", "::1", "gerance.example"} <= names(certificate)
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_it_is_kept_until_another_host_is_named(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path, "localhost")
    first = certificate.read_bytes()
    assert self_signed(tmp_path, "127.0.0.1")[0].read_bytes() == first
    assert self_signed(tmp_path, "other.example")[0].read_bytes() != first


def test_a_broken_one_is_replaced(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path, "localhost")
    certificate.write_text("no certificate")
    self_signed(tmp_path, "localhost")
    assert "localhost" in names(certificate)
