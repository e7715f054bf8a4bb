"""The window. Only this package imports Qt."""

from auditor.gui.singletons import keep_singletons

keep_singletons()
