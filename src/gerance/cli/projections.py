"""`gerance projections`: read models, rebuilt from the event log."""

import typer

from gerance.cli.output import Home, say

app = typer.Typer(help="Read models, rebuilt from the event log.", no_args_is_help=True)


@app.command("rebuild")
def rebuild(home: Home = None) -> None:
    """Rebuild the read models from the event log, while the server keeps answering."""
    from gerance.cli.progress import progress
    from gerance.incidents.rebuild import rebuild as run
    from gerance.kernel.embedded import database
    from gerance.kernel.settings import load_settings
    from gerance.partners.rebuild import rebuild as rebuild_partners

    with database(load_settings(home=home)) as url:
        with progress("Rebuilding") as advance:
            rebuild_partners(url)
            run(url, advance)
        say("The read models are rebuilt.")
