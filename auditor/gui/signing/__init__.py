"""What is fixed, claimed, signed and handed on: the panes of the sign-off."""
