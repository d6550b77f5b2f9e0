"""The billing run: what tenants owe for a month, charged once."""
