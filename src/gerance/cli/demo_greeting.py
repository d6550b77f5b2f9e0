"""The text that the demonstration prints: URLs, accounts and first requests to copy."""

import shlex
from collections.abc import Mapping
from typing import Any

from gerance.cli.output import say
from gerance.kernel.escape import printable


def greet(installation: dict[str, Any]) -> None:
    """Print an installation: url, admin, home, accounts (kind: login, password; the integrator:
    apiKey, userName, password; the partner: code, token, sftpUser, sftpPassword, sftpPort)."""
    for line in text_of(_printable(installation)).split("\n"):
        say(line)


def _printable(value: Any) -> Any:
    """The mapping with all its texts escaped for a terminal (`kernel.escape.printable`)."""
    if isinstance(value, Mapping):
        return {name: _printable(item) for name, item in value.items()}
    return printable(value) if isinstance(value, str) else value


def text_of(installation: dict[str, Any]) -> str:
    """The text of `greet`."""
    url, accounts = installation["url"], installation["accounts"]
    insecure = " -k" if url.startswith("https:") else ""
    logins = [
        (kind, account["login"], account["password"])
        for kind, account in accounts.items()
        if "login" in account
    ]
    widths = [max(len(row[column]) for row in logins) for column in (0, 1)]
    account_lines = "\n".join(
        f"    {kind:{widths[0]}}  {login:{widths[1]}}  {password}"
        for kind, login, password in logins
    )
    first = accounts["callCenterUser"]
    body = f'{{"login":"{first["login"]}","password":"{first["password"]}"}}'
    integrator = accounts["integrator"]
    key, user_name, password = (integrator[name] for name in ("apiKey", "userName", "password"))
    partner = accounts["partner"]
    credentials = f'{{"UserName":"{user_name}","Password":"{password}"}}'
    subscription = '{"ResponseUrl":"http://127.0.0.1:9000/","Entities":["Unit"]}'
    return f"""
Gérance is running at {url}

  API pages  {url}/swagger/index.html
  Console    {url}/console (the super user)
  Admin      {installation["admin"]}/ready  /live  /metrics
  Data       {installation["home"]}

  Accounts (kind, login, password):
{account_lines}

  Log in, then list the first ten tickets:

    curl{insecure} -c cookies.txt -H 'Content-Type: application/json' \\
      -d {shlex.quote(body)} {url}/api/vEvent/login
    curl{insecure} -b cookies.txt '{url}/api/v1/tickets?range=0-9'

  Integrator of the rental API (key, user name, password):
    {key}  {user_name}  {password}

  Get a token, then list the first ten buildings:

    token=$(curl{insecure} -s -H 'x-api-key: {key}' -H 'Accept: text/plain' \\
      -H 'Content-Type: application/json' -d {shlex.quote(credentials)} {url}/api/Token)
    curl{insecure} -H "Authorization: Bearer $token" '{url}/api/Buildings?$top=10'

  Receive a webhook for every change of a unit, on port 9000 of this machine:

    curl{insecure} -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \\
      -d {shlex.quote(subscription)} {url}/api/subscribe

  Partner of the partner API (code, token):
    {partner["code"]}  {partner["token"]}

  List its first ten customers:

    curl{insecure} -H 'Authorization: Token token="{partner["token"]}"' \\
      '{url}/v1/customers?limit=10'

  Download its billing files by SFTP; the password is {partner["sftpPassword"]}

    sftp -P {partner["sftpPort"]} {partner["sftpUser"]}@127.0.0.1:'/outbox/*.csv'

Ctrl-C stops the server and its database. The data are kept.
"""
