"""What tenants owe and pay, and the ledgers."""
