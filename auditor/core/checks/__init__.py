"""What is checked beside the comparison: the invoice's lines by themselves, the usage export, what Meta logged."""
