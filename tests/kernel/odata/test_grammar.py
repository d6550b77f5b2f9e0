"""The parser against the grammar: what it allows is read as it is meant, nothing else breaks it."""

import os
from collections.abc import Callable
from random import Random
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernel.odata.catalogue import CATALOGUE
from tests.kernel.odata.grammar import EXPRESSIONS, Writer, options, plain

from gerance.kernel.errors import Rejection
from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.compiler import Compiler, QueryKey
from gerance.kernel.odata.parse.options import literal, parse_query
from gerance.kernel.odata.parse.paths import parse_path
from gerance.kernel.odata.parse.syntax import Options
from gerance.kernel.odata.sql.style import Style

BOUNDED = settings(
    max_examples=int(os.environ.get("GERANCE_TEST_EXAMPLES", "200")),
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)
WRITERS = st.integers(0, 2**32).map(lambda seed: Writer(Random(seed)))

PARTS = (
    "Id Name Price Rating Category Supplier Products Trips Nothing $it $this $root $count any all",
    "p:p eq ne gt ge lt le in has and or not add sub mul div divby mod asc desc null true INF NaN",
    "contains( startswith( length( cast( year( round( now( substring( case( any( all( $count(",
    "Edm.String Edm.Int32 @p 1 -1 2.5 1e3 'x' '' 2026-01-15 08:30 2026-01-15T08:30:00Z",
    "11111111-1111-4111-8111-111111111111 duration'P1D' $filter= $select= $expand= $top= $levels=",
    "( ) , ; : / = - * ' \" \\ % # ? & [ { é 李 🍵 datetime'' guid'' duration'' X'00'",
)
WORDS = [*(word for part in PARTS for word in part.split()), " ", "\t", "\n", "\x01", "\x85"]
SOUP = st.lists(st.sampled_from(WORDS), max_size=14)
TEXTS = st.one_of(
    st.tuples(SOUP, st.sampled_from(["", " "])).map(lambda drawn: drawn[1].join(drawn[0])),
    st.text(max_size=40),
)


def status(read: Callable[[], object]) -> int:
    """200 when a text can be read, else why it is refused; whatever else is raised goes on."""
    try:
        read()
    except Rejection as refused:
        return refused.status
    return 200


@BOUNDED
@given(tree=EXPRESSIONS, writer=WRITERS)
def test_an_expression_is_read_as_it_was_written(tree: object, writer: Writer) -> None:
    text = writer.expression(tree)  # type: ignore[arg-type]
    assert plain(literal(text, "$filter")) == plain(tree)


@settings(BOUNDED, max_examples=BOUNDED.max_examples // 3)
@given(tree=options(), writer=WRITERS)
def test_options_are_read_as_they_were_written(tree: Options, writer: Writer) -> None:
    texts = writer.options(tree)
    query = "&".join(f"{quote(name)}={quote(text)}" for name, text in texts.items())
    assert plain(parse_query(query).options) == plain(tree)


@BOUNDED
@given(tree=EXPRESSIONS, writer=WRITERS, data=st.data())
def test_a_text_with_a_mistake_is_read_or_refused(
    tree: object, writer: Writer, data: st.DataObject
) -> None:
    text = writer.expression(tree)  # type: ignore[arg-type]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 3, len(text))))
    changed = text[:start] + data.draw(TEXTS) + text[end:]
    assert status(lambda: literal(changed, "$filter")) in (200, 400, 501)


@BOUNDED
@given(
    texts=st.dictionaries(
        st.sampled_from(["$filter", "$orderby", "$expand", "$select", "$top", "$skiptoken", "@p"]),
        TEXTS,
        max_size=3,
    ),
    path=st.sampled_from(["Products", "Products(1)", "Categories(1)/Products"]),
)
def test_whatever_is_asked_is_compiled_or_refused(texts: dict[str, str], path: str) -> None:
    query = "&".join(f"{quote(name)}={quote(text)}" for name, text in texts.items())
    question = QueryKey("*", path, query, Style(), 10)
    compiler = Compiler(CATALOGUE)
    assert status(lambda: compiler.compile(question, EVERYTHING)) in (200, 400, 404, 501)


@BOUNDED
@given(
    text=st.one_of(
        TEXTS,
        TEXTS.map(lambda text: f"Products({text})"),
        TEXTS.map(lambda text: f"Products(1)/{text}"),
    )
)
def test_any_path_is_read_or_refused(text: str) -> None:
    assert status(lambda: parse_path(quote(text, safe="/'(),=$@:"))) in (200, 400, 501)


@BOUNDED
@given(query=st.text(max_size=60))
def test_any_query_is_read_or_refused(query: str) -> None:
    assert status(lambda: parse_query(query)) in (200, 400, 501)
