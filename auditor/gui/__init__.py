"""The window. Only this package imports Qt."""

from auditor.gui.plain_imports import import_plainly
from auditor.gui.singletons import keep_singletons

import_plainly()
keep_singletons()
