"""What is announced and mailed about the registry, one noun per file; MembersConfig.ready() imports them."""
