"""The common parts of partner requests: token, body, language and the envelope of answers."""
