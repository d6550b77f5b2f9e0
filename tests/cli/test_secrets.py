"""The key of secrets is made once, rotated by command, and missed in one clear sentence."""

import json
from pathlib import Path

import psycopg
import pytest
from tests.cli.conftest import Gerance

PARTNER = ("partners", "webhook", "set", "P", "https://hooks.example.org/")


@pytest.fixture
def key(database: str, tmp_path: Path) -> Path:
    """Where the key of the installation will be; it has a partner."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE endpoint, integrator, partner CASCADE")
        connection.execute("INSERT INTO partner (code, name) VALUES ('P', 'P')")
    return tmp_path / "home" / "secret_key"


def run(gerance: Gerance, *words: str) -> str:
    done = gerance(*words, GERANCE_SECRET_KEY="")
    assert done.returncode == 0, done.stderr
    return done.stdout


def finding(gerance: Gerance) -> dict[str, object]:
    found = json.loads(gerance("doctor", "--json", GERANCE_SECRET_KEY="").stdout)
    (secrets,) = [each for each in found if each["check"] == "secrets"]
    return dict(secrets)


def test_a_key_is_made_rotated_and_forgotten(gerance: Gerance, key: Path) -> None:
    run(gerance, *PARTNER, "--header", "X-Key: hush")
    (first,) = key.read_text().split()
    assert key.stat().st_mode & 0o777 == 0o600
    assert "Encrypted 2 secrets" in run(gerance, "secrets", "rotate")
    second, former = key.read_text().split()
    assert former == first
    assert run(gerance, "secrets", "encrypt").startswith("Encrypted 0 secrets")
    assert "Removed 1 key from" in run(gerance, "secrets", "forget")
    assert key.read_text().split() == [second]
    assert key.stat().st_mode & 0o777 == 0o600
    assert finding(gerance)["ok"]
    run(gerance, "partners", "webhook", "show", "P")


def test_a_lost_key_stops_every_start_with_the_same_sentence(gerance: Gerance, key: Path) -> None:
    run(gerance, *PARTNER)
    key.unlink()
    for words in ("serve --port 0 --admin-port 0", "worker", "partners webhook show P"):
        refused = gerance(*words.split(), GERANCE_SECRET_KEY="")
        assert refused.returncode == 1
        assert "Restore that key from its backup" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert not key.exists()
    assert not finding(gerance)["ok"]


def test_a_key_that_others_can_read_stops_every_start(gerance: Gerance, key: Path) -> None:
    run(gerance, *PARTNER)
    for mode in (0o644, 0o640):
        key.chmod(mode)
        refused = gerance("serve", "--port", "0", "--admin-port", "0", GERANCE_SECRET_KEY="")
        assert refused.returncode == 1
        assert f"chmod 600 {key}" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert finding(gerance)["remedy"] == f"chmod 600 {key}"
    key.chmod(0o600)
    assert finding(gerance)["ok"]


def test_keys_of_the_environment_are_rotated_by_whoever_sets_them(
    gerance: Gerance, key: Path
) -> None:
    old, new = (run(gerance, "secrets", "new-key").strip() for _ in "ab")
    assert gerance(*PARTNER, GERANCE_SECRET_KEY=old).returncode == 0
    refused = gerance("secrets", "rotate", GERANCE_SECRET_KEY=old)
    assert "put a key of `gerance secrets new-key` first in it" in refused.stderr
    done = gerance("secrets", "encrypt", GERANCE_SECRET_KEY=f"{new},{old}")
    assert "Encrypted 1 secret with" in done.stdout
    shown = gerance("partners", "webhook", "show", "P", GERANCE_SECRET_KEY=new)
    assert shown.returncode == 0
    assert not key.exists()
