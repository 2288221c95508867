"""Photographs that look alike to a tagger: an index of features, kept and asked."""
