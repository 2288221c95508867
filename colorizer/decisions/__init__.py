"""What curators decided about machines' labels, and the way out of it for training."""
