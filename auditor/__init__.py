"""Recomputes what a WhatsApp bill should have been and says where, and why, the invoice differs."""

__version__ = "0.1.0"
