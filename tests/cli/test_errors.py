"""`gerance errors` explains the codes of the catalogue."""

import pytest
from typer.testing import CliRunner

from gerance.cli import app
from gerance.cli.failures import Failure
from gerance.kernel.errors import CATALOGUE


def test_a_code_is_explained_in_both_languages() -> None:
    english = CliRunner().invoke(app, ["errors", "InUse"]).stdout
    assert english.startswith("InUse (409; rentals): Other entities refer to the entity")
    french = CliRunner().invoke(app, ["errors", "InUse", "--language", "fr"]).stdout
    assert french.startswith("InUse (409; rentals): D'autres entités renvoient")


def test_all_codes_are_listed() -> None:
    lines = CliRunner().invoke(app, ["errors"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOGUE)


def test_an_unknown_code_is_rejected() -> None:
    result = CliRunner().invoke(app, ["errors", "NoSuch"])
    with pytest.raises(Failure, match=r"no error code NoSuch\. Run `gerance errors`"):
        raise result.exception or AssertionError
