"""Settings come from the nearest source, and a wrong one is named."""

import os
from pathlib import Path

import pytest

from gerance.kernel.settings import SettingsError, environment, load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("GERANCE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GERANCE_HOME", str(tmp_path))
    return tmp_path


def test_defaults_need_nothing(home: Path) -> None:
    settings = load_settings()
    assert settings.home == home
    assert settings.database_url is None
    assert (settings.port, settings.admin_port) == (8000, 8001)
    assert settings.session_lifetime_seconds == 43_200


def test_the_nearer_source_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "gerance.toml").write_text('port = 1000\nhost = "::1"\nworkers = 2\n')
    monkeypatch.setenv("GERANCE_PORT", "2000")
    monkeypatch.setenv("GERANCE_WORKERS", "3")
    settings = load_settings(port=3000, workers=None)
    assert (settings.port, settings.workers, settings.host) == (3000, 3, "::1")


def test_the_admin_port_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(port=9000).admin_port == 9001
    assert load_settings(port=0).admin_port == 0
    monkeypatch.setenv("GERANCE_ADMIN_PORT", "7000")
    assert load_settings(port=9000).admin_port == 7000


def test_cookies_are_secure_under_tls_and_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load_settings().secure_cookies
    assert load_settings(tls_cert="/c.pem", tls_key="/k.pem").secure_cookies
    monkeypatch.setenv("GERANCE_SECURE_COOKIES", "true")
    assert load_settings().secure_cookies


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GERANCE_PORT", "http"),
        ("GERANCE_PORT", "70000"),
        ("GERANCE_WORKERS", "0"),
        ("GERANCE_LOG_FORMAT", "xml"),
        ("GERANCE_SECURE_COOKIES", "perhaps"),
        ("GERANCE_TIMEZONE", "Europe/Lutetia"),
        ("GERANCE_TIMEZONE", "Europe"),
        ("GERANCE_DATABASE_URL", "db.internal:secret"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("prot = 1\n", "unknown key: prot"),
        ('port = "8000"\n', "gerance.toml: port"),
        ("home = '/tmp'\n", "unknown key: home"),
        ("port = \n", "not TOML"),
        ('modules = "finance"\n', "gerance.toml: modules"),
    ],
)
def test_a_wrong_file_is_named(home: Path, content: str, named: str) -> None:
    (home / "gerance.toml").write_text(content)
    with pytest.raises(SettingsError, match=named):
        load_settings()


def test_modules_are_a_list_in_the_file_and_by_comma_in_the_variable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().modules == ()
    (home / "gerance.toml").write_text('modules = ["finance", "leasing"]\n')
    assert load_settings().modules == ("finance", "leasing")
    monkeypatch.setenv("GERANCE_MODULES", " finance ,,")
    assert load_settings().modules == ("finance",)
    assert load_settings(modules=()).modules == ()


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(SettingsError, match="tls_key"):
        load_settings(tls_cert="/c.pem")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook_networks", "10.0.0.0/99"),
        ("webhook_networks", "10.1.0.0/16,10.0.0.5/8"),
        ("timezone", "Europe/Nowhere"),
    ],
)
def test_what_means_nothing_is_refused_at_once(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"GERANCE_{name.upper()}", value)
    with pytest.raises(SettingsError, match=f"GERANCE_{name.upper()}.*{value.split(',')[-1]}"):
        load_settings()


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GERANCE_DATABASE_URL", "")
    assert load_settings().database_url is None


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(
        port=9000, workers=2, tls_cert="/c.pem", tls_key="/k.pem", modules=("a", "b")
    )
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings
