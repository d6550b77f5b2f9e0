"""The row budget of an expansion: one entity's document never grows without bound.

A document is built in the memory of a database process, which `work_mem` does not bound. So each
expanded collection reads one row more than `MOST_ROWS` at most and then fails, and a collection
whose rows are expanded again adds up the rows that they hold, as it reads them. The failure is a
subquery that finds two rows where one is allowed: SQLSTATE 21000, cardinality violation.
"""

from gerance.kernel.odata.plan.nodes import Expansion, Shape

MOST_ROWS = 10_000
"""Rows that one expanded collection holds, with all that is expanded inside them."""

_TOO_MANY = "SELECT g FROM generate_series(1, least({rows}, 2)) g"


def holds_many(expansion: Expansion) -> bool:
    """Whether a collection is expanded here or inside."""
    if expansion.form == "count":
        return False
    return expansion.navigation.many or any(map(holds_many, expansion.shape.expands))


def rows_at_most(shape: Shape, top: int) -> int:
    """The most rows of an answer of `top` rows, with those expanded in them."""
    inside = 0
    for expansion in filter(holds_many, shape.expands):
        limit = expansion.shape.top
        rows = 1 if not expansion.navigation.many else MOST_ROWS if limit is None else limit
        inside += min(rows_at_most(expansion.shape, rows), MOST_ROWS)
    return top * (1 + inside)


def read_at_most(shape: Shape) -> int | None:
    """The LIMIT of an expanded collection; None where `$top` is below the budget."""
    return None if shape.top is not None and shape.top <= MOST_ROWS else MOST_ROWS + 1


def aggregated(documents: str, *, measured: bool) -> str:
    """SELECT of the JSON of a collection (`doc`) and the number of its rows (`size`).

    `documents`: SELECT of the JSON of each row, and if `measured` of the rows that it stands for.
    """
    if not measured:
        return (
            f"SELECT CASE WHEN a.size > {MOST_ROWS} THEN ({_TOO_MANY.format(rows='a.size')})::text"
            " ELSE a.doc END AS doc, a.size FROM"
            f" (SELECT string_agg(c.doc, ',') AS doc, count(*)::integer AS size"
            f" FROM ({documents}) c) a"
        )
    fits = f"CASE WHEN c.size > {MOST_ROWS} THEN ({_TOO_MANY.format(rows='c.size')}) = 0"
    return (
        f"SELECT string_agg(c.doc, ',') FILTER (WHERE {fits} ELSE true END) AS doc,"
        " max(c.size)::integer AS size FROM"
        " (SELECT d.doc, sum(d.size) OVER (ROWS UNBOUNDED PRECEDING) AS size"
        f" FROM ({documents}) d) c"
    )
