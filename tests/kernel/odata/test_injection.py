"""What a client says goes to the database beside the statement, never inside it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernel.odata.catalogue import CATALOGUE
from tests.kernel.odata.shop import Shop

from gerance.kernel.errors import Rejection
from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.compiler import CompiledQuery, Compiler, QueryKey
from gerance.kernel.odata.sql.statements import Statement
from gerance.kernel.odata.sql.style import Style

QUOTED = "'ma''rk\"--;\\%25s'"


def compiled(path: str, query: str = "") -> CompiledQuery:
    style = Style("full", root="http://ma'rk/api/", namespace="Catalogue")
    return Compiler(CATALOGUE).compile(QueryKey("*", path, query, style, 10), EVERYTHING)


def statements(question: CompiledQuery) -> list[Statement]:
    every = (question.statement, question.counting, question.existing)
    return [each for each in every if each is not None]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("Products", f"$filter=Name eq {QUOTED}"),
        ("Products", f"$filter=contains(Name,{QUOTED})&$count=true"),
        ("Products", f"$filter=Name in ({QUOTED},'x')"),
        ("Products", f"$filter=Code eq {QUOTED} or Category/Name gt {QUOTED}"),
        ("Products", f"$filter=Category/Products/any(p:p/Name eq {QUOTED})"),
        ("Products", f"$filter=Name eq @p&@p={QUOTED}"),
        ("Products", f"$orderby=indexof(Name,{QUOTED}) desc"),
        ("Products", f"$orderby=concat(Name,{QUOTED})"),
        ("Categories", f"$expand=Products($filter=Name eq {QUOTED};$orderby=Name eq {QUOTED})"),
        ("Categories", f"$expand=Products/$count($filter=Name eq {QUOTED})"),
        (f"Products(Code={QUOTED})", ""),
        (f"People({QUOTED})/Trips", "$count=true"),
        (f"People({QUOTED})/Trips/$count", ""),
        (f"Trips(PersonName={QUOTED},TripNo=1)/Budget", ""),
    ],
)
def test_a_text_is_a_parameter_of_every_statement(path: str, query: str) -> None:
    question = compiled(path.replace("%25", "%2525") if query == "" else path, query)
    made = statements(question)
    assert made
    for statement in made:
        assert "ma'rk" not in statement.sql
        assert "ma''rk" not in statement.sql
    assert any("ma'rk" in str(each) for statement in made for each in statement.params)


def test_every_kind_of_literal_is_a_parameter() -> None:
    texts = ["123454321", "12345.4321", "1.234543e21", "2123-05-04", "12:34:54.321",
             "2123-05-04T12:34:54Z", "duration'P12345D'", "true",
             "12345432-1234-1234-1234-123454321234"]  # fmt: skip
    for text in texts:
        (statement,) = statements(
            compiled("Products", f"$filter={text} ne null or {text} eq {text}")
        )
        assert "12345" not in statement.sql
        assert "2123" not in statement.sql
        assert "12:34" not in statement.sql
        assert len(statement.params) >= 3


def test_the_host_that_a_client_names_is_a_parameter() -> None:
    (statement,) = statements(compiled("Products", "$expand=*"))
    assert "ma'rk" not in statement.sql
    assert any("ma'rk" in str(each) for each in statement.params)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text("é李zqx'\"\\;-%$ \n", min_size=1, max_size=12))
def test_no_statement_has_a_letter_of_a_text(text: str) -> None:
    quoted = "'" + f"é{text}é".replace("'", "''") + "'"
    query = f"$filter=Name eq {quoted}&$orderby=Name eq {quoted}".replace("%", "%25")
    for statement in statements(compiled("Products", query.replace(";", "%3B"))):
        assert "é" not in statement.sql
        assert f"é{text}é" in statement.params


@pytest.mark.parametrize(
    "text",
    [
        "' or true --",
        "x'; drop table catalogue.product; --",
        "\\'; select pg_sleep(10); --",
        "%' or '%'='",
        "$1",
        "{0}",
        "%s %(x)s",
        "\u2019 or 1=1",
        "'||(select 1)||'",
    ],
)
def test_texts_that_look_like_sql_are_texts(shop: Shop, text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    assert shop.ids(f"Name eq {quoted}") == []
    assert shop.ids(f"contains(concat('a',{quoted}),{quoted})") == [1, 2, 3, 4, 5, 6]
    assert shop.ids(orderby=f"Name eq {quoted},Id desc") == [6, 5, 4, 3, 2, 1]
    assert len(shop.rows("Categories", expand=f"Products($filter=Name ne {quoted})")) == 4


@pytest.mark.parametrize(
    "name",
    ["Name;drop", "Name--", "Name\"", "name_order", "store", "version", "\"Name\"", "r0.store",
     "ctid", "xmin", "pg_sleep(1)"],
)  # fmt: skip
def test_no_column_but_the_declared_ones_has_a_name(shop: Shop, name: str) -> None:
    for options in ({"filter": f"{name} ne null"}, {"orderby": name}, {"select": name}):
        answer = shop.ask("Products", **options)
        assert answer.status_code in (400, 501), answer.text


def test_a_refused_question_makes_no_statement() -> None:
    with pytest.raises(Rejection):
        compiled("Products", f"$filter=Nothing eq {QUOTED}")
