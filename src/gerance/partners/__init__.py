"""The partner programme: leads, customers, what to bill for them, and how partners are told."""
