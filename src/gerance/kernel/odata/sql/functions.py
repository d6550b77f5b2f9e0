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

_NUMBER = "^[+-]?[0-9]{{1,60}}(\\.[0-9]{{1,60}})?$"
_DOUBLE = "^[+-]?[0-9]{{1,60}}(\\.[0-9]{{1,60}})?([eE][+-]?[0-9]{{1,2}})?$"
_GUID = "^[0-9A-Fa-f]{{8}}-([0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}$"

OPERATIONS: dict[str, str] = {
    "add": "({0} + {1})",
    "sub": "({0} - {1})",
    "mul": "({0} * {1})",
    "div": "({0} / {1})",
    "divby": "({0}::numeric / {1}::numeric)",
    "mod": "mod({0}, {1})",
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
    "toupper": "upper_text({0})",
    "trim": "btrim({0}, E' \\t\\n\\r')",
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

TYPE_OPERATIONS: dict[tuple[str, Edm | None], str] = {
    ("mod", Edm.DOUBLE): "mod({0}::numeric, {1}::numeric)::double precision",
    ("divby", Edm.DOUBLE): "({0}::double precision / {1}::double precision)",
    ("divby", Edm.DURATION): "({0} / {1})",
    # A double is rounded half to even by PostgreSQL, half away from zero by the standard.
    ("round", Edm.DOUBLE): "round({0}::numeric)::double precision",
}
"""Operations that are written differently when they give a value of some type."""

CLAMPED = "int8smaller(int8larger({0}, 0), 2147483646)::integer"
"""A number not below zero, for positions in texts; null stays null, unlike with `greatest`."""

_TO_TEXT: dict[Edm, str] = {
    Edm.DATE_TIME_OFFSET: 'to_char({0}, \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')',
}

_BOUNDS = {Edm.INT32: ("-2147483648", "2147483647"),
           Edm.INT64: ("-9223372036854775808", "9223372036854775807")}  # fmt: skip


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
        case Edm.BOOLEAN:
            return "CASE {0} WHEN 'true' THEN true WHEN 'false' THEN false END"
        case Edm.DOUBLE:
            return _once(f"CASE WHEN v ~ '{_DOUBLE}' THEN v::double precision END")
        case Edm.DECIMAL:
            return _once(f"CASE WHEN v ~ '{_NUMBER}' THEN v::numeric END")
        case _:
            number = _once(f"CASE WHEN v ~ '{_NUMBER}' THEN trunc(v::numeric) END")
            return _bounded(number, kind)


def _bounded(number: str, kind: Edm) -> str:
    low, high = _BOUNDS[kind]
    value = _once(f"CASE WHEN v BETWEEN {low} AND {high} THEN v::{SQL_TYPES[kind]} END")
    return value.replace("{0}", number)


def _once(expression: str) -> str:
    """An expression over `v`, the argument, which is written and computed only once."""
    return f"(SELECT {expression} FROM (SELECT {{0}} AS v OFFSET 0) x)"
