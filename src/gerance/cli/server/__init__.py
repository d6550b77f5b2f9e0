"""The HTTP server: its processes, its sockets and its connections."""
