"""A log line is one JSON object with the request's id, and never tells a secret."""

import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from gerance.kernel.logging import configure_logging


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_ours_and_the_libraries_lines_carry_the_request_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("ours").info("opened", ticket="t1")
        logging.getLogger("theirs").warning("slow by %s ms", 3)
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["ticket"], ours["request_id"], ours["level"]) == (
        *("opened", "t1", "r1", "info"),
    )
    assert (theirs["event"], theirs["request_id"]) == ("slow by 3 ms", "r1")


def test_secrets_are_masked_by_key_and_within_texts(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    structlog.get_logger().info(
        "to postgresql://u:hush@h/d and PI_SESSION=hush; Path=/",
        password="hush",
        body={"login": "anne", "newPassword": "hush", "headers": [{"Set-Cookie": "hush"}]},
    )
    logging.getLogger("x").error("connect: %s", "host=h password=hush dbname=d")
    written = capsys.readouterr().err
    assert "hush" not in written
    assert "anne" in written
    assert "dbname=d" in written


def test_an_exception_is_told_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    try:
        raise ValueError("password=hush")
    except ValueError:
        structlog.get_logger().exception("failed")
    text = capsys.readouterr().err
    assert "ValueError" in text
    assert "test_logging" in text
    assert "hush" not in text


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_an_exception_tells_nothing_of_what_was_in_variables(
    log_format: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format)
    headers = [("X-Key", "hu" + "sh")]
    try:
        raise ValueError(len(headers))
    except ValueError:
        structlog.get_logger().exception("failed")
    text = capsys.readouterr().err
    assert "ValueError" in text
    assert "test_logging" in text
    assert "hush" not in text


HOSTILE = (
    "x\x1b[2J\x07\r\n2026-11-30T00:00:00Z [info] forged\x9b\x7f\u202e\u2028\udc80" + "y" * 9_000
)


class Named:
    def __repr__(self) -> str:
        return HOSTILE

    __str__ = __repr__


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_what_a_stranger_supplied_is_escaped_wherever_it_stands(
    log_format: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format)
    log = structlog.get_logger()
    with structlog.contextvars.bound_contextvars(request_id=HOSTILE):
        log.info(HOSTILE, path=HOSTILE, headers={HOSTILE: [(HOSTILE, {HOSTILE})]}, named=Named())
        log.info("told", **{HOSTILE: HOSTILE.encode("utf-8", "replace")})
        logging.getLogger("theirs").warning("of %s", HOSTILE)
        try:
            try:
                raise KeyError(HOSTILE)
            except KeyError as first:
                failure = ValueError(HOSTILE)
                failure.add_note(HOSTILE)
                raise failure from first
        except ValueError:
            log.exception("failed", path=HOSTILE)
            logging.getLogger("theirs").exception("failed of %s", HOSTILE)
    written = capsys.readouterr().err
    assert written.replace("\n", "").isprintable()
    began = [line for line in written.split("\n") if line and not line.startswith("  ")]
    assert len(began) == 5
    assert not any(line.startswith("2026-11-30T00:00:00Z") for line in began)
    assert "y" * 3_000 not in written
    assert "\\x1b[2J" in written


def test_a_password_in_the_text_of_an_exception_is_masked_for_people_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("console")
    try:
        raise ValueError("connecting to postgresql://u:" + "hush@h/d failed")
    except ValueError:
        structlog.get_logger().exception("failed")
    written = capsys.readouterr().err
    assert "connecting to" in written
    assert "u:hush" not in written
