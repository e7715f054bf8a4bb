"""What the views are built from."""
