"""How a message's kind is packed in sixteen bits: direction, category, referral, origin, and what folding adds."""

from auditor.core.tables import Category

# How `Messages.kind` is packed. The category bits hold `Category` (0: not a template).
OUTBOUND = 1
CATEGORY_SHIFT, CATEGORY_MASK = 1, 7 << 1
REFERRAL_KNOWN, REFERRAL = 16, 32
ORIGIN_SHIFT, ORIGIN_MASK = 6, 3 << 6
API, APP, AGENT = 1, 2, 3
FAILED = 256  # in batches of `Rows`: `Messages` has the time of it instead
# Set by `threads.fold`, not by readers.
GROUP, READ_ONLY, UNSENT, READ = 512, 1024, 2048, 4096
# Set by the search for causes: a message that no service window makes free, as some biller may have it.
IN_NO_WINDOW = 8192

TEMPLATES = {
    "marketing": Category.MARKETING,
    "utility": Category.UTILITY,
    "authentication": Category.AUTHENTICATION,
    "marketing_lite": Category.MARKETING_LITE,
}
