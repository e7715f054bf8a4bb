"""What taking a damaged or hostile zip file apart can raise; each ends in a sentence."""

import zipfile
import zlib

from defusedxml import DefusedXmlException
from defusedxml import ElementTree

ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,  # raised by `zipfile` for a way of packing that it does not know
    RuntimeError,  # and for a part under a password
    ValueError,
    KeyError,  # and for a part that is not there
)
XML_FAULTS = (DefusedXmlException, ElementTree.ParseError)
