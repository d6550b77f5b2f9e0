"""Clients that public generators make of the OpenAPI document: none loses an operation or warns,
and each makes real calls of all three APIs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.clients.conftest import Run, Server
from tests.waiting import PATIENCE

from gerance.reference.document import operations

HERE = Path(__file__).parent
UV = Path(sys.prefix) / "bin" / "uv"
EVERY_3_1 = ("OpenAPI 3.1 support is still in beta", "Failed to get the schema name: null")
"""What openapi-generator says of every document of OpenAPI 3.1 that has a parameter."""
PYTHON_CALLS = """\
import sys
from client.api.partners import get_v1_customers
from client.api.tickets import get_api_v1_tickets
from client.api.buildings_o_data import list_buildings
from client.api.sessions import post_api_v1_login
from client.client import AuthenticatedClient, Client
from client.models import Credentials

url, token, partner = sys.argv[1:]
visitor = Client(base_url=url)
login = Credentials(login="centre@demo.gerance.example", password="demo-centre-2026")
session = post_api_v1_login.sync_detailed(client=visitor, body=login)
assert session.status_code == 200, session
tickets = get_api_v1_tickets.sync(client=visitor, range_="0-1")
bearer = AuthenticatedClient(base_url=url, token=token)
buildings = list_buildings.sync(client=bearer, top=2)
key = AuthenticatedClient(base_url=url, token=f'Token token="{partner}"', prefix="")
customers = get_v1_customers.sync(client=key, limit=2)
print(len(tickets.result), len(buildings.value), len(customers.customers))
"""


@pytest.fixture(scope="module")
def generators(pytestconfig: pytest.Config) -> Path:
    """The directory with the Python packages of the lock."""
    assert pytestconfig.cache is not None
    place = pytestconfig.cache.mkdir("generators")
    lock = HERE / "generators.lock"
    install = ["pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
    done = subprocess.run(
        [UV, "--system-certs", *install, "--target", str(place), "--python", sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return place


@pytest.fixture(scope="module")
def document(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("generated") / "openapi.json"
    file.write_bytes(server.get("/openapi.json"))
    return file


def count(document: Path) -> int:
    return len(list(operations(json.loads(document.read_bytes()))))


def run(generators: Path, *arguments: str) -> str:
    """What a Python program among the generators prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={"PYTHONPATH": str(generators), "PATH": f"{generators / 'bin'}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=10 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout + done.stderr


def test_openapi_python_client(document: Path, generators: Path, server: Server) -> None:
    place = document.parent
    config = place / "config.yml"
    config.write_text("post_hooks: []\n", encoding="utf-8")
    options = ["--path", str(document), "--output-path", str(place / "client")]
    options += ["--meta", "none", "--config", str(config), "--fail-on-warning"]
    output = run(generators, "-m", "openapi_python_client", "generate", *options)
    assert "warning" not in output.lower()
    endpoints = [f for f in (place / "client/api").glob("*/*.py") if f.name != "__init__.py"]
    assert len(endpoints) == count(document)
    (place / "calls.py").write_text(PYTHON_CALLS, encoding="utf-8")
    printed = run(generators, str(place / "calls.py"), server.url, server.token, server.partner)
    assert printed.split() == ["2", "2", "2"]


def test_openapi_typescript_and_openapi_generator(
    document: Path, generators: Path, installed: Path, node: Run, server: Server
) -> None:
    """They share one run of the compiler, strict."""
    place = document.parent / "typescript"
    place.mkdir()
    types = place / "api.ts"
    options = ["-o", str(types), "--default-non-nullable=false"]
    made = node("node_modules/openapi-typescript/bin/cli.js", str(document), *options)
    assert made.returncode == 0, made.stderr
    assert "warn" not in (made.stdout + made.stderr).lower()
    listed = types.read_text(encoding="utf-8").partition("export interface operations {")[2]
    assert len(re.findall(r"^    \w+: {$", listed, re.MULTILINE)) == count(document)

    assert warnings(generators, document, place / "generated") == []
    apis = (file.read_text("utf-8") for file in (place / "generated/apis").glob("*.ts"))
    methods = [name for each in apis for name in re.findall(r"async (\w+)Raw\(", each)]
    assert len(methods) == count(document)

    shutil.copy(HERE / "calls.ts", place)
    (place / "node_modules").symlink_to(installed / "node_modules")
    compiler: dict[str, Any] = {
        "strict": True, "target": "ES2022", "module": "node16", "moduleResolution": "node16",
        "lib": ["ES2022", "DOM", "DOM.Iterable"], "outDir": "built", "types": [],
        "skipLibCheck": True,
    }  # fmt: skip
    project = {"compilerOptions": compiler, "files": ["calls.ts"]}
    (place / "tsconfig.json").write_text(json.dumps(project), encoding="utf-8")
    compiled = node("node_modules/typescript/bin/tsc", "-p", str(place))
    assert compiled.returncode == 0, compiled.stdout[-3000:]
    called = node(str(place / "built/calls.js"), server.url, server.token, server.partner)
    assert called.stdout.split() == ["2", "2", "2", "2", "2", "2"], called.stderr[-2000:]


def warnings(generators: Path, document: Path, place: Path) -> list[str]:
    """What openapi-generator warns of while it makes a client for TypeScript."""
    command = "from openapi_generator_cli import cli; cli()"
    options = ["-i", str(document), "-g", "typescript-fetch", "-o", str(place)]
    options += ["--global-property", "apis,models,supportingFiles,apiDocs=false,modelDocs=false"]
    output = run(generators, "-c", command, "generate", *options)
    lines = [line for line in output.splitlines() if " WARN " in line or " ERROR " in line]
    return [line for line in lines if not any(text in line for text in EVERY_3_1)]
