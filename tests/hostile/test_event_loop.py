"""No request keeps the event loop for long, whatever a stranger sends (DESIGN.md, Budgets)."""

import json
from collections.abc import Callable, Iterator

import pytest
from tests.hostile.conftest import GUESSED, UNDERSTOOD, Strangers
from tests.partners.calling import described
from tests.waiting import until

MIB = 1_000_000
HEAD = 60_000
"""Bytes of a head that the server takes."""
QUERY = 32_000
SMALL = 16_000
"""Bytes of the bodies that a stranger may send."""


def spelled(name: str) -> Iterator[str]:
    """The name in all ways to write it, large and small."""
    for nth in range(2 ** len(name)):
        yield "".join(c.upper() if nth >> place & 1 else c for place, c in enumerate(name))


def members(count: int, name: str = "U") -> str:
    return ",".join(f'"{name}{nth}":0' for nth in range(count))


def objects(inner: str, size: int = MIB) -> str:
    return ",".join([inner] * (size // (len(inner) + 1)))


BODIES = {
    "unknown members": "{" + members(80_000) + "}",
    "one member in many spellings": "{" + ",".join(
        f'"{name}":"x"' for name, _ in zip(spelled("civicnoandstreet"), range(40_000), strict=False)
    ) + "}",
    "binds": "{" + ",".join(
        f'"{name}@odata.bind":"Suppliers(1)"' for name in spelled("supplier")
    ) + "}",
    "annotations": "{" + members(70_000, "a@") + "}",
    "deep arrays": '{"Name":' + "[" * 400_000 + "]" * 400_000 + "}",
    "deep objects": '{"a":' * 150_000 + "1" + "}" * 150_000,
    "decimals": '{"Name":[' + objects("1.5") + "]}",
    "exponents": '{"Name":[' + objects("1e5") + "]}",
    "decimals of members": "{" + members(60_000).replace(":0", ":1.5") + "}",
    "a long reference": '{"@odata.id":"' + "ProviderContacts(" * (MIB // 17) + '"}',
    "references": '{"@odata.id":[' + objects('"ProviderContacts(1)"') + "]}",
    "numbers": '{"Name":[' + objects("1") + "]}",
    "a long decimal": '{"DefaultAmount":1.' + "9" * MIB + "}",
    "a long exponent": '{"DefaultAmount":1e' + "9" * MIB + "}",
    "a long integer": '{"DefaultAmount":' + "9" * MIB + "}",
    "a long decimal as text": '{"DefaultAmount":"' + "9" * MIB + '"}',
    "a long text": '{"Name":"' + "x" * MIB + '"}',
    "escapes": '{"Name":"' + "\\u00e9" * (MIB // 6) + '"}',
    "backslashes": '{"Name":"' + "\\\\" * (MIB // 2) + '"}',
    "a long name": '{"' + "x" * MIB + '":1}',
    "long names": "{" + ",".join(f'"{nth}{"y" * 9000}":1' for nth in range(110)) + "}",
    "a long bind": '{"Building@odata.bind":"' + "Buildings(" * (MIB // 10) + '"}',
    "lines": '{"InvoiceDetails":[' + objects('{"a":1}') + "]}",
    "lines with members": '{"InvoiceDetails":[' + objects("{" + members(100) + "}") + "]}",
    "lines with binds": '{"InvoiceDetails":['
    + ",".join(['{"Building@odata.bind":"Buildings(1)","AccountNo":"1","UnitPrice":1}'] * 999)
    + "]}",
    "no JSON": "x" * MIB,
    "blanks": " " * MIB,
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_rentals_read_hostile_bodies(strangers: Strangers, name: str) -> None:
    content = BODIES[name]

    def send() -> None:
        for method, path in (
            ("POST", "/api/Suppliers"), ("POST", "/api/Invoices"), ("POST", "/api/Tenants"),
            ("PATCH", strangers.supplier), ("PUT", f"{strangers.supplier}/City"),
            ("PUT", f"{strangers.supplier}/ProviderContact/$ref"),
        ):  # fmt: skip
            strangers.send("rentals", method, path, content)
        strangers.send("rentals", "POST", "/api/subscribe", content)
        strangers.send("rentals", "POST", "/api/Billing/Run", content)
        token = {"x-api-key": "x"}
        strangers.send("nobody", "POST", "/api/Token", content[:SMALL], (400, 401), **token)
        strangers.send("nobody", "POST", "/api/Token", content.ljust(MIB), (413,), **token)

    assert strangers.dog.within_budget(send), strangers.dog


QUERIES = {
    "or": "Units?$filter=" + " or ".join(["Id eq 1"] * 900),
    "too many or": "Units?$filter=" + "or%20".join(["Id%20eq%201%20"] * 1700),
    "in": "Units?$filter=Id in (" + ",".join(map(str, range(1900))) + ")",
    "too many in": "Units?$filter=Id in (" + ",".join(["1"] * 15_000) + ")",
    "parentheses": "Units?$filter=" + "(" * 16_000,
    "deep": "Units?$filter=" + "(" * 58 + "true" + ")" * 58,
    "a long text": "Units?$filter=UnitCode eq '" + "x" * QUERY + "'",
    "quotes": "Units?$filter=UnitCode eq '" + "''" * (QUERY // 2) + "'",
    "a long number": "Units?$filter=Id eq " + "9" * QUERY,
    "a long decimal": "Units?$filter=BaseRent eq 1." + "9" * QUERY,
    "a long name": "Units?$filter=" + "x" * QUERY + " eq 1",
    "a long function": "Units?$filter=" + "x" * QUERY + "(1)",
    "a pattern": "Units?$filter=matchesPattern(UnitCode,'" + "(a*)*" * 500 + "b')",
    "functions": "Units?$filter=" + " and ".join(["contains(tolower(UnitCode),'x')"] * 300),
    "dates": "Units?$filter=" + " or ".join(["ModifiedAt gt 2026-01-01T00:00:00Z"] * 400),
    "paths": "Units?$filter=" + " or ".join(["Building/LedgerDivision/Name eq 'x'"] * 400),
    "minus": "Units?$filter=" + "-" * QUERY + "1",
    "percent": "Units?$filter=" + "%20" * (QUERY // 3),
    "select": "Units?$select=" + ",".join(["Id"] * 10_000),
    "unknown select": "Units?$select=" + ",".join(f"x{nth}" for nth in range(5_000)),
    "expand": "Units?$expand=" + ",".join(["Building"] * 3_000),
    "nested expand": "Units?$expand=" + "Building($expand=Units(" * 600,
    "all of all": "Buildings?$expand=" + "*($expand=" * 5 + "*" + ")" * 5,
    "everything once": "Buildings?$expand=*",
    "orderby": "Units?$orderby=" + ",".join(["Id"] * 10_000),
    "aliases": "Units?" + "&".join(f"@a{nth}={nth}" for nth in range(2_500)) + "&$filter=true",
    "doubling aliases": "Units?" + "&".join(
        f"@a{nth}=@a{nth + 1} and @a{nth + 1}" for nth in range(40)) + "&@a40=true&$filter=@a0",
    "parameters": "Units?" + "&".join(f"p{nth}=1" for nth in range(4_000)),
    "ampersands": "Units?" + "&" * QUERY,
    "a forged token": "Units?$skiptoken=" + "x" * QUERY,
    "a forged delta token": "Units?$deltatoken=" + "x" * QUERY,
    "a long path": "Units(" + "1" * 60_000 + ")",
    "segments": "Units(1)" + "/Building" * 5_000,
    "keys": "Units(" + ",".join(f"a{nth}=1" for nth in range(900)) + ")",
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_rentals_read_hostile_questions(strangers: Strangers, name: str) -> None:
    path = QUERIES[name]

    def send() -> None:
        # A question that was compiled is kept: each try has another.
        mark = "&" if "?" in path else "?"
        send.tries += 1  # type: ignore[attr-defined]
        strangers.send("rentals", "GET", f"/api/{path}{mark}n={send.tries}", None)  # type: ignore[attr-defined]

    send.tries = 0  # type: ignore[attr-defined]
    assert strangers.dog.within_budget(send), strangers.dog


HEADERS: dict[str, Callable[[], dict[str, str]]] = {
    "Accept": lambda: {"Accept": ",".join(["application/json;q=0.1;a=b"] * (HEAD // 27))},
    "Accept with parameters": lambda: {"Accept": "application/json" + ";a=b" * (HEAD // 4)},
    "Accept of commas": lambda: {"Accept": "," * HEAD},
    "Prefer": lambda: {"Prefer": ",".join(["odata.maxpagesize=1"] * (HEAD // 20))},
    "Prefer of blanks": lambda: {"Prefer": "return" + " " * HEAD + "=x"},
    "If-None-Match": lambda: {"If-None-Match": ",".join(['W/"x"'] * (HEAD // 6))},
    "If-None-Match of quotes": lambda: {"If-None-Match": '"' * HEAD},
    "If-Match": lambda: {"If-Match": ",".join(['W/"1"'] * (HEAD // 6))},
    "If-Match of W": lambda: {"If-Match": "W/" * (HEAD // 2)},
    "Cookie": lambda: {"Cookie": "; ".join(["a=b"] * (HEAD // 5))},
    "Cookie of semicolons": lambda: {"Cookie": ";" * HEAD},
    "Authorization": lambda: {"Authorization": "Bearer " + "x." * (HEAD // 2)},
    "a token of blanks": lambda: {"Authorization": "Token token" + " " * HEAD},
    "Accept-Language": lambda: {"Accept-Language": ",".join(["fr;q=0.1"] * (HEAD // 9))},
    "Content-Type": lambda: {"Content-Type": "application/json" + ";a=b" * (HEAD // 4)},
    "a boundary": lambda: {"Content-Type": 'multipart/form-data; boundary="' + "\\" * HEAD},
    "Idempotency-Key": lambda: {"Idempotency-Key": "x" * HEAD},
    "Gerance-Min-Position": lambda: {"Gerance-Min-Position": "9" * HEAD},
    "many": lambda: {f"x-{nth}": "y" for nth in range(HEAD // 10)},
    "Last-Event-ID": lambda: {"Last-Event-ID": "9" * HEAD},
    "Sec-Fetch-Site": lambda: {
        "Origin": "http://" + "a." * (HEAD // 2),
        "Sec-Fetch-Site": "x" * 99,
    },
    "Range": lambda: {"Range": "x" * HEAD},
}

REFUSED = {
    "Accept": (400, 406),
    "Accept with parameters": (400, 406),
    "Accept of commas": (400, 406),
    "Authorization": (400, 401),
    "a token of blanks": (400, 401),
    "Cookie": (401,),
    "Cookie of semicolons": (401,),
    "Content-Type": (415,),
    "a boundary": (415,),
    "Sec-Fetch-Site": (403,),
}
"""How a header may also be refused, by name."""

ADDRESSES = (
    ("rentals", "GET", "/api/Services"),
    ("rentals", "GET", "/api/$metadata"),
    ("rentals", "PATCH", "/api/Suppliers"),
    ("incidents", "GET", "/api/v1/tickets"),
    ("incidents", "POST", "/api/vEvent/tickets"),
    ("incidents", "GET", "/api/v1/events"),
    ("partners", "POST", "/v1/leads"),
    ("partners", "GET", "/v1/webhook-deliveries"),
    ("nobody", "POST", "/api/v1/login"),
    ("nobody", "GET", "/console/login"),
    ("nobody", "POST", "/console/login"),
)


@pytest.mark.parametrize("name", HEADERS)
def test_every_api_reads_hostile_headers(strangers: Strangers, name: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", **HEADERS[name]()}
    expected = {*UNDERSTOOD, *REFUSED.get(name, ())}

    def send() -> None:
        for api, method, path in ADDRESSES:
            if path == "/api/Suppliers":
                path = strangers.supplier
            content = None if method == "GET" else b"{}"
            guessed = GUESSED if api == "nobody" and method == "POST" else ()
            strangers.send(api, method, path, content, {*expected, *guessed}, **headers)

    assert strangers.dog.within_budget(send), strangers.dog


UID = "17ab7b5b-b7ca-18f6-d5f3-3dfbcbaee1a2"
LINK = {"patrimonyUid": UID, "linkType": "LinkToPatrimonyAsCareTaker"}
COMMANDS = BODIES | {
    "a long tag": '{"commandType":"' + "x" * MIB + '"}',
    "a long event": '{"eventType":"' + "x" * MIB + '"}',
    "a tag in many spellings": '{"eventType":"TicketOpened",' + members(70_000) + "}",
    "uids": json.dumps({
        "commandType": "ReferencePatrimony", "processUid": UID, "ref": "x",
        "agencyUids": [UID] * 24_000,
    }),
    "other uids": json.dumps({
        "commandType": "CreateUser", "processUid": UID, "companyUid": UID,
        "agencies": [UID] * 24_000,
    }),
    "links": json.dumps({
        "commandType": "ReferencePatrimonyContact", "processUid": UID,
        "name": {"value": "x", "nameType": "PoorName"},
        "contacts": [{"phone": "1", "contactMediumType": "Phone"}] * 9_000,
        "linkedWithEntities": [LINK] * 4_000,
    }),
    "phones": json.dumps({
        "commandType": "AddProviderContact", "processUid": UID, "companyUid": UID,
        "date": "2026-01-15T10:00:00.000+01:00", "name": {"value": "x", "nameType": "PoorName"},
        "phones": ["0146304312"] * 60_000, "fax": [], "emails": [],
    }),
}  # fmt: skip
COMMAND_PATHS = (
    "tickets", f"tickets/{UID}", "patrimonies", "patrimonycontacts", "providercontacts", "lots",
    "users",
)  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_incidents_read_hostile_bodies(strangers: Strangers, name: str) -> None:
    def send() -> None:
        for path in COMMAND_PATHS:
            method = "PATCH" if path.endswith(UID) else "POST"
            strangers.send("incidents", method, f"/api/vEvent/{path}", COMMANDS[name])
        strangers.send("incidents", "POST", "/api/v1/subscriptions", COMMANDS[name])
        strangers.send("nobody", "POST", "/api/v1/login", COMMANDS[name][:SMALL], GUESSED)
        strangers.send("nobody", "POST", "/api/v1/login", COMMANDS[name].ljust(MIB), (413,))

    assert strangers.dog.within_budget(send), strangers.dog


@pytest.mark.parametrize(
    "query",
    [
        "fulltext=" + "fuite," * (HEAD // 6),
        "fulltext=" + "x" * HEAD,
        "fulltext=" + "%C3%A9" * (HEAD // 6),
        "agency=" + f"{UID}," * (HEAD // 37),
        "location=" + "paris," * (HEAD // 6),
        "callpurpose=" + "x," * (HEAD // 2),
        "activeproviders=" + f"{UID}," * (HEAD // 37),
        "range=" + "9" * HEAD,
        "from=" + "9" * HEAD,
        "&".join(["agency=x"] * (HEAD // 9)),
        "&".join(f"p{nth}=1" for nth in range(HEAD // 8)),
        "types=" + "TicketOpened," * (HEAD // 13),
        "after=" + "9" * HEAD,
    ],
    ids=range(13),
)
def test_incidents_read_hostile_parameters(strangers: Strangers, query: str) -> None:
    def send() -> None:
        for path in ("tickets", "tickets/export", "tickets/stats", "events", "lots"):
            strangers.send("incidents", "GET", f"/api/v1/{path}?{query}", None)

    assert strangers.dog.within_budget(send), strangers.dog


BOUNDARY = "multipart/form-data; boundary=b"


def multipart(*parts: str) -> bytes:
    return "".join(f"--b\r\n{part}\r\n" for part in parts).encode() + b"--b--\r\n"


FORM = 130_000
FORMS = {
    "parts": (BOUNDARY, multipart(*['Content-Disposition: form-data; name="a"\r\n\r\nx'] * 2_000)),
    "a part's headers": (BOUNDARY, multipart("\r\n".join(["a: b"] * 20_000) + "\r\n\r\nx")),
    "a part's name": (BOUNDARY, multipart(
        'Content-Disposition: form-data; name="' + "\\" * FORM + '"\r\n\r\nx')),
    "a part's parameters": (BOUNDARY, multipart(
        "Content-Disposition: form-data" + "; a=b" * 20_000 + "\r\n\r\nx")),
    "dashes": (BOUNDARY, b"--b\r\n\r\n" + b"\r\n--" * (FORM // 4)),
    "carriage returns": (BOUNDARY, b"--b\r\n\r\n" + b"\r" * FORM),
    "pairs": ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * (FORM // 4))),
    "ampersands": ("application/x-www-form-urlencoded", b"&" * FORM),
    "percents": ("application/x-www-form-urlencoded", b"lastname=" + b"%C3%A9" * (FORM // 6)),
    "plus": ("application/x-www-form-urlencoded", b"email=" + b"+" * FORM),
    "a hundred": ("application/json", json.dumps({f"p{n}": "x" * 1200 for n in range(99)})),
    **{
        f"a long {name}": ("application/json", json.dumps(described(**{name: text})).encode())
        for name, text in {
            "email": "a." * 60_000 + "@b.example",
            "phone_number1": "+" + "1" * 120_000,
            "siret": "1" * 120_000,
            "country": "Fr " * 40_000,
            "typology": "9" * 120_000,
            "firstname": "\u0301" * 20_000,
            "campaign_code": "x" * 120_000,
        }.items()
    },
    "an international domain": ("application/json", json.dumps(
        described(email="a@" + "é" * 900 + ".example")).encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_partners_read_hostile_forms(strangers: Strangers, name: str) -> None:
    kind, content = FORMS[name]

    def send() -> None:
        for path in ("leads", "customers", "users"):
            path = f"/{path}" if path == "users" else f"/v1/{path}"
            strangers.send("partners", "POST", path, content, **{"Content-Type": kind})
        own = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
        strangers.send("nobody", "POST", "/console/login", content[:SMALL], GUESSED, **own)

    assert strangers.dog.within_budget(send), strangers.dog


@pytest.mark.parametrize("name", BODIES)
def test_partners_read_hostile_bodies(strangers: Strangers, name: str) -> None:
    content = BODIES[name][:FORM]

    def send() -> None:
        strangers.send("partners", "POST", "/v1/leads", content)
        strangers.send("partners", "POST", "/v1/leads", BODIES[name].ljust(MIB), (413,))

    assert strangers.dog.within_budget(send), strangers.dog


def test_the_watchdog_sees_a_callback_that_computes(strangers: Strangers) -> None:
    async def compute() -> int:
        return sum(each & 3 for each in range(2_000_000))

    portal = strangers.http.portal
    assert portal is not None
    # On a busy machine it takes a computation for a pause of the process now and then.
    until(lambda: not strangers.dog.within_budget(lambda: portal.call(compute)))
