"""`gerance mail`: offers and terminations that partners ask for by mail."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.demo_accounts import AllowDemoAccounts, require_no_demo_accounts
from gerance.cli.output import Home, Json, say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.partners.mail.parser import MailRequest
    from gerance.partners.mail.proposal import Proposed

app = typer.Typer(
    help="Take offers and terminations that partners ask for by mail, as proposals.",
    no_args_is_help=True,
)


@app.command("listen")
def listen(
    home: Home = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port, 0 for any free one.", show_default="8025")
    ] = None,
    recipient: Annotated[
        list[str] | None,
        typer.Option(
            help="An address that mail may go to, or @domain; repeatable.",
            show_default="mail_recipients",
        ),
    ] = None,
    require_dkim: Annotated[
        bool | None,
        typer.Option(
            "--require-dkim/--no-require-dkim",
            help="Whether only messages with a good DKIM signature are taken. Say so here or in"
            " the settings.",
            show_default="mail_require_dkim",
        ),
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
) -> None:
    """Take mail by SMTP, until a signal. What it asks for waits as a proposal for an operator."""
    import asyncio
    import contextlib
    import signal

    from gerance.cli.failures import Failure
    from gerance.cli.schema_check import require_migrated
    from gerance.cli.sockets import bind, port_of
    from gerance.kernel import clock
    from gerance.kernel.db import open_pool
    from gerance.kernel.embedded import database
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings
    from gerance.kernel.tls import server_context
    from gerance.partners.mail.authenticity import keys_from, resolver_of
    from gerance.partners.mail.smtp_server import Receiver, Rules, listening

    settings = load_settings(
        home=home,
        mail_host=host,
        mail_port=port,
        mail_recipients=tuple(recipient) if recipient else None,
        mail_require_dkim=require_dkim,
        allow_demo_accounts=allow_demo_accounts or None,
    )
    configure_logging(settings.log_format, settings.log_level)
    if not settings.mail_recipients:
        raise Failure(
            "no mail would be taken: name addresses of ours with --recipient or mail_recipients"
        )
    if settings.mail_require_dkim is None:
        raise Failure(
            "decide whether senders must sign their messages: set mail_require_dkim = true in"
            " gerance.toml (recommended), or false, with which anybody can write in the name of a"
            " partner; or add --require-dkim or --no-require-dkim"
        )
    tls = None
    if settings.tls_cert is not None:
        try:
            tls = server_context(settings.tls_cert, settings.tls_key)
        except OSError as error:
            raise Failure(f"{settings.tls_cert} and its key cannot be used: {error}") from error
    try:
        resolver = resolver_of(settings.mail_resolvers)
    except ValueError as error:
        raise Failure(f"mail_resolvers: expected addresses of name servers: {error}") from error
    rules = Rules(
        recipients=tuple(each.lower() for each in settings.mail_recipients),
        require_dkim=settings.mail_require_dkim,
        trusted=settings.mail_trusted_server,
        texts=keys_from(resolver),
    )
    zone = settings.zone

    async def serve(url: str) -> None:
        limit = settings.statement_timeout_ms
        async with open_pool(url, size=4, statement_timeout_ms=limit) as pool:
            async with pool.connection() as connection:
                await clock.synchronise(connection)
            synchronised = asyncio.ensure_future(clock.keep_synchronised(pool))
            receiver = Receiver(pool, rules, lambda: clock.today(zone))
            async with listening(receiver, listener, max_bytes=settings.mail_max_bytes, tls=tls):
                say(
                    f"Mail is taken at {settings.mail_host} port {port_of(listener)}; Ctrl-C ends"
                    " it.",
                    err=True,
                )
                await synchronised

    async def until_signal(url: str) -> None:
        serving = asyncio.ensure_future(serve(url))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    with bind(settings.mail_host, settings.mail_port, option="--port") as listener:  # noqa: SIM117
        with database(settings) as url:
            require_migrated(settings, url)
            require_no_demo_accounts(settings, url)
            asyncio.run(until_signal(url))


@app.command("read")
def read(
    file: Annotated[
        str,
        typer.Argument(
            help="The message as a mail program saves it, or pasted with its De and Objet lines;"
            " - for standard input.",
            show_default=False,
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it asks for, and propose nothing.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Take one message by hand. Its sender has to be known; you vouch for its being genuine."""

    from gerance.cli.connect import with_connection
    from gerance.kernel import clock
    from gerance.kernel.settings import load_settings
    from gerance.partners.mail.parser import read_request
    from gerance.partners.mail.proposal import partner_that_asks, propose
    from gerance.partners.mail.quoted_message import as_message

    content = as_message(_content(file))
    zone = load_settings(home=home).zone

    async def take(
        connection: "Connection",
    ) -> "tuple[str, MailRequest, Proposed | None]":
        partner = await partner_that_asks(connection, content)
        request = read_request(content, clock.today(zone))
        if dry_run:
            return partner, request, None
        return partner, request, await propose(connection, partner, request, "operator")

    _say(*with_connection(home, take), as_json)


def _content(file: str) -> bytes:
    """The bytes of a file; raises Failure when there is none."""
    import sys

    from gerance.cli.failures import Failure
    from gerance.partners.mail.message import MOST_BYTES

    try:
        if file == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from error


def _say(partner: str, request: "MailRequest", proposed: "Proposed | None", as_json: bool) -> None:
    import msgspec

    from gerance.cli.output import say_json
    from gerance.partners.proposals.problems import sentence

    found = proposed.problems if proposed else request.problems
    problems = [sentence(problem, "en") for problem in found]
    if as_json:
        asked = msgspec.structs.asdict(request) | {"partner": partner, "problems": problems}
        number = proposed.number if proposed else None
        say_json(asked | {"proposal": number, "new": proposed is not None and proposed.new})
        return
    if proposed is not None:
        say(f"Proposal {proposed.number}{'' if proposed.new else ', as before'}:")
    say(_told(partner, request))
    for problem in problems:
        say(f"Problem: {problem}")


def _told(partner: str, request: "MailRequest") -> str:
    who = f"{request.client_id} of {partner}" + (
        f" ({request.client_name})" if request.client_name else ""
    )
    why = f" Reason: {request.reason}" if request.reason else ""
    if request.kind == "terminate":
        day = request.end_of_contract_date
        return f"End the contract of {who}{f' on {day}' if day else ', no day is named'}.{why}"
    months = "for good" if request.for_good else f"{request.months or '?'} months"
    return f"Offer {months} to {who}.{why}"
