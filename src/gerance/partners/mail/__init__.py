"""E-mail requests of partners for offers and terminations, which become proposals."""
