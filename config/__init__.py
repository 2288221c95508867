"""The composition root: settings, addresses, databases and the supervisor."""
