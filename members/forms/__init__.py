"""Forms of the registry's pages, one noun per file."""
