"""The agencies of client accounts: what cuts a company's tickets and patrimonies."""
