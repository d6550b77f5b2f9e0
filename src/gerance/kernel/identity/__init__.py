"""Who is asking: accounts, passwords, sessions, and the brake on guessing."""
