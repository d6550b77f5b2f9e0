"""A partner reads the log of its own calls over HTTP, in pages, and no other's."""

import psycopg
import pytest
from tests.partners.calling import Partner, refused

PATH = "/v1/webhook-deliveries"


@pytest.fixture(autouse=True)
def _calls(database: str, foussier: Partner, legallais: Partner) -> None:
    """Five calls to one partner, one of which failed, and one to another."""
    with psycopg.connect(database) as connection:
        connection.execute("truncate delivery")
        connection.execute(
            "insert into delivery (endpoint, flavour, owner, position, category, stream,"
            " event_type, message_id, attempt, url, at, duration_ms, outcome, status, detail,"
            " request, answer) select gen_random_uuid(), flavour, owner, n, 'partner_customer',"
            " gen_random_uuid(), 'BillingStarted', 'm' || n, 1, 'https://f.example/', now(), 3.5,"
            " case n when 3 then 'failed' else 'delivered' end, 200, 'Fine.', 'event_type=2', ''"
            " from (select 'partners', 'FOUSSIER', generate_series(1, 5) union all"
            " select 'partners', 'LEGALLAIS', 9 union all select 'rentals', 'FOUSSIER', 8)"
            " as v (flavour, owner, n) order by n"
        )


def test_each_partner_reads_its_own_calls_the_latest_first(
    foussier: Partner, legallais: Partner
) -> None:
    found = foussier.get(PATH)
    assert [each["position"] for each in found["deliveries"]] == [5, 4, 3, 2, 1]
    assert (found["response"], found["text"], found["before"]) == (0, "OK", None)
    assert found["deliveries"][0] | {"at": "", "id": 0} == {
        "id": 0, "position": 5, "event_type": 2, "message_id": "m5", "attempt": 1,
        "url": "https://f.example/", "at": "", "duration_ms": 3.5, "outcome": "delivered",
        "status": 200, "failure": None, "detail": "Fine.", "request": "event_type=2",
        "answer": "", "next_attempt": None,
    }  # fmt: skip
    assert [each["position"] for each in legallais.get(PATH)["deliveries"]] == [9]


def test_it_comes_in_pages_and_by_outcome(foussier: Partner) -> None:
    seen, before = [], ""
    while True:
        page = foussier.get(f"{PATH}?limit=2{before}")
        seen += [each["position"] for each in page["deliveries"]]
        if page["before"] is None:
            break
        before = f"&before={page['before']}"
    assert seen == [5, 4, 3, 2, 1]
    failed = foussier.get(f"{PATH}?outcome=failed")["deliveries"]
    assert [each["position"] for each in failed] == [3]


@pytest.mark.parametrize(
    ("query", "names"), [("limit=0", "limit"), ("before=x", "before"), ("outcome=x", "outcome")]
)
def test_what_cannot_be_asked_is_refused_by_name(foussier: Partner, query: str, names: str) -> None:
    answer = foussier.http.get(f"{PATH}?{query}", headers=foussier.headers())
    assert refused(answer).startswith(f"{names} : ")


def test_all_that_cannot_be_asked_is_named_at_once(foussier: Partner) -> None:
    headers = foussier.headers(**{"Accept-Language": "en"})
    answer = foussier.http.get(f"{PATH}?limit=1001&before=0&outcome=x", headers=headers)
    assert [each.partition(":")[0] for each in refused(answer).split("; ")] == [
        "outcome",
        "before",
        "limit",
    ]


def test_strangers_read_nothing(foussier: Partner) -> None:
    refused(foussier.http.get(PATH), 401)
