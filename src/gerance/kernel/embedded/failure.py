"""What a person reads when the embedded database cannot run."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be found, set up, started or reached; says what to do."""
