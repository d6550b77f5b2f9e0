"""What every context stands on: the log, the write path, identity, HTTP."""
