"""HTTP in and out: endpoints, ranges, bodies, problems, documentation."""
