"""The curator's pages: each view translates, calls one verb and answers."""
