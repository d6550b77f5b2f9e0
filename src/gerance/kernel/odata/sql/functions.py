"""Types, operators and functions as PostgreSQL writes them; `{0}` is the first argument."""

from gerance.kernel.odata.edm import Edm

SQL_TYPES: dict[Edm, str] = {
    Edm.BOOLEAN: "boolean",
    Edm.INT32: "integer",
    Edm.INT64: "bigint",
    Edm.DECIMAL: "numeric",
    Edm.DOUBLE: "double precision",
    Edm.STRING: "text",
    Edm.GUID: "uuid",
    Edm.DATE: "date",
    Edm.DATE_TIME_OFFSET: "timestamp with time zone",
    Edm.TIME_OF_DAY: "time",
    Edm.DURATION: "interval",
}

_INTEGER = "^[+-]?[0-9]{{1,60}}$"
_DECIMAL = "^[+-]?[0-9]{{1,60}}(\\.[0-9]{{1,60}})?([eE][+-]?[0-9]{{1,2}})?$"
_GUID = "^[0-9A-Fa-f]{{8}}-([0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}$"

_DATE = "(?!0000)[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{{1,12}})?)?"
_MOMENT = f"{_DATE}T{_TIME}(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_WHITE_SPACE = "".join(
    chr(code)
    for code in (*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
                 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
)  # fmt: skip
"""The characters with the Unicode property White_Space."""

OPERATIONS: dict[str, str] = {
    "add": "({0} + {1})",
    "sub": "({0} - {1})",
    "mul": "({0} * {1})",
    "div": "({0} / nullif({1}, 0))",
    "mod": "mod({0}, nullif({1}, 0))",
    "negative": "(- {0})",
    "contains": "(strpos({0}, {1}) > 0)",
    "startswith": "starts_with({0}, {1})",
    # No argument is written twice: nested in one another, texts would grow exponentially.
    "endswith": "starts_with(reverse({0}), reverse({1}))",
    "matchespattern": "({0} ~ {1})",
    "indexof": "(strpos({0}, {1}) - 1)",
    "length": "length({0})",
    "concat": "({0} || {1})",
    "tolower": "lower_text({0})",
    "toupper": "replace(upper_text({0}), 'ß', 'SS')",
    "trim": f"btrim({{0}}, '{_WHITE_SPACE}')",
    "year": "extract(year FROM {0})::integer",
    "month": "extract(month FROM {0})::integer",
    "day": "extract(day FROM {0})::integer",
    "hour": "extract(hour FROM {0})::integer",
    "minute": "extract(minute FROM {0})::integer",
    "second": "floor(extract(second FROM {0}))::integer",
    "fractionalseconds": "mod(extract(second FROM {0}), 1)",
    "date": "{0}::date",
    "time": "{0}::time",
    "totaloffsetminutes": "CASE WHEN {0} IS NOT NULL THEN 0 END",
    "totalseconds": "extract(epoch FROM {0})",
    "now": "now()",
    "mindatetime": "timestamptz '0001-01-01 00:00:00+00'",
    "maxdatetime": "timestamptz '9999-12-31 23:59:59.999+00'",
    "floor": "floor({0})",
    "ceiling": "ceil({0})",
    "round": "round({0})",
    f"cast {Edm.STRING.value}": "{0}::text",
    f"cast {Edm.DATE.value}": "{0}::date",
    f"cast {Edm.TIME_OF_DAY.value}": "{0}::time",
    f"cast {Edm.DATE_TIME_OFFSET.value}": "{0}::timestamptz",
}

_DURATION_QUOTIENT = "({0} / nullif({1}::double precision, 0))"

TYPE_OPERATIONS: dict[tuple[str, Edm | None], str] = {
    ("mod", Edm.DOUBLE): "mod({0}::numeric, nullif({1}::numeric, 0))::double precision",
    ("div", Edm.DURATION): _DURATION_QUOTIENT,
    ("divby", Edm.DURATION): _DURATION_QUOTIENT,
    # A double is rounded half to even by PostgreSQL, half away from zero by the standard.
    ("round", Edm.DOUBLE): "round({0}::numeric)::double precision",
}
"""Operations that are written differently when they give a value of some type."""

