"""`gerance mail`: offers and terminations that partners request by e-mail."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.demo_accounts import require_no_demo_accounts
from gerance.cli.options import AllowDemoAccounts, Home, Host, Json
from gerance.cli.output import say, say_json

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.partners.mail.parser import MailRequest
    from gerance.partners.mail.proposal import ProposalResult

app = CommandGroup("Turn e-mail requests of partners into proposals.")


@app.command("listen")
def listen(
    home: Home = None,
    host: Host = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0: any free one.", show_default="8025")
    ] = None,
    recipient: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="Accept messages to this address or @domain; repeatable.",
            show_default="mail_recipients",
        ),
    ] = None,
    require_dkim: Annotated[
        bool | None,
        typer.Option(
            "--require-dkim/--no-require-dkim",
            help="Accept only messages with a valid DKIM signature, or all messages.",
            show_default="mail_require_dkim",
        ),
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
) -> None:
    """Receive e-mail by SMTP until a signal. Requests become proposals that an operator decides."""
    import asyncio

    from gerance.cli.failures import Failure
    from gerance.cli.schema_check import require_migrated
    from gerance.cli.server.sockets import bind, port_of
    from gerance.cli.server.start import check_certificate
    from gerance.cli.signals import until_signal
    from gerance.kernel import clock
    from gerance.kernel.db import open_pool
    from gerance.kernel.embedded import database
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings
    from gerance.kernel.tls import server_context
    from gerance.partners.mail.authenticity import keys_from, resolver_of
    from gerance.partners.mail.smtp_server import MailRules, Receiver, listening

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
        raise Failure("no recipients: set mail_recipients, or add --recipient")
    if settings.mail_require_dkim is None:
        raise Failure(
            "decide whether messages must be signed: set mail_require_dkim = true in gerance.toml"
            " (recommended), or false, which lets anybody write in the name of a partner; or add"
            " --require-dkim or --no-require-dkim"
        )
    check_certificate(settings)
    tls = server_context(settings.tls_cert, settings.tls_key) if settings.tls_cert else None
    try:
        resolver = resolver_of(settings.mail_resolvers)
    except ValueError as error:
        raise Failure(f"mail_resolvers: expected IP addresses of name servers: {error}") from error
    rules = MailRules(
        recipients=tuple(each.lower() for each in settings.mail_recipients),
        require_dkim=settings.mail_require_dkim,
        trusted_server=settings.mail_trusted_server,
        texts=keys_from(resolver),
    )
    zone = settings.zone

    async def serve(url: str) -> None:
        limit = settings.statement_timeout_ms
        async with open_pool(url, size=4, statement_timeout_ms=limit) as pool:
            async with pool.connection() as connection:
                await clock.synchronise(connection)
            receiver = Receiver(pool, rules, lambda: clock.today(zone))
            async with listening(receiver, listener, max_bytes=settings.mail_max_bytes, tls=tls):
                where = f"{settings.mail_host} port {port_of(listener)}"
                say(f"Receiving mail at {where}. Stop with Ctrl-C.", err=True)
                await clock.keep_synchronised(pool)

    with bind(settings.mail_host, settings.mail_port, option="--port") as listener:  # noqa: SIM117
        with database(settings) as url:
            require_migrated(settings, url)
            require_no_demo_accounts(settings, url)
            asyncio.run(until_signal(serve(url)))


@app.command("read")
def read(
    file: Annotated[
        str,
        typer.Argument(
            help="Message as a mail program saves it, or as text with its De and Objet lines; - for"
            " standard input.",
            show_default=False,
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the request without creating a proposal.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Turn one message into a proposal. Its sender must be registered; check yourself that it is
    genuine."""
    from gerance.cli.installation import today, with_connection
    from gerance.partners.mail.parser import read_request
    from gerance.partners.mail.proposal import partner_that_asks, propose
    from gerance.partners.mail.quoted_message import as_message

    content = as_message(_content(file))

    async def propose_request(
        connection: "Connection",
    ) -> "tuple[str, MailRequest, ProposalResult | None]":
        partner = await partner_that_asks(connection, content)
        request = read_request(content, today(home))
        if dry_run:
            return partner, request, None
        return partner, request, await propose(connection, partner, request, "operator")

    _say_request(*with_connection(home, propose_request), as_json)


def _content(file: str) -> bytes:
    """The bytes of a file or of standard input. Raises Failure."""
    import sys

    from gerance.cli.failures import Failure
    from gerance.partners.mail.message import MOST_BYTES

    try:
        if file == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(file).open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from error


def _say_request(
    partner: str, request: "MailRequest", proposal: "ProposalResult | None", as_json: bool
) -> None:
    import msgspec

    from gerance.partners.proposals.problems import sentence

    problems = [
        sentence(problem, "en") for problem in (proposal.problems if proposal else request.problems)
    ]
    if as_json:
        fields = msgspec.structs.asdict(request) | {"partner": partner, "problems": problems}
        number = proposal.number if proposal else None
        say_json(fields | {"proposal": number, "new": proposal is not None and proposal.new})
        return
    if proposal is not None:
        say(f"Proposal {proposal.number}{'' if proposal.new else ' (it exists already)'}:")
    say(_summary(partner, request))
    if request.words:
        say(f"Read from: {request.words}")
    for problem in problems:
        say(f"Problem: {problem}")


def _summary(partner: str, request: "MailRequest") -> str:
    who = f"{request.client_id} of {partner}" + (
        f" ({request.client_name})" if request.client_name else ""
    )
    why = f" Reason: {request.reason}" if request.reason else ""
    if request.kind == "terminate":
        day = request.end_of_contract_date
        return f"End the contract of {who}{f' on {day}' if day else ', without a day'}.{why}"
    months = "for good" if request.for_good else f"{request.months or '?'} months"
    return f"Offer {months} to {who}.{why}"
