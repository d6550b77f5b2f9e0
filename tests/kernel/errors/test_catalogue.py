"""The error catalogue is complete: its codes are raised, their texts whole, in two languages."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
import yaml

import gerance
from gerance.app import ENDPOINTS
from gerance.kernel.errors import CATALOGUE, Rejection, UnknownErrorCode, reject
from gerance.kernel.errors.catalogue import FAMILIES

_SOURCE = Path(gerance.__file__).parent
_OWN = _SOURCE / "kernel/errors"
_CONTRACT = Path(__file__).parents[2] / "contract/incidents.yaml"
_CALLS = {
    "Rejection",
    "ODataRejection",
    "Problem",
    "Detail",
    "Kind",
    "_problem",
    "_fail",
    "_reject",
}
"""What takes an error code. `Problem` of the partners' mail and files has names that are none."""
_REJECTIONS = ("Rejection", "BadRequest", "NotFound", "Forbidden")
_OTHER_PROBLEMS = ("partners/billing_exchange", "partners/mail", "partners/proposals")
_ENTRIES = list(CATALOGUE.values())


def test_no_code_stands_in_two_families() -> None:
    codes = [entry.code for family in FAMILIES for entry in family.codes]
    assert sorted(codes) == sorted(set(codes))


def test_every_file_of_texts_is_loaded() -> None:
    files = {path.stem for path in (_OWN / "texts").glob("*.toml")}
    assert files == {family.name for family in FAMILIES}


def test_texts_are_sentences_that_end_with_a_full_stop() -> None:
    wrong = [
        (entry.code, text)
        for entry in _ENTRIES
        for text in (entry.english, entry.english_remedy, entry.french, entry.french_remedy)
        if not re.fullmatch(r"\S.{8,220}[^.\s]\.", text) or re.search(r"\s\s|\n|\.\.", text)
    ]
    assert wrong == []


def test_french_has_blanks_before_double_punctuation_and_english_has_none() -> None:
    wrong = []
    for entry in _ENTRIES:
        english = f"{entry.english} {entry.english_remedy}"
        french = re.sub(r"`[^`]*`|Content-Type: ", "", f"{entry.french} {entry.french_remedy}")
        if re.search(r"\w [:;!?]", english) or re.search(r"\w[;!?]|\w: ", french):
            wrong.append(entry.code)
    assert wrong == []


def test_statuses_are_those_of_errors() -> None:
    for entry in _ENTRIES:
        assert all(400 <= status < 600 for status in entry.status), entry.code
        assert entry.status or entry.apis == ("command line",), entry.code
        assert entry.apis, entry.code
        assert len(entry.apis) == 1 or "any" not in entry.apis, entry.code
        assert re.fullmatch(r"\d+\.\d+\.\d+", entry.since), entry.code


def test_every_published_code_of_incidents_is_in_the_catalogue() -> None:
    families = yaml.safe_load(_CONTRACT.read_text("utf-8"))["errors"]
    for family, codes in families.items():
        entries = {entry.code for entry in _ENTRIES if family in entry.topics}
        assert entries - {"CommandsBusy"} == set(codes)
    for code in {code for codes in families.values() for code in codes}:
        assert (CATALOGUE[code].apis, CATALOGUE[code].status) == (("incidents",), (400,)), code


def test_an_unknown_code_cannot_be_raised() -> None:
    with pytest.raises(UnknownErrorCode, match="NoSuchCode is not in the error catalogue"):
        Rejection("NoSuchCode", "A message.")


def test_a_status_that_is_not_in_the_catalogue_cannot_be_given() -> None:
    with pytest.raises(UnknownErrorCode, match="NotFound has no status 410"):
        Rejection("NotFound", "A message.", status=410)


def test_topics_are_those_of_operations() -> None:
    operations = {topic for each in ENDPOINTS for topic in (each.tag, each.error_family)}
    topics = {topic for entry in _ENTRIES for topic in entry.topics}
    assert topics - operations == {"queries", "writes"}


def test_a_code_gives_the_status_and_the_texts() -> None:
    refused = Rejection("UnknownCustomer")
    assert refused.status == 404
    assert refused.text("en").startswith("client_id: this partner has no such client. Check")
    assert refused.text("fr").startswith("client_id : ce client est inconnu. Vérifiez")


def test_french_quotes_the_message_of_a_code_with_many_causes() -> None:
    refused = Rejection("BadRequest", "limit: expected a number.")
    assert refused.text("fr").endswith("incorrect. (limit: expected a number.)")
    assert Rejection("BadRequest", "Wrong.", french="Faux.").text("fr") == "Faux."


def test_a_case_fills_both_languages_and_adds_what_to_do() -> None:
    rejection = reject("UnknownCustomer", "unknown", client_id="C-{1}")
    assert rejection.text("en").startswith("client_id: C-{1} is unknown. Check client_id")
    assert rejection.text("fr").startswith("client_id : C-{1} est inconnu. Vérifiez client_id")
    assert rejection.status == 404


