"""What was changed on records, by whom, when and why: reading it, as pages and as files."""
