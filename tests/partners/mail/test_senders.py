"""From where partners may ask: kept as it is compared, each once, and only what can be a sender."""

import pytest
from tests.living import on

from gerance.kernel.errors import Rejection
from gerance.partners.mail.senders import add_sender, remove_sender, senders_of


def test_a_sender_is_kept_once_in_lower_case(database: str) -> None:
    for text in ("Paul@Other.Example", "paul@other.example", "@ALL.example", "all.example"):
        on(database, lambda c, text=text: add_sender(c, "FOUSSIER", text))
    known = ["@all.example", "jeanne@foussier.example", "paul@other.example"]
    assert on(database, lambda c: senders_of(c, "FOUSSIER")) == known
    on(database, lambda c: remove_sender(c, "FOUSSIER", "PAUL@other.example"))
    assert on(database, lambda c: senders_of(c, "FOUSSIER")) == known[:2]


@pytest.mark.parametrize(
    "text",
    [
        "nobody",
        "@",
        "",
        "a b@x.example",
        "@localhost",
        "a@x..example",
        "<a@x.example>",
        "@-x.example",
    ],
)
def test_what_can_be_no_sender_is_refused(database: str, text: str) -> None:
    with pytest.raises(Rejection) as refused:
        on(database, lambda c: add_sender(c, "FOUSSIER", text))
    assert refused.value.code == "SenderRefused"


def test_partners_and_senders_have_to_be_there(database: str) -> None:
    with pytest.raises(Rejection) as refused:
        on(database, lambda c: remove_sender(c, "FOUSSIER", "@x.example"))
    assert refused.value.code == "UnknownSender"
    for act in (lambda c: senders_of(c, "NONE"), lambda c: add_sender(c, "NONE", "@x.example")):
        with pytest.raises(Rejection) as refused:
            on(database, act)
        assert refused.value.code == "UnknownPartner"
