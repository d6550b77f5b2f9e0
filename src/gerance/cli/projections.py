"""`gerance projections`: the read models."""

from gerance.cli.command_group import CommandGroup
from gerance.cli.options import Home
from gerance.cli.output import say

app = CommandGroup("Rebuild the read models from the event log.")


@app.command("rebuild")
def rebuild(home: Home = None) -> None:
    """Rebuild the read models from the event log. Servers can stay up."""
    from gerance.cli.progress import progress
    from gerance.incidents.rebuild import rebuild as run
    from gerance.kernel.embedded import database
    from gerance.kernel.settings import load_settings
    from gerance.partners.rebuild import rebuild as rebuild_partners

    with database(load_settings(home=home)) as url:
        with progress("Rebuilding") as advance:
            rebuild_partners(url)
            run(url, advance)
        say("Rebuilt the read models.")
