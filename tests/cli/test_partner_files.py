"""Operators bill, let partners in, push and decide from the command line."""

import asyncio
import hashlib
import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import asyncssh
import psycopg
import pytest
from tests.cli.conftest import COMMAND, Gerance, clean_environment
from tests.waiting import PATIENCE

CODE = "FOUSSIER"


@pytest.fixture(autouse=True)
def _one_partner(database: str) -> None:
    """A partner with a customer that is billed from September on, and a proposal to end that."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "truncate partner, partner_customer, partner_billing_file, partner_file_access,"
            " partner_push_target, partner_proposal, audit cascade"
        )
        connection.execute("insert into partner (code, name) values ('FOUSSIER', 'Foussier')")
        connection.execute(
            "insert into partner_customer (uid, partner, client_id, status, lastname, email,"
            " phone_number1, country, billing_starting_date, free_months, unit_price,"
            " options_price, nb_of_options, paid_months, offered_months, changed)"
            " values (gen_random_uuid(), 'FOUSSIER', 'A', 'billed', 'Lhermitte', 't@example.org',"
            " '+33320015450', 'FR', '2025-09-01', 0, 29.90, 0, 0, '{[2025-09-01,)}', '{}', now())"
        )
        connection.execute(
            "insert into partner_proposal (partner, client_id, kind, source, reason)"
            " values ('FOUSSIER', 'A', 'terminate', 'billing', 'unpaid twice')"
        )


def told(gerance: Gerance, *arguments: str) -> Any:
    done = gerance("partners", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_month_is_billed_once_and_can_be_put_back(gerance: Gerance, tmp_path: Path) -> None:
    (first,) = told(gerance, "bill", "--period", "2025-10")
    path = tmp_path / "home" / "partners" / CODE / "outbox" / first["name"]
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == first["sha256"]
    assert (first["new"], first["lines"], first["amountInclTax"]) == (True, 1, "35.88")
    path.unlink()
    (again,) = told(gerance, "bill", "--period", "2025-10", "--partner", CODE)
    assert again == first | {"new": False}
    assert path.read_bytes() == content
    (listed,) = told(gerance, "files", CODE)
    assert listed["name"] == first["name"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--period", "2025-1"], "expected a year and a month like 2026-11"),
        (["--period", "2999-01"], "2999-01 is in the future"),
        (["--period", "2025-10", "--partner", "NOBODY"], "no partner with the code NOBODY"),
    ],
)
def test_what_cannot_be_billed_is_said(gerance: Gerance, arguments: list[str], why: str) -> None:
    done = gerance("partners", "bill", *arguments)
    assert done.returncode == 1
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_secrets_of_a_target_are_not_shown_again(gerance: Gerance, database: str) -> None:
    url = "ftps://gerance@ftp.foussier.example/in"
    secret = "pa55 w0rd of the far side"
    set_up = gerance("partners", "push-to", CODE, url, "--password-stdin", stdin=f"{secret}\n")
    assert set_up.returncode == 0, set_up.stderr
    told(gerance, "bill", "--period", "2025-10")
    (push,) = told(gerance, "pushes")
    with psycopg.connect(database) as connection:
        audited = str(connection.execute("select act, subject from audit").fetchall())
    for text in (set_up.stdout, set_up.stderr, str(push), audited):
        assert secret not in text
    assert (push["done"], push["failures"]) == (None, 0)


def test_a_proposal_is_decided_once(gerance: Gerance, database: str) -> None:
    (proposal,) = told(gerance, "proposals")
    number = str(proposal["id"])
    assert (proposal["kind"], proposal["client_id"]) == ("terminate", "A")
    assert gerance("partners", "reject", number).returncode == 0
    for command in ("approve", "reject"):
        done = gerance("partners", command, number)
        assert (done.returncode, "was already rejected" in done.stderr) == (1, True)
        assert "Traceback" not in done.stderr
    assert told(gerance, "proposals") == []
    assert "no proposal 999" in gerance("partners", "approve", "999").stderr


def test_partners_log_in_to_gerance_sftp(gerance: Gerance, database: str, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_public_key(tmp_path / "keys")
    done = gerance("partners", "file-access", CODE, "--keys", str(tmp_path / "keys"))
    assert done.stdout == f"{CODE} can log in by SFTP as {CODE}.\n"
    settings = {"GERANCE_DATABASE_URL": database, "GERANCE_HOME": str(tmp_path / "home")}
    with subprocess.Popen(
        [COMMAND, "sftp", "--port", "0"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=clean_environment(**settings),
    ) as process:
        assert process.stderr is not None
        port = next(
            int(found[1])
            for line in process.stderr
            if (found := re.search(r"Serving SFTP on 127\.0\.0\.1:(\d+)", line))
        )
        assert listing(port, client_keys=[key]) == [".", "..", "inbox", "outbox"]
        with pytest.raises(asyncssh.PermissionDenied):
            listing(port, client_keys=None, password="guessed at random")
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    (refused,) = [line for line in logged.splitlines() if "login_failed" in line]
    assert "127.0.0.1" in refused
    assert "guessed" not in logged


def listing(port: int, **credentials: Any) -> list[str]:
    """The names at the top of the partner's folder."""

    async def listed() -> list[str]:
        async with (
            asyncssh.connect(
                "127.0.0.1", port, username=CODE, known_hosts=None,
                config=None, agent_path=None, **credentials,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):  # fmt: skip
            return sorted(str(name) for name in await sftp.listdir("/"))

    return asyncio.run(listed())
