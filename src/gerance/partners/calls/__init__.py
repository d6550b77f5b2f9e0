"""What every call of a partner has: token, body, language, the envelope of its answer."""
