"""The partner programme: leads, customers, billing lines, and the webhooks of partners."""
