"""Signatures are those of Standard Webhooks: its own library accepts them."""

import base64
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gerance.kernel.webhooks.endpoints import new_secret
from gerance.kernel.webhooks.request import sign

BODY = '{"Id":1472,"DatabaseName":"Gérance"}'.encode()


def verified(secret: str, signature: str, body: bytes = BODY, message_id: str = "msg_1") -> object:
    now = str(int(time.time()))
    headers = {"webhook-id": message_id, "webhook-timestamp": now, "webhook-signature": signature}
    return Webhook(secret).verify(body, headers)


def signed(*secrets: str) -> str:
    return sign(secrets, "msg_1", int(time.time()), BODY)


def test_the_library_of_the_standard_verifies_a_signature() -> None:
    secret = new_secret()
    assert verified(secret, signed(secret)) == {"Id": 1472, "DatabaseName": "Gérance"}


def test_either_secret_verifies_while_one_takes_the_others_place() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    signature = signed(new, old)
    assert verified(old, signature) == verified(new, signature)
    with pytest.raises(WebhookVerificationError):
        verified(other, signature)


def test_a_changed_body_or_id_is_not_verified() -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        verified(secret, signed(secret), body=BODY.replace(b"1472", b"1473"))
    with pytest.raises(WebhookVerificationError):
        verified(secret, signed(secret), message_id="msg_2")


def test_the_example_of_the_standard_has_its_signature() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_32_bytes_never_the_same_and_has_to_be_base64() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in secrets} == {32}
    for wrong in ("", "whsec_", "whsec_hush!", "hush"[:3]):
        with pytest.raises(ValueError, match="not base64") as refused:
            signed(wrong)
        assert "hush" not in str(refused.value)
