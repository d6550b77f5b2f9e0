"""The event log: the writer that appends to it, the outbox, and consumers that follow it."""
