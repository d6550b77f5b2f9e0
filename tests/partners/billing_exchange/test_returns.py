"""Partners say which bills were paid: good lines count, once; bad ones are reported."""

import csv
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.living import on
from tests.partners.billing_exchange.conftest import CODE, activate, written

from gerance.kernel.db import Pool
from gerance.kernel.log.writer import Writer
from gerance.kernel.months import Month
from gerance.partners.billing_exchange import returns, returns_report
from gerance.partners.billing_exchange.billing import bill_partner
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.returns import Inbox
from gerance.partners.billing_exchange.returns_problems import LineProblem
from gerance.partners.billing_exchange.returns_text import (
    Return,
    decoded,
    read_lines,
    whole_file_problem,
)

TODAY = date(2026, 12, 5)
NAME = "FOUSSIER_2026-11_retours.csv"
HEADING = b"client_id;status;reason\r\n"


@pytest.fixture
def billed(database: str, partner: str) -> str:
    """The partner, with customers A, B and C, billed for September to November."""
    activate(database, partner, ["A", "B", "C"])
    bill(database, 9, 10, 11)
    return partner


def bill(database: str, *months: int) -> None:
    for month in months:
        on(database, lambda c, m=month: bill_partner(c, CODE, Month(2026, m), today=TODAY))


def receive(database: str, root: Path, content: bytes, name: str = NAME) -> None:
    """Read what the partner put into its inbox."""
    Folder(root, CODE).deliver("inbox", name, [content])
    read(database, root)


def read(database: str, root: Path) -> None:
    async def read_all(pool: Pool, writer: Writer) -> None:
        inbox = Inbox(pool, writer, root)
        await inbox.read_all(TODAY)
        await inbox.read_all(TODAY)

    written(database, read_all)


def reported(root: Path, name: str = NAME) -> list[tuple[int, str]]:
    """Line numbers and reasons of the report on a file."""
    path = root / CODE / "inbox" / "rejected" / name.replace(".csv", "_rejets.csv")
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0] == ["line", "reason", "motif"]
    return [(int(number), reason) for number, reason, _ in rows[1:]]


