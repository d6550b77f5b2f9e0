"""How rentals are written: validation, cascades, derived values, events, versions, outbox."""
