"""Who rents what, from when, for how much."""
