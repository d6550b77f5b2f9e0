"""odata2ts of npm: the service that it generates from `$metadata` type-checks and works."""

import json
import shutil
from pathlib import Path

from tests.clients.conftest import Run, Server

SOURCES = Path(__file__).parent / "odata2ts"
GENERATOR = "node_modules/@odata2ts/odata2ts/lib/run-cli.js"
COMPILER = "node_modules/typescript/bin/tsc"


def test_the_generated_service_type_checks_reads_and_writes(
    node: Run, installed: Path, server: Server
) -> None:
    home = installed / "odata2ts"  # beside node_modules, where the compiler finds the packages
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(SOURCES, home)
    (home / "metadata.xml").write_bytes(server.get("/api/$metadata"))
    generated = node(str(installed / GENERATOR), home=home)
    assert generated.returncode == 0, generated.stdout + generated.stderr
    compiled = node(str(installed / COMPILER), "-p", ".", home=home)
    assert compiled.returncode == 0, compiled.stdout
    done = node(str(home / "compiled/program.js"), f"{server.url}/api/", server.token)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)

    units = answers["units"]["value"]
    query = "/api/Units?$count=true&$filter=OccupancyStatus%20eq%20'V'%20and%20BaseRent%20gt%200"
    expected = json.loads(server.get(f"{query}&$orderby=BaseRent%20desc&$top=5"))
    assert [unit["Id"] for unit in units] == [unit["Id"] for unit in expected["value"]]
    assert answers["units"]["@odata.count"] == expected["@odata.count"]
    assert all(unit["Building"]["Id"] == unit["BuildingId"] for unit in units)
    assert answers["building"]["Name"] == units[0]["Building"]["Name"]
    assert answers["created"]["Name"] == "Cave"
    assert answers["patched"]["Id"] == answers["created"]["Id"]
    assert answers["patched"]["Name"] == "Cave à vin"
    assert answers["patched"]["DefaultAmount"] == 12.5
    assert answers["after"]["@odata.count"] == 0
