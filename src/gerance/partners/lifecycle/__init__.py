"""The state of leads and customers: one stream of events for each client of a partner."""
