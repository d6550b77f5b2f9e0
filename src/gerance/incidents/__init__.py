"""Call centres, agencies, buildings, providers, and the tickets that follow an incident."""