SUBSTRING_FROM_END = (
    "(SELECT substr(t, CASE WHEN n < 0 THEN greatest(length(t) + n, 0) ELSE n END + 1{rest})"
    " FROM (SELECT {text} AS t,"
    " int8smaller(int8larger({start}, -2147483647), 2147483646)::integer AS n OFFSET 0) x)"
)
"""A part of a text that begins at a place that may be negative: then it counts from the end."""

CLAMPED = "int8smaller(int8larger({0}, 0), 2147483646)::integer"
"""A number not below zero, for positions in texts; null stays null, unlike with `greatest`."""

_TO_TEXT: dict[Edm, str] = {
    Edm.DATE_TIME_OFFSET: 'to_char({0}, \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')',
}

_BOUNDS = {Edm.INT32: ("-2147483648", "2147483647"),
           Edm.INT64: ("-9223372036854775808", "9223372036854775807")}  # fmt: skip


_ON_CALENDAR = (
    "CASE WHEN to_char((substr(v, 1, 7) || '-01')::date + (substr(v, 9, 2)::integer - 1),"
    " 'YYYY-MM') = substr(v, 1, 7)"
)
"""That the month of the date in a text has such a day."""

SAME_NUMBER = (
    "(SELECT a IS NOT DISTINCT FROM b AND {nan} IS DISTINCT FROM 'NaN'"
    " FROM (SELECT {one} AS a, {other} AS b OFFSET 0) x)"
)
"""That two values are equal where one may be NaN, which PostgreSQL finds equal to itself."""


def quotient_template(kind: Edm, *, may_be_zero: bool) -> str:
    """A quotient that has a value for each divisor: INF, -INF or NaN for zero."""
    sql_type = SQL_TYPES[kind]
    one, other = f"{{0}}::{sql_type}", f"{{1}}::{sql_type}"
    if not may_be_zero:
        return f"({one} / {other})"
    zero = f"sign(a) * 'Infinity'::{sql_type}"
    return (
        f"(SELECT CASE WHEN b = 0 THEN {zero} ELSE a / b END"
        f" FROM (SELECT {one} AS a, {other} AS b OFFSET 0) x)"
    )


def cast_template(kind: Edm, source: Edm | None) -> str:
    """How a value of type `source` becomes one of type `kind`; null when it cannot."""
    sql_type = SQL_TYPES[kind]
    if kind is Edm.STRING:
        return _TO_TEXT.get(source, "{0}::text") if source else "{0}::text"
    if source is not Edm.STRING:
        if kind in _BOUNDS:
            return _bounded("trunc({0}::numeric)", kind)
        return f"{{0}}::{sql_type}"
    match kind:
        case Edm.GUID:
            return _once(f"CASE WHEN v ~ '{_GUID}' THEN v::uuid END")
        case Edm.TIME_OF_DAY:
            return _once(f"CASE WHEN v ~ '^{_TIME}$' THEN v::time END")
        case Edm.DATE:
            return _once(f"CASE WHEN v ~ '^{_DATE}$' THEN {_ON_CALENDAR} THEN v::date END END")
        case Edm.DATE_TIME_OFFSET:
            return _once(
                f"CASE WHEN v ~ '^{_MOMENT}$' THEN {_ON_CALENDAR} THEN v::timestamptz END END"
            )
        case Edm.BOOLEAN:
            return "CASE {0} WHEN 'true' THEN true WHEN 'false' THEN false END"
        case Edm.DOUBLE:
            return _once(f"CASE WHEN v ~ '{_DECIMAL}' THEN v::double precision END")
        case Edm.DECIMAL:
            return _once(f"CASE WHEN v ~ '{_DECIMAL}' THEN v::numeric END")
        case _:
            number = _once(f"CASE WHEN v ~ '{_INTEGER}' THEN v::numeric END")
            return _bounded(number, kind)


def _bounded(number: str, kind: Edm) -> str:
    low, high = _BOUNDS[kind]
    value = _once(f"CASE WHEN v BETWEEN {low} AND {high} THEN v::{SQL_TYPES[kind]} END")
    return value.replace("{0}", number)


def _once(expression: str) -> str:
    """An expression over `v`, the argument, which is written and computed only once."""
    return f"(SELECT {expression} FROM (SELECT {{0}} AS v OFFSET 0) x)"
