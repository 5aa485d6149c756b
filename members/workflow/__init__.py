"""The states of the registry's records, one noun per file; MembersConfig.ready() imports them."""
