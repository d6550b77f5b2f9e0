"""A server takes TLS 1.3, and of 1.2 only suites with forward secrecy and AEAD."""

import http.client
import signal
import smtplib
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND, clean_environment
from tests.cli.test_serve import free_port
from tests.waiting import PATIENCE

from gerance.cli.certificate import self_signed


def client(suites: str, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(f"{suites}:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


GOOD = [
    ("DEFAULT", ssl.TLSVersion.TLSv1_3),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", ssl.TLSVersion.TLSv1_2),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", ssl.TLSVersion.TLSv1_2),
]
BAD = [
    ("AES128-GCM-SHA256", ssl.TLSVersion.TLSv1_2),
    ("AES256-SHA", ssl.TLSVersion.TLSv1_2),
    ("ECDHE-ECDSA-AES128-SHA", ssl.TLSVersion.TLSv1_2),
    ("ECDHE-ECDSA-AES256-SHA384", ssl.TLSVersion.TLSv1_2),
]


def test_the_web_server_and_its_headers(database: str, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "localhost")
    port = free_port()
    command = [COMMAND, "serve", "--port", str(port), "--admin-port", "0",
               "--tls-cert", str(certificate), "--tls-key", str(key)]  # fmt: skip
    environment = clean_environment(GERANCE_DATABASE_URL=database, GERANCE_HOME=str(tmp_path))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stderr
            while "serving" not in server.stderr.readline():
                assert server.poll() is None
            for suites, version in GOOD:
                connection = http.client.HTTPSConnection(
                    "127.0.0.1", port, context=client(suites, version)
                )
                connection.request("GET", "/live")
                answer = connection.getresponse()
                assert answer.status == 200
                assert answer.headers["strict-transport-security"] == "max-age=31536000"
                connection.close()
            for suites, version in BAD:
                refused(port, client(suites, version))
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=client(*GOOD[0]))
            connection.request("GET", "/api/forged%1B%5B2J%0A%C2%9B%E2%80%AE")
            assert connection.getresponse().read()
            connection.close()
            server.send_signal(signal.SIGTERM)
            _, log = server.communicate(timeout=PATIENCE)
        finally:
            server.kill()
    assert "forged" in log
    assert log.replace("\n", "").isprintable()


def test_the_mail_server(database: str, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "localhost")
    port = free_port()
    command = [COMMAND, "mail", "listen", "--port", str(port), "--recipient", "us@x.example",
               "--require-dkim"]  # fmt: skip
    environment = clean_environment(
        GERANCE_DATABASE_URL=database, GERANCE_HOME=str(tmp_path),
        GERANCE_TLS_CERT=str(certificate), GERANCE_TLS_KEY=str(key),
    )  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stderr
            while "Receiving mail" not in server.stderr.readline():
                assert server.poll() is None
            for suites, version in (*GOOD, *BAD):
                with smtplib.SMTP("127.0.0.1", port) as smtp:
                    context = client(suites, version)
                    if (suites, version) in GOOD:
                        assert smtp.starttls(context=context)[0] == 220
                        continue
                    with pytest.raises((ssl.SSLError, ConnectionError)):
                        smtp.starttls(context=context)
                    smtp.close()
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=PATIENCE)
        finally:
            server.kill()


def refused(port: int, context: ssl.SSLContext) -> None:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(plain)
