"""How rental entities are declared: properties, rules, common checks, formats."""
