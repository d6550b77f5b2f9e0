"""Who is paid for what."""
