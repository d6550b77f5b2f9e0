"""No call leaves for an address that is forbidden, however it is spelled."""

import socket

import pytest

from gerance.kernel.webhooks.guard import ForbiddenTarget, Guard

FORBIDDEN = [
    ("0.0.0.0", "this network"),
    ("0.255.255.255", "this network"),
    ("10.0.0.1", "a private network"),
    ("10.255.255.255", "a private network"),
    ("100.64.0.1", "shared by carriers"),
    ("100.100.100.200", "shared by carriers, and by clouds"),
    ("127.0.0.1", "this machine"),
    ("127.255.255.255", "this machine"),
    ("168.63.129.16", "a cloud's service"),
    ("169.254.169.254", "clouds tell machines their secrets"),
    ("172.16.0.1", "a private network"),
    ("172.31.255.255", "a private network"),
    ("192.0.0.1", "kept for protocols"),
    ("192.0.0.9", "kept for protocols"),
    ("192.0.0.192", "kept for protocols"),
    ("192.0.2.1", "for documentation"),
    ("192.31.196.1", "a sink of names"),
    ("192.52.193.1", "a relay of multicast"),
    ("192.88.99.1", "6to4"),
    ("192.168.1.1", "a private network"),
    ("192.175.48.1", "a sink of names"),
    ("198.18.0.1", "for benchmarks"),
    ("198.19.255.255", "for benchmarks"),
    ("198.51.100.1", "for documentation"),
    ("203.0.113.1", "for documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("::", "no address"),
    ("::1", "this machine"),
    ("::2", "compatible"),
    ("::127.0.0.1", "compatible"),
    ("::8.8.8.8", "compatible"),
    ("::ffff:127.0.0.1", "mapped"),
    ("::ffff:8.8.8.8", "mapped"),
    ("::ffff:0:10.0.0.1", "translated"),
    ("64:ff9b::127.0.0.1", "NAT64"),
    ("64:ff9b::8.8.8.8", "NAT64"),
    ("64:ff9b:1::10.0.0.1", "local NAT64"),
    ("64:ff9b:1:ffff::1", "local NAT64"),
    ("100::1", "dropped"),
    ("100:0:0:1::1", "no destination"),
    ("2001::1", "Teredo"),
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
    ("2001:1::1", "kept for protocols"),
    ("2001:2::1", "kept for protocols"),
    ("2001:3::1", "kept for protocols"),
    ("2001:4:112::1", "kept for protocols"),
    ("2001:10::1", "kept for protocols"),
    ("2001:20::1", "kept for protocols"),
    ("2001:db8::1", "for documentation"),
    ("2002:7f00:1::1", "6to4"),
    ("2002:808:808::1", "6to4"),
    ("2620:4f:8000::1", "a sink of names"),
    ("2a00::5efe:127.0.0.1", "stands for 127.0.0.1: this machine"),
    ("2a00::200:5efe:10.1.2.3", "stands for 10.1.2.3: a private network"),
    ("3ffe::1", "an experiment"),
    ("3fff::1", "for documentation"),
    ("5f00::1", "segment routing"),
    ("200::1", "outside 2000::/3"),
    ("4000::1", "outside 2000::/3"),
    ("fc00::1", "a private network"),
    ("fd00:ec2::254", "a private network"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
    ("ff0e::1", "multicast"),
]

CALLED = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "198.20.0.0"),
    *(
        "223.255.255.255",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00::1",
        "2a00::5efe:8.8.8.8",
    ),
]


@pytest.mark.parametrize(("address", "reason"), FORBIDDEN)
def test_a_forbidden_address_is_refused_with_the_reason(address: str, reason: str) -> None:
    with pytest.raises(ForbiddenTarget) as refused:
        Guard().check_address(address)
    assert reason in str(refused.value)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(ForbiddenTarget, match="is not called"):
        Guard().socket_factory((family, socket.SOCK_STREAM, 0, "", (address, 80)))
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(ForbiddenTarget):
        Guard().check_url(f"http://{literal}/")


