"""Those who act on tickets for a call centre, without being users."""