def asked(database: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()


PAYMENTS = "select client_id, period, status, reason from partner_payment order by 1, 2"
EVENTS = (
    "select data ->> 'clientId', data ->> 'month', data ->> 'status' from event"
    " where event_type = 'PaymentReported' order by position"
)
PROPOSALS = "select client_id, kind, reason, state from partner_proposal order by id"


def test_good_lines_are_taken_and_bad_ones_reported_by_number(
    database: str, billed: str, tmp_path: Path
) -> None:
    content = HEADING + (
        "A;paid;\r\nB;impayé;rejet de prélèvement\r\nD;paid;\r\nC;perhaps;\r\n"
        'A;unpaid;\r\n"C;paid;\r\n;paid;\r\nC;;;;\r\n'
    ).encode("cp1252")
    receive(database, tmp_path, content)
    assert asked(database, PAYMENTS) == [
        ("A", "2026-11", "paid", ""),
        ("B", "2026-11", "unpaid", "rejet de prélèvement"),
    ]
    assert sorted(asked(database, EVENTS)) == [
        ("A", "2026-11-01", "paid"),
        ("B", "2026-11-01", "unpaid"),
    ]
    assert [number for number, _ in reported(tmp_path)] == [4, 5, 6, 7, 8, 9]
    assert reported(tmp_path)[0][1] == "client_id: D is not on the bill of 2026-11."
    assert "perhaps" in reported(tmp_path)[1][1]
    text = (tmp_path / CODE / "outbox" / f"{NAME}.errors.txt").read_text()
    assert text.startswith(f"{NAME}: 6 rejected. All others are accepted.\n")
    assert "\nline 4: client_id: D is not on the bill of 2026-11.\n" in text
    assert "\nligne 4: client_id : D n'est pas sur la facture de 2026-11.\n" in text
    report = tmp_path / CODE / "inbox" / "rejected" / NAME.replace(".csv", "_rejets.csv")
    assert ";client_id : D n'est pas sur la facture de 2026-11.\r\n" in report.read_bytes().decode()


def test_the_same_file_twice_changes_nothing(database: str, billed: str, tmp_path: Path) -> None:
    content = HEADING + b"A;unpaid;\r\nB;paid;\r\n"
    receive(database, tmp_path, content)
    before = asked(database, "select count(*) from event")
    receive(database, tmp_path, content)
    receive(database, tmp_path, content + b"\r\n")
    assert asked(database, "select count(*) from event") == before
    assert asked(database, "select count(*) from partner_return_file") == [(2,)]


def test_a_corrected_file_corrects(database: str, billed: str, tmp_path: Path) -> None:
    receive(database, tmp_path, HEADING + b"A;unpaid;\r\nX;paid;\r\n")
    assert len(reported(tmp_path)) == 1
    assert [each.name for each in (tmp_path / CODE / "outbox").iterdir()] == [f"{NAME}.errors.txt"]
    receive(database, tmp_path, HEADING + b"A;paid;\r\n")
    assert os.listdir(tmp_path / CODE / "outbox") == []
    assert asked(database, PAYMENTS) == [("A", "2026-11", "paid", "")]
    assert os.listdir(tmp_path / CODE / "inbox" / "rejected") == []


def test_a_file_read_again_after_a_kill_writes_no_event_twice(
    database: str, billed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "TOGETHER", 1)
    Folder(tmp_path, CODE).deliver("inbox", NAME, [HEADING + b"A;paid;\r\nB;paid;\r\n"])
    take = returns.take

    async def killed(*given: Any) -> list[LineProblem]:
        await take(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(returns, "take", killed)
        with pytest.raises(KeyboardInterrupt):
            read(database, tmp_path)
    with psycopg.connect(database) as connection:
        connection.execute("truncate partner_payment")
    read(database, tmp_path)
    assert asked(database, EVENTS) == [("A", "2026-11-01", "paid"), ("B", "2026-11-01", "paid")]
    assert len(asked(database, PAYMENTS)) == 2


def test_a_failure_half_way_is_made_good_by_reading_again(
    database: str, billed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "AGAIN_SECONDS", 0.0)
    receive(database, tmp_path, HEADING + b"A;unpaid;\r\n", f"{CODE}_2026-10_retours.csv")
    Folder(tmp_path, CODE).deliver("inbox", NAME, [HEADING + b"A;unpaid;\r\n"])
    refusal = "alter table partner_proposal add constraint none_now check (source <> 'billing')"
    recovery = "alter table partner_proposal drop constraint none_now"

    async def fail_then_go_on(pool: Pool, writer: Writer) -> None:
        inbox = Inbox(pool, writer, tmp_path)
        for statement in (refusal, recovery):
            async with pool.connection() as connection:
                await connection.execute(statement)
            await inbox.read_all(TODAY)

    written(database, fail_then_go_on)
    assert [client for client, *_ in asked(database, PROPOSALS)] == ["A"]
    assert len(asked(database, EVENTS)) == 2


def test_a_file_that_came_before_the_bill_may_come_again(
    database: str, partner: str, tmp_path: Path
) -> None:
    activate(database, partner, ["A"])
    content = HEADING + b"A;paid;\r\n"
    receive(database, tmp_path, content)
    assert reported(tmp_path) == [(0, "Nothing was billed for 2026-11.")]
    bill(database, 11)
    receive(database, tmp_path, content)
    assert asked(database, PAYMENTS) == [("A", "2026-11", "paid", "")]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("FOUSSIER_2026-08_retours.csv", HEADING, "Nothing was billed for 2026-08."),
        ("FOUSSIER_2026-13_retours.csv", HEADING, "is not a month"),
        ("OTHER_2026-11_retours.csv", HEADING, "is not FOUSSIER_<period>_retours.csv"),
        ("returns.CSV", HEADING, "is not FOUSSIER_<period>_retours.csv"),
        ("ret.xls", b"PK\x03\x04", "is not FOUSSIER_<period>_retours.csv"),
        (NAME, HEADING + b"A;paid;", "may be incomplete"),
        (NAME, b"", "is empty"),
        (NAME, (HEADING + b"A;paid;\r\n").decode().encode("utf-16"), "is not UTF-8"),
    ],
)
def test_of_a_file_that_cannot_be_right_nothing_is_taken(
    database: str, billed: str, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    receive(database, tmp_path, content, name)
    report = name[:-4] + "_rejets.csv"
    text = (tmp_path / CODE / "inbox" / "rejected" / report).read_text("utf-8-sig")
    assert text.startswith("line;reason;motif\n0;") or '\n0;"' in text
    assert why in text
    assert asked(database, EVENTS) == []


@pytest.mark.parametrize("name", [f"{NAME}.filepart", f".{NAME}", f"~{NAME}", "notes.txt"])
def test_temporary_names_of_clients_are_not_read(
    database: str, billed: str, tmp_path: Path, name: str
) -> None:
    receive(database, tmp_path, HEADING + b"A;paid;\r\n", name)
    assert asked(database, "select count(*) from partner_return_file") == [(0,)]


def test_who_did_not_pay_twice_in_a_row_is_proposed_for_termination(
    database: str, billed: str, tmp_path: Path
) -> None:
    for month, lines in (
        ("09", b"A;unpaid;\r\nB;unpaid;\r\nC;unpaid;\r\n"),
        ("11", b"A;unpaid;\r\nB;unpaid;\r\n"),
    ):
        receive(database, tmp_path, HEADING + lines, f"{CODE}_2026-{month}_retours.csv")
    assert asked(database, PROPOSALS) == []
    receive(
        database, tmp_path, HEADING + b"A;unpaid;\r\nB;paid;\r\n", f"{CODE}_2026-10_retours.csv"
    )
    assert asked(database, PROPOSALS) == [
        ("A", "terminate", "impayé deux fois / unpaid twice: 2026-10, 2026-11", "open")
    ]
    receive(database, tmp_path, HEADING + b"C;unpaid;\r\n", f"{CODE}_2026-10_retours.csv")
    assert [client for client, *_ in asked(database, PROPOSALS)] == ["A", "C"]


def test_what_turns_out_to_be_paid_is_proposed_no_more(
    database: str, billed: str, tmp_path: Path
) -> None:
    for month in ("10", "11"):
        lines = b"A;unpaid;\r\nB;unpaid;\r\n"
        receive(database, tmp_path, HEADING + lines, f"{CODE}_2026-{month}_retours.csv")
    assert [state for *_, state in asked(database, PROPOSALS)] == ["open", "open"]
    receive(database, tmp_path, HEADING + b"A;paid;\r\n")
    states = {client: state for client, *_, state in asked(database, PROPOSALS)}
    assert states == {"A": "rejected", "B": "open"}
    who = "select decided_by from partner_proposal where client_id = 'A'"
    assert asked(database, who) == [(CODE,)]
    receive(database, tmp_path, HEADING + b"A;unpaid;again\r\n")
    assert [client for client, *_, state in asked(database, PROPOSALS) if state == "open"] == [
        "B",
        "A",
    ]


def test_offered_months_are_no_bills_that_could_be_unpaid(
    database: str, billed: str, tmp_path: Path
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "update partner_billing_line set amount_excl_tax = 0 where file ="
            " (select id from partner_billing_file where period = '2026-10')"
        )
    for month in ("09", "11"):
        receive(database, tmp_path, HEADING + b"A;unpaid;\r\n", f"{CODE}_2026-{month}_retours.csv")
    assert asked(database, PROPOSALS) == [
        ("A", "terminate", "impayé deux fois / unpaid twice: 2026-09, 2026-11", "open")
    ]


def test_reports_have_bounds_and_a_file_that_cannot_be_read_holds_up_nobody(
    database: str, billed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns_report, "MOST_LINES", 2)
    monkeypatch.setattr(returns_report, "MOST_REPORTS", 3)
    folder = Folder(tmp_path, CODE)
    for name in ("1.csv", "2.csv", "3.csv", f"{'é' * 98}.csv"):
        receive(database, tmp_path, HEADING, name)
    folder.deliver("inbox", "4.csv", [HEADING])
    content = returns._content

    def unreadable(folder: Folder, name: str) -> bytes:
        if name == "4.csv":
            raise OSError("the disk is broken")
        return content(folder, name)

    monkeypatch.setattr(returns, "_content", unreadable)
    receive(database, tmp_path, HEADING + b"X;paid;\r\nY;paid;\r\nZ;paid;\r\nA;paid;\r\n")
    assert len(os.listdir(tmp_path / CODE / "inbox" / "rejected")) == 3
    assert [number for number, _ in reported(tmp_path)] == [2, 3, 0]
    assert reported(tmp_path)[2][1] == "There are 1 more."
    assert asked(database, EVENTS) == [("A", "2026-11-01", "paid")]


def numbers(lines: Iterable[Return | LineProblem], kind: type) -> list[int]:
    return [line.number for line in lines if isinstance(line, kind)]


def test_lines_are_read_one_by_one() -> None:
    heading = "client_id;status;reason"
    lines = (heading, "A;paid", "", "B; UNPAID ;x", "'=C;payé;", "'\uff1dD;paid", "'E;paid")
    text = decoded(("\ufeff" + "\n".join(lines)).encode())
    assert list(read_lines(text)) == [
        Return(2, "A", "paid", ""),
        Return(4, "B", "unpaid", "x"),
        Return(5, "=C", "paid", ""),
        Return(6, "\uff1dD", "paid", ""),
        Return(7, "'E", "paid", ""),
    ]
    bombs = f'A;paid;{"x" * 5000}\n"A;paid\nB;paid;\x07\nA;b;c;d;e\n{";" * 4000}\nB;paid;\n'
    assert numbers(read_lines(bombs), LineProblem) == [1, 2, 3, 4]
    assert numbers(read_lines(bombs), Return) == [6]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"sep=;\r\nclient_id;status;reason\r\nA;paid;\r\n", ["A paid "]),
        (b'"sep=;"\r\nclient_id;status;reason\r\nA;paid;\r\n', ["A paid "]),
        (b"sep=,\r\nclient_id,status,reason\r\nA,paid,x\r\n", ["A paid x"]),
        (b"sep=;;\r\nA;paid;\r\n", ["A paid "]),
        (
            'c2;unpaid;"rejet\r\nde prélèvement"\r\nB;paid;\r\n'.encode(),
            ["c2 unpaid rejet de prélèvement", "B paid "],
        ),
        (b"A;paid;\r\n\x1a", ["A paid "]),
        (b"A;paid;\r\n\x1a\x1a", ["A paid "]),
        (b"status;client_id;reason\r\npaid;A;x\r\n", ["A paid x"]),
        ("Motif;Statut;client_id;Ville\r\nx;impayée;A;Lyon\r\n".encode(), ["A unpaid x"]),
        (b"client_id;status\r\nA;paid\r\n", ["A paid "]),
        (b'="0012";paid;\r\n"=""0013""";paid;\r\n', ["0012 paid ", "0013 paid "]),
        ("A;payée;\nB;impayée;\n".encode(), ["A paid ", "B unpaid "]),
        ("cafe\u0301-1;paid;\n".encode(), ["caf\u00e9-1 paid "]),
    ],
)
def test_files_of_spreadsheets_are_read(content: bytes, lines: list[str]) -> None:
    assert whole_file_problem(content) is None
    found = list(read_lines(decoded(content)))
    assert [f"{line.client_id} {line.status} {line.reason}" for line in found
            if isinstance(line, Return)] == lines  # fmt: skip
    assert numbers(found, LineProblem) == []


def test_files_have_bounds() -> None:
    assert whole_file_problem(b"x" * (16 * 1024 * 1024 + 1)) is not None
    assert whole_file_problem(b"\n" * 700_000 + b"A;paid;\n") is not None
    assert whole_file_problem(HEADING + b"A;paid;\n") is None
