"""The address that is connected to is the one that was checked; TLS is that of the name."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.kernel.webhooks.loopback import receiving

from gerance.kernel.webhooks.client import RequestOutcome, WebhookClient
from gerance.kernel.webhooks.guard import AddrInfo, Guard


class Answers(AbstractResolver):
    """Answers each question with the next addresses."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        flags = socket.AI_NUMERICHOST
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=flags,
            )
            for address in self._answers.pop(0)
        ]

    async def close(self) -> None:
        pass


class Noting(Guard):
    """A guard that notes which addresses sockets were made for, and may be blind before that."""

    def __init__(self, *allowed: str, blind: bool = False) -> None:
        super().__init__(allowed)
        self.sockets: list[str] = []
        self._blind = blind

    def check_address(self, address: str) -> None:
        if not self._blind:
            super().check_address(address)

    def socket_factory(self, addr_info: AddrInfo) -> socket.socket:
        self.sockets.append(addr_info[4][0])
        self._blind, blind = False, self._blind
        try:
            return super().socket_factory(addr_info)
        finally:
            self._blind = blind


async def posted(caller: WebhookClient, url: str) -> RequestOutcome:
    return await caller.post(url, b"{}", [], "application/json")


def test_the_check_at_the_socket_is_reached_for_literals_and_for_names() -> None:
    async def run() -> list[str]:
        guard = Noting("127.0.0.0/8")
        names = Answers(["127.0.0.1"])
        async with (
            receiving(host="0.0.0.0") as receiver,
            WebhookClient(guard, resolver=names) as caller,
        ):
            assert (await posted(caller, f"http://127.0.0.2:{receiver.port}/")).status == 200
            assert (await posted(caller, f"http://a.example:{receiver.port}/")).status == 200
        return guard.sockets

    assert asyncio.run(run()) == ["127.0.0.2", "127.0.0.1"]


@pytest.mark.parametrize("blind", [False, True])
def test_a_name_that_answers_otherwise_the_second_time_is_refused(blind: bool) -> None:
    """DNS rebinding; `blind`: the socket alone checks."""

    async def run() -> None:
        guard = Noting("127.0.0.2/32", blind=blind)
        names = Answers(["127.0.0.2"], ["127.0.0.1"])
        async with (
            receiving(host="127.0.0.2") as first,
            receiving(host="127.0.0.1") as second,
            WebhookClient(guard, resolver=names) as caller,
        ):
            assert (await posted(caller, f"http://a.example:{first.port}/")).status == 200
            answer = await posted(caller, f"http://a.example:{second.port}/")
            assert (answer.status, answer.failure) == (None, "refused-target")
            assert answer.detail.startswith("127.0.0.1 is not called")
            assert second.connections == 0
        assert guard.sockets == (["127.0.0.2", "127.0.0.1"] if blind else ["127.0.0.2"])

    asyncio.run(run())


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1", "10.0.0.1"], ["::1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"]],
)
def test_a_name_with_forbidden_addresses_only_is_refused(addresses: list[str]) -> None:
    async def run() -> RequestOutcome:
        async with (
            receiving() as receiver,
            WebhookClient(Guard(), resolver=Answers(addresses)) as caller,
        ):
            answer = await posted(caller, f"http://a.example:{receiver.port}/")
            assert receiver.connections == 0
            return answer

    assert asyncio.run(run()).failure == "refused-target"


def test_of_several_addresses_the_forbidden_ones_are_left_out() -> None:
    async def run() -> list[str]:
        guard = Noting("127.0.0.2/32")
        names = Answers(["127.0.0.1", "127.0.0.2", "::1"])
        async with (
            receiving(host="0.0.0.0") as receiver,
            WebhookClient(guard, resolver=names) as caller,
        ):
            assert (await posted(caller, f"http://a.example:{receiver.port}/")).status == 200
        return guard.sockets

    assert asyncio.run(run()) == ["127.0.0.2"]


def test_the_systems_names_are_asked_and_those_of_this_machine_refused() -> None:
    async def run(guard: Guard) -> RequestOutcome:
        async with receiving() as receiver, WebhookClient(guard) as caller:
            return await posted(caller, f"http://localhost:{receiver.port}/")

    assert asyncio.run(run(Guard(["127.0.0.0/8"]))).status == 200
    assert asyncio.run(run(Guard())).failure == "refused-target"


def test_a_name_that_does_not_resolve_and_a_closed_port_are_failures() -> None:
    async def run() -> list[RequestOutcome]:
        async with receiving() as receiver:
            port = receiver.port
        async with WebhookClient(Guard(["127.0.0.0/8"])) as caller:
            urls = (f"http://127.0.0.1:{port}/", "http://nobody.invalid/", "http://10.0.0.1/", "x")
            return [await posted(caller, url) for url in urls]

    assert [each.failure for each in asyncio.run(run())] == [
        *("connection", "connection", "refused-target", "refused-target"),
    ]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate with its key for 127.0.0.1 and a.example, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName("a.example"),
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                ]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_only_a_trusted_certificate_of_the_very_name_is_accepted(certificate: Path) -> None:
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))

    async def run(host: str, tls: ssl.SSLContext | None) -> RequestOutcome:
        caller = WebhookClient(Guard(["127.0.0.0/8"]), resolver=Answers(["127.0.0.1"]), tls=tls)
        async with receiving(tls=served) as receiver, caller:
            return await posted(caller, f"https://{host}:{receiver.port}/")

    assert asyncio.run(run("a.example", trusting)).status == 200
    assert asyncio.run(run("127.0.0.1", trusting)).status == 200
    other, stranger = asyncio.run(run("b.example", trusting)), asyncio.run(run("a.example", None))
    assert (other.failure, stranger.failure) == ("tls", "tls")
    assert "b.example" in other.detail
    assert "self-signed" in stranger.detail


def test_a_receiver_that_does_not_speak_tls_is_a_failure() -> None:
    async def run() -> RequestOutcome:
        def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 ready\r\n")
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server, WebhookClient(Guard(["127.0.0.0/8"]), timeout=5) as caller:
            port = server.sockets[0].getsockname()[1]
            return await posted(caller, f"https://127.0.0.1:{port}/")

    assert asyncio.run(run()).failure == "tls"
