"""The buildings that a client account manages."""
