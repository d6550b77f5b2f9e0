"""Feeds of the log for clients that ask: pulled with a cursor, or streamed as Server-Sent Events.

Both are one reader: it goes through the log in its order from the cursor that the client keeps,
so what a client has not read yet comes to it however long it was away.
"""
