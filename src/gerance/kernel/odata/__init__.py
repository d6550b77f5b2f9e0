"""OData v4 over PostgreSQL, a one-way pipeline: edm, parse, plan, sql, respond.

The engine knows nothing of what it serves: it takes a model (`edm`) and its tables.
"""
