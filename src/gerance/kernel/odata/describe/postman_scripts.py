"""The scripts of the Postman collection: JavaScript that Postman and newman run.

Tokens are kept in variables of the collection, with when they expire and for whom they are.
"""

from collections.abc import Mapping
from textwrap import indent

_KEEP = """\
const answer = response.json();
pm.collectionVariables.set("token", answer.token);
pm.collectionVariables.set("tokenExpiresAt", answer.expiresAt);
pm.collectionVariables.set("tokenOf", pm.variables.replaceIn("{{userName}} {{baseUrl}}"));"""

# A run that went on would guess until the key is locked.
_KEEP_OR_STOP = f"""\
if (response.code === 200) {{
{indent(_KEEP, "  ")}
}} else {{
  pm.execution.setNextRequest(null);
}}"""

_FETCH = """\
const path = "/" + pm.request.url.path.join("/");
const whose = pm.variables.replaceIn("{{userName}} {{baseUrl}}");
const lasts = Date.parse(pm.collectionVariables.get("tokenExpiresAt") || 0) - Date.now();
const known = pm.collectionVariables.get("tokenOf") === whose && lasts > 60000;
if (path !== "TOKEN" && !known) {
  pm.sendRequest({
    url: pm.variables.replaceIn("{{baseUrl}}TOKEN"),
    method: "POST",
    header: {
      "Content-Type": "application/json",
      "x-api-key": pm.variables.replaceIn("{{apiKey}}"),
    },
    body: {
      mode: "raw",
      raw: JSON.stringify({
        UserName: pm.variables.replaceIn("{{userName}}"),
        Password: pm.variables.replaceIn("{{password}}"),
      }),
    },
  }, (failure, response) => {
    if (failure || response.code !== 200) {
      console.error("No token: " + (failure || response.text()));
      pm.execution.setNextRequest(null);
      return;
    }
KEEP
  });
}"""

_OK = 'pm.test("The status is 200", () => pm.response.to.have.status(200));'
_MISSING = """\
if (pm.response.code === 403) {
  pm.test("This installation lacks the module MODULE", () => {
    pm.expect(pm.response.json().error.code).to.eql("ModuleMissing");
  });
} else {
REST
}"""

_READING = """\
if (pm.response.code === 403) {
  pm.test("This key may not write here", () => {
    pm.expect(pm.response.json().error.code).to.eql("Forbidden");
  });
} else {
REST
}"""


def before_each(token_path: str) -> str:
    """Get a token unless there is one that lasts, and let the request carry it."""
    return _FETCH.replace("TOKEN", token_path).replace("KEEP", indent(_KEEP, "    "))


def keeps_token() -> str:
    """The token of the answer is kept for the requests to come; without one a run stops."""
    return f"{_OK}\nconst response = pm.response;\n{_KEEP_OR_STOP}"


def answers_many(module: str | None = None) -> str:
    """The answer is JSON with an array; 403 is right where the module is missing."""
    return _tests(
        _OK,
        'pm.test("The answer is JSON", () => pm.response.to.be.json);',
        'pm.test("It has a list", () => pm.expect(pm.response.json().value).to.be.an("array"));',
        module=module,
    )


def answers_one(key: str) -> str:
    """The answer is one entity with its key."""
    return _tests(
        _OK,
        'pm.test("The answer is JSON", () => pm.response.to.be.json);',
        f'pm.test("It is one", () => pm.expect(pm.response.json()).to.have.property("{key}"));',
    )


def answers_a_number(module: str | None = None) -> str:
    """The answer is a number, in plain text; 403 is right where the module is missing."""
    number = r'pm.test("It is a number", () => pm.expect(pm.response.text()).to.match(/^\d+$/));'
    return _tests(_OK, number, module=module)


def answers_xml() -> str:
    """The answer is a document of CSDL."""
    csdl = 'pm.test("It is CSDL", () => pm.expect(pm.response.text()).to.include("<edmx:Edmx"));'
    return _tests(_OK, csdl)


def _tests(*lines: str, module: str | None = None) -> str:
    if module is None:
        return "\n".join(lines)
    rest = indent("\n".join(lines), "  ")
    return _MISSING.replace("MODULE", module).replace("REST", rest)


def keeps_key(variables: Mapping[str, str]) -> str:
    """The key of the first entity is kept, as URLs have it: `variables` by property."""
    lines = [
        f'  pm.collectionVariables.set("{variable}", found.length && found[0].{name} !== undefined'
        f' ? encodeURIComponent(String(found[0].{name}).replace(/\'/g, "\'\'")) : "");'
        for name, variable in variables.items()
    ]
    return "\n".join(
        (
            "if (pm.response.code === 200) {",
            "  const found = pm.response.json().value;",
            *lines,
            "}",
        )
    )


def keeps_new_key(variables: Mapping[str, str]) -> str:
    """The key of the entity that was created is kept, as URLs have it: `variables` by property."""
    lines = [
        f'  pm.collectionVariables.set("{variable}",'
        f" encodeURIComponent(String(pm.response.json().{name}).replace(/'/g, \"''\")));"
        for name, variable in variables.items()
    ]
    return "\n".join(("if (pm.response.code === 201) {", *lines, "}"))


def forgets(variables: Mapping[str, str]) -> str:
    """What was deleted has no key any more."""
    return "\n".join(f'pm.collectionVariables.set("{each}", "");' for each in variables.values())


def answers_created(key: str) -> str:
    """The answer is the new entity with its key and its address."""
    return _unless_for_reading(
        'pm.test("The status is 201", () => pm.response.to.have.status(201));',
        "const made = pm.response.code === 201 ? pm.response.json() : {};",
        f'pm.test("It has its key", () => pm.expect(made).to.have.property("{key}"));',
        'pm.test("It has its address", () => pm.response.to.have.header("Location"));',
    )


def answers_nothing() -> str:
    """It is done, and there is nothing to tell."""
    return 'pm.test("The status is 204", () => pm.response.to.have.status(204));'


def answers_success() -> str:
    """The request is accepted."""
    return 'pm.test("It succeeds", () => pm.expect(pm.response.code).to.be.below(300));'


def answers_rejection() -> str:
    """The request is refused, with what is missing."""
    return _unless_for_reading(
        'pm.test("The status is 400", () => pm.response.to.have.status(400));',
        'pm.test("It says what is required", () => {',
        '  pm.expect(pm.response.json().error.code).to.eql("RequiredProperty");',
        "});",
    )


def _unless_for_reading(*lines: str) -> str:
    """Tests of an answer; 403 is right where the key may not write."""
    rest = indent("\n".join(lines), "  ")
    return _READING.replace("REST", rest)


def skips_unless(variable: str, value: str) -> str:
    """The request is not sent unless a variable has a value."""
    return (
        f'if (pm.variables.get("{variable}") !== "{value}") {{\n  pm.execution.skipRequest();\n}}'
    )


def skips_without_key(variables: Mapping[str, str]) -> str:
    """Without an entity there is none to find."""
    names = " || ".join(f'!pm.collectionVariables.get("{each}")' for each in variables.values())
    return f"if ({names}) {{\n  pm.execution.skipRequest();\n}}"
