"""The companies that repair: a directory that all clients share."""
