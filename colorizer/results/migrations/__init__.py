"""The drafts' collections."""
