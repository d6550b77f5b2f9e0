"""The life of a lead and customer: one stream of events for each client of a partner."""
