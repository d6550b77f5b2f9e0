"""The reference page of the error codes, from the catalogue."""

from collections.abc import Iterator

from gerance.kernel.errors.catalogue import FAMILIES, ErrorCode

_INTRODUCTION = """
A rejected request changes nothing. Its answer has an error code that programs may rely on, and a
message for people. Codes keep their published spelling, including its mistakes. Messages may
change.

| API | Body of a rejection |
|---|---|
| incidents: `/api/v1`, `/api/vEvent` | `{"errorType": "...", "message": "..."}` |
| rentals: `/api` | `{"error": {"code": "...", "message": "...", "target": "..."}}` |
| partners: `/v1`, `/users` | `{"response": 1, "text": "..."}`, French or English, no code |
| console: `/console` | a page, French or English |

Each API uses this form for unknown paths as well. Two kinds of requests are answered in the form
of the incident API on every path, with `Connection: close`: those that are not valid HTTP (a
request needs exactly one `Host` header), and those that arrive too late.

A message names what is wrong and where, for example `at $.ticket.caller.medium.phone`. Where a
code has only one cause, the message is the text of this page. The [OpenAPI](protocol.md) document
lists the codes of each operation (`x-error-codes`). `gerance errors CODE` prints an entry of this
page, in English or French.

An entry gives the HTTP statuses, the APIs that answer with the code (*any*: each of the three,
and the console), and the first version that has it. Then follow the text in English and in
French.
""".strip()


def page() -> str:
    """docs/reference/errors.md."""
    lines = ["# Errors", "", _INTRODUCTION]
    for family in FAMILIES:
        lines += ["", f"## {family.title}"]
        if family.introduction:
            lines += ["", family.introduction]
        for entry in family.codes:
            lines += _entry(entry)
    return "\n".join(lines) + "\n"


def _entry(entry: ErrorCode) -> Iterator[str]:
    facts = ", ".join(entry.apis), f"since {entry.since}"
    statuses = " or ".join(map(str, entry.status))
    yield ""
    yield f"### `{entry.code}`"
    yield ""
    yield "; ".join((statuses, *facts) if statuses else facts) + "."
    if entry.not_raised:
        yield f"Published, but not used by this release: {_inside(entry.not_raised)}"
    yield ""
    yield f"- en: {entry.text('en')}"
    yield f"- fr: {entry.text('fr')}"


def _inside(sentence: str) -> str:
    """The sentence after a colon."""
    return sentence[0].lower() + sentence[1:]