def test_a_case_that_is_not_in_the_catalogue_cannot_be_raised() -> None:
    with pytest.raises(UnknownErrorCode, match="UnknownCustomer has no case nowhere"):
        reject("UnknownCustomer", "nowhere")


def test_both_languages_of_a_case_have_the_same_placeholders() -> None:
    different = [
        f"{entry.code}.{name}"
        for entry in _ENTRIES
        for name, wording in entry.cases.items()
        if _placeholders(wording.english) != _placeholders(wording.french)
    ]
    assert different == []


def test_each_case_is_raised_with_a_value_for_each_placeholder() -> None:
    unraised = {f"{entry.code}.{name}" for entry in _ENTRIES for name in entry.cases}
    wrong = []
    for path, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "reject":
                continue
            code, case = ast.literal_eval(node.args[0]), node.args[1]
            cases = CATALOGUE[code].cases
            # A case that a variable names is one of those of the code.
            names = [case.value] if isinstance(case, ast.Constant) else list(cases)
            values = {each.arg for each in node.keywords} - {"status", "headers"}
            unraised -= {f"{code}.{name}" for name in names}
            if any(values != _placeholders(cases[name].english) for name in names):
                wrong.append(f"{path.relative_to(_SOURCE)}:{node.lineno}")
    assert (wrong, unraised) == ([], set())


def test_a_text_for_readers_of_french_has_a_french_form() -> None:
    """Those of the console, the partner API and mail."""
    english_only = [
        f"{path.relative_to(_SOURCE)}:{node.lineno}"
        for path, tree in _trees()
        if str(path.relative_to(_SOURCE)).startswith(("partners", "console"))
        if str(path.relative_to(_SOURCE)) != "partners/billing_exchange/target.py"  # command line
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _REJECTIONS
        if node.args[1:] and not any(each.arg == "french" for each in node.keywords)
        if _speaks_french(node.args[0])
    ]
    assert english_only == []


def _speaks_french(code: ast.expr) -> bool:
    apis = CATALOGUE[code.value].apis if isinstance(code, ast.Constant) else ("any",)
    return bool({"any", "partners", "console", "mail"} & {*apis})


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_codes_in_the_source_are_in_the_catalogue() -> None:
    unknown = {
        f"{path.relative_to(_SOURCE)}: {code}"
        for path, tree in _trees()
        for code in _codes_of_calls(path, tree)
        if code not in CATALOGUE
    }
    assert unknown == set()


def test_every_code_is_raised_or_has_a_reason_not_to_be() -> None:
    patterns, texts = set(), set()
    for _, tree in _trees():
        found, composed = _texts(tree)
        texts |= found
        patterns |= composed
    raised = {
        code
        for code in CATALOGUE
        if code in texts or any(re.fullmatch(pattern, code) for pattern in patterns)
    }
    expected = {entry.code for entry in _ENTRIES if entry.not_raised is None}
    assert sorted(expected - raised) == []
    assert sorted(raised - expected) == [], "raised: take `not_raised` away"


@cache
def _trees() -> list[tuple[Path, ast.Module]]:
    return [
        (path, ast.parse(path.read_text("utf-8")))
        for path in sorted(_SOURCE.rglob("*.py"))
        if _OWN not in path.parents
    ]


def _codes_of_calls(path: Path, tree: ast.Module) -> Iterator[str]:
    """The literal codes of the calls that take one."""
    names = _CALLS
    if str(path.relative_to(_SOURCE)).startswith(_OTHER_PROBLEMS):
        names = names - {"Problem"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        arguments = node.args[1:] if name in ("_fail", "_reject") else node.args
        given = arguments[:1] if name in names else []
        if name in ("BadRequest", "reject_parameters"):
            given += [each.value for each in node.keywords if each.arg == "code"]
        for argument in given:
            if isinstance(argument, ast.Constant):
                yield argument.value


def _texts(tree: ast.Module) -> tuple[set[str], set[str]]:
    """The literals that are an argument, an element or a value, and the patterns of composed names
    such as `f"{name}Inactive"`; comparisons, docstrings and keys of mappings raise nothing."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            skipped |= {node.left, *node.comparators}
        elif isinstance(node, ast.Dict):
            skipped |= {key for key in node.keys if key is not None}
        elif isinstance(node, ast.Expr):
            skipped.add(node.value)
        elif isinstance(node, ast.ClassDef):
            skipped |= {keyword.value for keyword in node.keywords}
    texts: set[str] = set()
    patterns: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            texts.add(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts.add(node.func.id)  # NotFound(...) and CommandAlreadySent(...)
        elif isinstance(node, ast.JoinedStr) and _is_name(node):
            parts = (
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[A-Z][a-z]+"
                for part in node.values
            )
            patterns.add("".join(parts))
    return texts, patterns


def _is_name(node: ast.JoinedStr) -> bool:
    """Whether the text is one word, with at least five letters of its own."""
    fixed = "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
    return len(fixed) >= 5 and fixed.isalpha()
