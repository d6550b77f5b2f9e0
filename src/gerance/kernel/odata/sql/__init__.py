"""Plans to statements: what a client said goes by parameter, never into the text."""
