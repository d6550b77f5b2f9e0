"""Call centres, holdings and client accounts."""
