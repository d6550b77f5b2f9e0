"""The console: pages for the operators of an installation, rendered by the server."""
