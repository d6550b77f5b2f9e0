"""Who is told of changes of rentals, of which of them, and in which words."""
