"""Text from clients has one spelling, whatever stands between its letters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerance.kernel.text import (
    TextError,
    form_pairs,
    normal,
    normal_json,
    normal_target,
    require_distinct_members,
)

E_ACUTE = "\u00e9"
DECOMPOSED = "e\u0301"


@pytest.mark.parametrize(
    ("sent", "spelling"),
    [
        (DECOMPOSED, E_ACUTE),
        ("01\u202a 99\u202c", "01 99"),
        ("\u200e+33\ufeff", "+33"),
        ("co\u00adop", "coop"),
        ("na\u00a0me\u202f!", "na\u00a0me\u202f!"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
    ],
)
def test_letters_are_composed_and_invisible_characters_removed(sent: str, spelling: str) -> None:
    assert normal(sent) == spelling
    assert json.loads(normal_json(json.dumps([sent]).encode())) == [spelling]
    assert json.loads(normal_json(json.dumps([sent], ensure_ascii=False).encode())) == [spelling]


@pytest.mark.parametrize(
    "body",
    [
        '{"a":"\\n\u0303"}', '{"a":"\\\\n\\u0303"}', '{"a":"\\"\\u0301"}', '{"a":"\\ud83d\\ude00"}',
        '{"a":"\\\\u00e9"}', '{"a":"\\u0022\\u0000\\u001f\\u005c"}', '{"a":"\\ud800"}',
    ],
)  # fmt: skip
def test_escapes_stay_the_characters_that_they_are(body: str) -> None:
    assert json.loads(normal_json(body.encode())) == {"a": normal(json.loads(body)["a"])}


@given(st.dictionaries(st.text(max_size=8), st.text(), max_size=4), st.booleans())
def test_only_the_spelling_of_a_document_changes(value: dict[str, str], ascii_only: bool) -> None:
    text = json.dumps({normal(k): v for k, v in value.items()}, ensure_ascii=ascii_only)
    try:
        body = text.encode()
    except UnicodeEncodeError:
        return
    expected = {normal(name): normal(item) for name, item in value.items()}
    assert json.loads(normal_json(b"\xef\xbb\xbf" + body)) == expected


@pytest.mark.parametrize(
    ("body", "is_repeated", "ignoring_case"),
    [
        ('{"a":1,"a":2}', True, True),
        ('{"a":1,"A":2}', False, True),
        ('[{"b":{"a":"x","\\u0061":2}}]', True, True),
        ('[{"a":1},{"a":2}]', False, False),
        ('{"a":"\\",\\"a\\":","b":{"a":1}}', False, False),
    ],
)
def test_a_member_stands_once_in_its_object(
    body: str, is_repeated: bool, ignoring_case: bool
) -> None:
    for ignore_case, expected in ((False, is_repeated), (True, ignoring_case)):
        if not expected:
            require_distinct_members(body.encode(), ignore_case=ignore_case)
            continue
        with pytest.raises(TextError, match=r"The member [aA] is given more than once"):
            require_distinct_members(body.encode(), ignore_case=ignore_case)


@pytest.mark.parametrize(
    ("sent", "spelling"),
    [
        (b"$filter=City%20eq%20'Que%CC%81bec'", b"$filter=City%20eq%20'Qu%C3%A9bec'"),
        ("fulltext=évier".encode(), b"fulltext=%C3%A9vier"),
        (b"a=%3E%CC%81&b=%27%E2%80%8E", b"a=%3E%CC%81&b=%27"),
        (b"a%2Fb%c3%a9", b"a%2Fb%C3%A9"),
        (b"a=%25ZZ+%2B", b"a=%25ZZ+%2B"),
    ],
)
def test_a_url_has_one_spelling(sent: bytes, spelling: bytes) -> None:
    assert normal_target(sent) == spelling


@pytest.mark.parametrize("raw", [b"%E9vier", b"%C0%AF", b"%FF", b"%ZZ", b"100%", b"%e", b"\xe9"])
def test_a_url_that_is_not_utf_8_is_rejected(raw: bytes) -> None:
    with pytest.raises(TextError, match=r"UTF-8|percent-encoded"):
        normal_target(raw)
    with pytest.raises(TextError, match="form"):
        form_pairs(b"a=" + raw)


def test_a_form_is_read_in_that_spelling() -> None:
    body = b"city=Que%CC%81bec&name=%C5%93uvre+%26+fils&empty=&alone&&city=x%3Dy"
    assert form_pairs(body) == [
        ("city", "Québec"), ("name", "œuvre & fils"), ("empty", ""), ("alone", ""), ("city", "x=y"),
    ]  # fmt: skip
