"""Requests as a Postman collection has them, in Postman's format 2.1."""

from typing import Any

Item = dict[str, Any]


def request(title: str, path: str, *, method: str = "GET") -> Item:
    """A request without scripts. `path`: with its query, below the server's address."""
    item = {"method": method, "header": [], "url": _url(path)}
    return {"name": title, "request": item, "event": []}


def event(listen: str, script: str) -> dict[str, Any]:
    """A script that runs before a request (`prerequest`) or after its answer (`test`)."""
    return {"listen": listen, "script": {"type": "text/javascript", "exec": script.splitlines()}}


def _url(path: str) -> dict[str, Any]:
    """A URL as Postman takes it apart."""
    plain, _, query = path.partition("?")
    url: dict[str, Any] = {
        "raw": f"{{{{baseUrl}}}}{path}",
        "host": ["{{baseUrl}}"],
        "path": plain.removeprefix("/").split("/"),
    }
    if query:
        pairs = (pair.partition("=") for pair in query.split("&"))
        url["query"] = [{"key": name, "value": value} for name, _, value in pairs]
    return url
