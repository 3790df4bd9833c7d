"""Keys, store, cached calls, events: nothing is paid for twice."""
