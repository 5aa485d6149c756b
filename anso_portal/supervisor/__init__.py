"""What `manage.py up` is made of. Nothing here imports Django: the servers come before the settings that name them.

places → binaries → processes → servers → portal: where things lie, the programs, children, PostgreSQL and Valkey, the whole.
"""
