"""Syntax trees to plans: names checked against the model, types, rights and limits."""
