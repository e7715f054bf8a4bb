"""How Meta's logged `pricing` block is packed in sixteen bits: model, type, category, billable (0: not stated)."""

from auditor.core.tables import Category

MODEL_SHIFT, MODEL_MASK = 0, 3
TYPE_SHIFT, TYPE_MASK = 2, 7 << 2
CATEGORY_SHIFT, CATEGORY_MASK = 5, 15 << 5
BILLABLE_SHIFT, BILLABLE_MASK = 9, 3 << 9
FIELDS = (MODEL_MASK, TYPE_MASK, CATEGORY_MASK, BILLABLE_MASK)

MODELS = {"nbp": 1, "cbp": 2, "pmp": 3}
# A type or category that is not known here is still known to be stated.
OTHER_TYPE, OTHER_CATEGORY = 7, 15
TYPES = {"regular": 1, "free_customer_service": 2, "free_entry_point": 3, "free_tier": 4}
CATEGORIES = {category.word: int(category) + 1 for category in Category}
NOT_BILLABLE, BILLABLE = 1, 2
