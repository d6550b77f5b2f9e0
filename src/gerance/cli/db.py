"""`gerance db`: the database schema."""

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.options import Home, Json
from gerance.cli.output import say

app = CommandGroup("Upgrade or check the database schema.")


@app.command("upgrade")
def upgrade(home: Home = None) -> None:
    """Run the pending migrations, each in a transaction. Safe to repeat or run twice at once."""
    import asyncio

    import psycopg

    from gerance import migrations
    from gerance.cli.schema_check import encrypt_secrets
    from gerance.kernel.db import open_pool
    from gerance.kernel.embedded import database
    from gerance.kernel.log.eventlog import adopt_log
    from gerance.kernel.settings import load_settings
    from gerance.kernel.stored_secrets import plain_columns, require_keys

    async def adopt(url: str) -> int:
        async with open_pool(url, size=1, statement_timeout_ms=0) as pool:
            return await adopt_log(pool)

    settings = load_settings(home=home)
    with database(settings) as url:
        pending = migrations.pending(url)
        migrations.upgrade(url)
        if event_count := asyncio.run(adopt(url)):
            say(f"The event log came from another server: adopted its {event_count} events.")
        result = f"ran {', '.join(pending)}" if pending else "nothing to do"
        say(f"The database is at {migrations.current(url)}: {result}.")
        with psycopg.connect(url, connect_timeout=5) as connection:
            require_keys(connection, settings)
            plain = plain_columns(connection)
        if plain and settings.database_url is None:
            say(f"Encrypted {encrypt_secrets(url)} secrets.")
        elif plain:
            say(
                f"Secrets are not encrypted ({', '.join(plain)}). Run `gerance secrets encrypt`"
                " when no process of the previous release is running."
            )


@app.command("check")
def check(home: Home = None, as_json: Json = False) -> None:
    """Compare the database with the schema of this release. The exit code is 1 if they differ."""
    import psycopg

    from gerance import migrations
    from gerance.cli.output import say_json
    from gerance.kernel.embedded import database
    from gerance.kernel.settings import load_settings
    from gerance.migrations import catalog

    with (
        database(load_settings(home=home)) as url,
        psycopg.connect(url, connect_timeout=5) as connection,
    ):
        revision = migrations.revision(connection)
        pending = migrations.pending_after(revision)
        missing = catalog.missing(connection) if migrations.is_newest(revision) else []
    if as_json:
        say_json({"revision": revision, "pending": pending, "missing": missing})
    else:
        say(f"The database is at {revision or 'no revision'}.")
        for line in missing:
            say(f"Missing or different: {line}")
        if pending:
            say(f"Pending: {', '.join(pending)}. Run `gerance db upgrade`.")
        elif missing:
            say(catalog.REMEDY)
        else:
            say("The schema is up to date.")
    raise typer.Exit(1 if pending or missing else 0)
