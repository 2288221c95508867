"""The machine's drafts, as documents; nothing else lives in this database."""
