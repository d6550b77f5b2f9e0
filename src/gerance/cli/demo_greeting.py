"""What the demonstration prints for a person: addresses, accounts, a first request to copy."""

import shlex
from typing import Any

import typer


def greet(installation: dict[str, Any]) -> None:
    """Print an installation: url, admin, home, accounts (kind: login, password)."""
    typer.echo(text_of(installation))


def text_of(installation: dict[str, Any]) -> str:
    """The text of `greet`."""
    url, accounts = installation["url"], installation["accounts"]
    insecure = " -k" if url.startswith("https:") else ""
    logins = [(kind, account["login"], account["password"]) for kind, account in accounts.items()]
    widths = [max(len(row[column]) for row in logins) for column in (0, 1)]
    listed = "\n".join(
        f"    {kind:{widths[0]}}  {login:{widths[1]}}  {password}"
        for kind, login, password in logins
    )
    first = accounts["callCenterUser"]
    body = f'{{"login":"{first["login"]}","password":"{first["password"]}"}}'
    return f"""
Gérance serves {url}

  API pages  {url}/swagger/index.html
  Admin      {installation["admin"]}/ready  /live  /metrics
  Data       {installation["home"]}

  Accounts (kind, login, password)
{listed}

  Log in, then list the first ten tickets:

    curl{insecure} -c cookies.txt -H 'Content-Type: application/json' \\
      -d {shlex.quote(body)} {url}/api/vEvent/login
    curl{insecure} -b cookies.txt '{url}/api/v1/tickets?range=0-9'

Ctrl-C stops the server and its database; the data stay.
"""
