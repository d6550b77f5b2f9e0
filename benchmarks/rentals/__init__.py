"""Reading rentals: the reference's own questions, beside psql, PostGraphile and an ORM."""
