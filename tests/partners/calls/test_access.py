"""Calls need a token, and HTTPS; guessing tokens is braked."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.partners.calling import Partner, accepted, described, refused, serving

from gerance.kernel.identity.bad_tokens import PER_NETWORK


def ask(http: TestClient, authorization: str | None, **headers: str) -> int:
    given = {} if authorization is None else {"Authorization": authorization}
    return http.get("/v1/customers", headers=given | headers).status_code


@pytest.mark.parametrize(
    "form",
    [
        'Token token="{}"',
        "Token token='{}'",
        "Token token={}",
        'TOKEN Token="{}"',
        'token  TOKEN = "{}"',
        'Token token="{}", nonce="n"',
    ],
)
def test_a_token_may_be_written_in_many_ways(foussier: Partner, form: str) -> None:
    assert ask(foussier.http, form.format(foussier.token)) == 200


@pytest.mark.parametrize(
    "header", [None, "", "Token", 'Token token=""', 'Bearer token="{}"', "Token {}", 'Token "{}"']
)
def test_without_a_token_nothing_is_answered(foussier: Partner, header: str | None) -> None:
    given = None if header is None else header.format(foussier.token)
    assert ask(foussier.http, given) == 401


def test_a_refusal_for_want_of_a_token_is_an_envelope(foussier: Partner) -> None:
    answer = foussier.http.post("/v1/leads", json=described())
    assert refused(answer, 401).startswith("Jeton absent")
    assert answer.headers["WWW-Authenticate"].startswith("Token")


def test_wrong_tokens_are_throttled_and_the_right_one_is_not(foussier: Partner) -> None:
    for n in range(PER_NETWORK):
        assert ask(foussier.http, f'Token token="guess{n}"') == 401
    assert ask(foussier.http, 'Token token="another"') == 429
    assert ask(foussier.http, f'Token token="{foussier.token}"') == 200
    elsewhere = TestClient(foussier.http.app, client=("127.0.0.1", 4711))
    assert ask(elsewhere, 'Token token="another"') == 401


@pytest.mark.parametrize(
    ("setting", "address", "status"),
    [
        ("loopback", "127.0.0.1", 200),
        ("loopback", "::1", 200),
        ("loopback", "192.0.2.7", 403),
        ("loopback", "testclient", 403),
        ("refuse", "127.0.0.1", 403),
        ("allow", "192.0.2.7", 200),
    ],
)
def test_calls_in_the_clear_are_refused_but_from_here(
    database: str, foussier: Partner, tmp_path: Path, setting: str, address: str, status: int
) -> None:
    with serving(database, tmp_path, partners_plain_http=setting) as secure:
        plain = TestClient(secure.app, base_url="http://testserver", client=(address, 4711))
        answer = plain.get("/v1/customers", headers=foussier.headers())
        assert answer.status_code == status
        if status == 403:
            assert refused(answer, 403).startswith("Seul HTTPS est accepté")
        assert ask(secure, f'Token token="{foussier.token}"') == 200


def test_a_call_sent_again_with_its_key_changes_nothing(foussier: Partner) -> None:
    accepted(foussier.customer(client_id="key"))
    offer = {"months": 3}
    for _ in range(2):
        answer = foussier.post("/v1/customers/key/offer", offer, **{"Idempotency-Key": "k1"})
        assert accepted(answer)["status"] == "offered"
    assert foussier.events("key") == ["ServiceActivated", "BillingOffered"]
    accepted(foussier.post("/v1/customers/key/offer", offer, **{"Idempotency-Key": "k2"}))
    assert foussier.events("key").count("BillingOffered") == 2


def test_the_key_of_another_call_is_refused(foussier: Partner) -> None:
    accepted(
        foussier.post("/v1/customers", described(client_id="keys"), **{"Idempotency-Key": "k"})
    )
    offer = "/v1/customers/keys/offer"
    for months in (1, 2):
        text = refused(foussier.post(offer, {"months": months}, **{"Idempotency-Key": "k"}), 409)
        assert text.startswith("Idempotency-Key : cette clé a déjà servi pour un autre appel")
    assert foussier.events("keys") == ["ServiceActivated"]
    accepted(foussier.post("/v1/leads", described(client_id="other"), **{"Idempotency-Key": "k"}))


def test_names_that_no_text_can_have_name_nothing(foussier: Partner) -> None:
    for path in ("/v1/customers/%00", "/v1/billing-files/a%00b", "/v1/billing-files/%00.sha256"):
        refused(foussier.http.get(path, headers=foussier.headers()), 404)
    for act, asked in (
        ("offer", {"months": 1}),
        ("terminate", {"end_of_contract_date": "2099-01-01"}),
    ):
        refused(foussier.post(f"/v1/customers/%00/{act}", asked), 404)


def test_a_call_may_be_tried_without_being_done(foussier: Partner) -> None:
    answer = foussier.post("/v1/leads", described(client_id="dry"), Prefer="handling=dry-run")
    accepted(answer)
    assert answer.headers["Preference-Applied"] == "handling=dry-run"
    missing = foussier.http.get("/v1/customers/dry", headers=foussier.headers())
    assert refused(missing, 404).startswith("client_id : dry est inconnu. Vérifiez")
