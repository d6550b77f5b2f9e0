"""Writing entities: bodies read against the model, and what a context is asked to do."""
