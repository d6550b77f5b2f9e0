"""Text to syntax trees, after the standard's grammar (OData ABNF 4.01); no name is looked up."""
