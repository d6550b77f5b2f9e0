"""OpenUI5's ODataModel V4 in Chromium: a list whose rows are changed, created and deleted.

The files of the package are served to the page under the server's own origin.
"""

import json
import mimetypes
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route
from tests.browser.conftest import CHROMIUM, HERE, chromium
from tests.browser.visitor import TIMEOUT_MS
from tests.clients.conftest import Server
from tests.npm import install
from tests.waiting import PATIENCE

__all__ = ["chromium"]  # the fixture
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Services</title>
<script src="/ui5/resources/ui5loader.js"></script>
<script id="sap-ui-bootstrap" src="/ui5/resources/ui5loader-autoconfig.js"></script>
</head><body></body></html>"""
LOAD = """async (token) => {
  const model = await new Promise((loaded, failed) => sap.ui.require(
    ["sap/ui/model/odata/v4/ODataModel"], (ODataModel) => loaded(new ODataModel({
      serviceUrl: "/api/", httpHeaders: { Authorization: `Bearer ${token}` },
      groupId: "$direct", updateGroupId: "$direct", operationMode: "Server" })), failed));
  window.list = model.bindList("/Services", undefined, [], [], { $select: "Id,ServiceCode,Name" });
  window.rows = await list.requestContexts(0, 5);
  return rows.map((row) => row.getObject());
}"""
RENAME = """async (name) => {
  const [row] = window.rows;
  try { await row.setProperty("Name", name); }
  catch (error) { return { status: error.status, message: error.message }; }
  return { name: row.getProperty("Name"), etag: row.getProperty("@odata.etag") };
}"""
REFRESH = "async () => { await window.rows[0].requestRefresh(); }"
CREATE = """async () => {
  window.made = window.list.create({ ServiceCode: "UI5", Name: "Cave" });
  await window.made.created();
  return window.made.getObject();
}"""
DELETE = "async () => { await window.made.delete(); }"


@pytest.fixture
def page(chromium: Browser, server: Server, pytestconfig: pytest.Config) -> Iterator[Page]:
    sources = install(HERE, pytestconfig) / "node_modules/@openui5/sap.ui.core/src"
    page = chromium.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.route("**/ui5/**", lambda route: serve(route, sources))
    page.goto(f"{server.url}/ui5/")
    page.wait_for_function("() => Boolean(window.sap?.ui?.require)")
    yield page
    page.close()


def serve(route: Route, sources: Path) -> None:
    """The page, or a file of OpenUI5."""
    name = route.request.url.partition("/ui5/")[2].partition("?")[0]
    source = sources / name.removeprefix("resources/")
    if not name:
        route.fulfill(body=PAGE, content_type="text/html")
    elif source.is_file():
        kind = mimetypes.guess_type(source.name)[0]
        route.fulfill(body=source.read_bytes(), content_type=kind or "text/plain")
    else:
        route.fulfill(status=404)


def rename(server: Server, number: int, name: str) -> None:
    """Change the name of a service from somewhere else."""
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    url, body = f"{server.url}/api/Services({number})", json.dumps({"Name": name}).encode()
    request = urllib.request.Request(url, body, headers, method="PATCH")
    urllib.request.urlopen(request, timeout=PATIENCE).close()


def stored(server: Server, number: int) -> Any:
    return json.loads(server.get(f"/api/Services({number})"))


def test_a_list_is_edited_and_a_concurrent_change_is_reported(page: Page, server: Server) -> None:
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    rows = page.evaluate(LOAD, server.token)
    number, name, etag = rows[0]["Id"], rows[0]["Name"], rows[0]["@odata.etag"]
    assert [row["Id"] for row in rows] == sorted(row["Id"] for row in rows)

    changed = page.evaluate(RENAME, f"{name} 2")
    assert requests[-1].method == "PATCH"
    assert requests[-1].headers["if-match"] == etag
    assert changed["name"] == stored(server, number)["Name"] == f"{name} 2"
    assert changed["etag"] == stored(server, number)["@odata.etag"] != etag

    rename(server, number, f"{name} 3")
    refused = page.evaluate(RENAME, f"{name} 4")
    assert refused["status"] == 412
    assert refused["message"]
    assert stored(server, number)["Name"] == f"{name} 3"

    page.evaluate(REFRESH)
    assert page.evaluate(RENAME, name)["name"] == stored(server, number)["Name"] == name

    created = page.evaluate(CREATE)
    assert stored(server, created["Id"])["Name"] == created["Name"] == "Cave"
    page.evaluate(DELETE)
    left = json.loads(server.get("/api/Services/$count?$filter=ServiceCode%20eq%20'UI5'"))
    assert left == 0