@pytest.mark.parametrize("address", CALLED)
def test_an_ordinary_address_is_called(address: str) -> None:
    Guard().check_address(address)
    literal = f"[{address}]" if ":" in address else address
    Guard().check_url(f"https://{literal}:8443/x")


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "127.0.1", "127.0.0.1.", "2130706433", "0x7f000001", "0X7F.1", "0x7f.0x1"),
        *("017700000001", "0177.0.0.1", "0177.0.0.0x1", "127.65534", "0", "0x", "00000000177.1"),
        *(
            "127.0.0.1",
            "①②⑦.⓪.⓪.①",
            "\uff11\uff12\uff17\uff0e\uff10.\uff10.\uff11",
            "127\u30020\u30020\u30021",
            "127.0.0.1",
            "٢.1.1.1",
        ),
        *("%31%32%37.0.0.1", "127.0.0.1%00", "127.0.0.1%2eexample.com", "[::1%25lo]", "[::1%lo]"),
        *("[0:0:0:0:0:0:0:1]", "[::ffff:7f00:1]", "[::FFFF:127.0.0.1]", "[0::ffff:127.0.0.1]"),
        *(
            "256.1.1.1",
            "1.2.3.4.5",
            "1.2.3.08",
            "127.0.0.0x1g.1",
            "1..1",
            "4294967296",
            "0xA9FEA9FE",
        ),
        *("localhost", "LOCALHOST.", "api.localhost", "169.254.169.254.", "[::]", "[fe80::1]"),
        *("a..b", ".", "-", "a-.com", "a" * 64, "a." * 127 + "com", "a_b!.com", "[v1.", "[]"),
    ],
)
def test_no_spelling_of_a_host_gets_past(host: str) -> None:
    with pytest.raises(ForbiddenTarget):
        Guard().check_url(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        *("", "/hook", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd"),
        *("http:example.com", "http:/example.com", "http:///example.com", "http:/\\127.0.0.1/"),
        *("http://example.com\\@127.0.0.1/", "http://u@example.com/", "http://u:p@example.com/"),
        *("http://@example.com/", "http://example.com/#x", "http://example.com#@127.0.0.1/"),
        *("http://example.com:0/", "http://example.com:65536/", "http://example.com:x/"),
        *("http://example.com:-1/", " http://example.com/", "http://exa\tmple.com/"),
        *("http://example.com/\r\nX: y", "http://example.com/\x00", "http://example.com/\u2003"),
        *("http://example.com/" + "a" * 1982, "http://example.com/" + "é" * 400),
    ],
)
def test_an_url_that_is_not_plain_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        Guard().check_url(url)


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("HTTP://Example.COM", "http://example.com"),
        ("https://example.com.:443/a%2Fb?c=d%20e", "https://example.com/a%2Fb?c=d%20e"),
        ("http://example.com:8080/", "http://example.com:8080/"),
        ("http://münchen.example/é", "http://xn--mnchen-3ya.example/%C3%A9"),
        ("http://example.com/a@b", "http://example.com/a@b"),
        ("http://0x8.010.2056/", "http://8.8.8.8/"),
        ("http://[2A00:0:0::1]:81/", "http://[2a00::1]:81/"),
        ("http://example.com/" + "a" * 1981, "http://example.com/" + "a" * 1981),
    ],
)
def test_an_url_is_called_in_its_normal_spelling(given: str, called: str) -> None:
    assert Guard().check_url(given) == called
    assert Guard().check_url(called) == called


def test_only_the_private_networks_that_are_named_are_called() -> None:
    guard = Guard(["127.0.0.0/8", "64:ff9b::/96"])
    guard.check_address("127.0.0.1")
    assert guard.check_url("http://localhost/") == "http://localhost/"
    guard.check_address("64:ff9b::8.8.8.8")
    guard.check_address("64:ff9b::127.0.0.1")
    for address in ("10.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1"):
        with pytest.raises(ForbiddenTarget):
            guard.check_address(address)
    Guard(["::1/128"]).check_address("::1")
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        Guard(["10.0.0.1/8"])


def test_only_sockets_of_the_internet_are_made() -> None:
    with pytest.raises(ForbiddenTarget, match="Only IPv4 and IPv6"):
        Guard().socket_factory((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("/run/x",)))
    with pytest.raises(ForbiddenTarget, match="no IP address"):
        Guard().check_address("example.com")
    made = Guard().socket_factory((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80)))
    with made:
        assert made.family == socket.AF_INET
