"""The users of client companies: who they are and what they are tied to."""
