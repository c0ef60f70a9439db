"""Where attempts run. An executor takes Workloads and gives back Reports; it never touches the database.

Five methods: `submit`, `stop`, `poll`, `slots`, `close`.
"""
