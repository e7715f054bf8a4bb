"""What the figures of a table prove of its reading, or speak against it, whatever its heads are called (formats.md §4).

Quantity x unit rate is the amount in most lines, or columns were taken for what they are not.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from itertools import islice
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from auditor.core.problems import AuditorError
from auditor.core.problems import Problem
from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.values.numbers import MARKS
from auditor.readers.values.numbers import read_value

_FACTORS_AND_AMOUNT = ("quantity", "unit_rate", "amount")
_LOOKED_AT = 500
_LEAST, _LEAST_RUNNING = 2, 3
_ROUNDED = Decimal("0.011")
_HALF = Decimal(5)
_TIMES = (Decimal("0.01"), Decimal("0.0001"))
# An amount shows by its rounded product what it is only where that is no large part of it.
_ROUNDED_OF = 20
_CENTS_EACH = "100"
_WHOLE = Decimal(100)


class _Product(NamedTuple):
    """A line's quantity x unit rate beside its amount, how far the two may lie apart, and the line's row."""

    made: Decimal
    amount: Decimal
    reach: Decimal
    row: int

    def comes_to(self, figure: Decimal | None) -> bool:
        """Tell whether the product is a figure, as far as the rate is printed."""
        return figure is not None and abs(self.made - figure) <= self.reach

    def is_rounded(self) -> bool:
        """Tell whether the amount is the product rounded to as many decimals as it is written with."""
        half = _HALF.scaleb(min(int(self.amount.as_tuple().exponent), 0) - 1)
        return abs(self.made - self.amount) <= self.reach + half

    def is_shown(self) -> bool:
        """Tell whether the product shows the amount: to a cent, or rounded by no large part of it."""
        half = abs(self.amount) / _ROUNDED_OF
        return self.comes_to(self.amount) or (self.is_rounded() and abs(self.made - self.amount) <= half)


def check_products(sheet: Sheet, layout: Layout, lines: Iterable[InvoiceLine]) -> tuple[Problem, ...]:
    """Remark amounts that in most of the first lines are not quantity x unit rate, with what may be the cause.

    Of fewer lines it is remarked where another column is the product in all. Nothing is remarked where a column says
    what was taken off. Raises `amounts_running` where each amount is what all lines down to it come to.
    """
    products = list(islice(_products(lines), _LOOKED_AT))
    wrong = [one for one in products if not one.comes_to(one.amount)]
    heads = {name: column for name in _FACTORS_AND_AMOUNT if (column := layout.field(name))}
    if len(products) < _LEAST or not wrong or len(heads) < len(_FACTORS_AND_AMOUNT):
        return ()
    place = sheet.place(layout.header_row, heads["amount"].column)
    names = {name: column.head for name, column in heads.items()}
    mostly = 2 * len(wrong) > len(products)
    if mostly and _is_running(products):
        raise AuditorError("amounts_running", place, head=names["amount"])
    free = [column for column in layout.columns if column.head and not column.field]
    if any(_is_taken_off(sheet, column, wrong) for column in free):
        return ()
    values = names | {"count": str(len(wrong)), "of": str(len(products))}
    other = next((column.head for column in free if _is_product(sheet, column, products)), "")
    if other:
        return (Problem("products_elsewhere", place, MappingProxyType(values | {"other": other})),)
    if not mostly or all(one.is_rounded() for one in wrong):
        return ()
    times = _times(wrong)
    if times == _CENTS_EACH:
        return (Problem("amounts_in_cents", place, MappingProxyType(values)),)
    if times:
        return (Problem("products_times", place, MappingProxyType(values | {"times": times})),)
    return (Problem("products_differ", place, MappingProxyType(values)),)


def check_counts(sheet: Sheet, layout: Layout, lines: Iterable[InvoiceLine]) -> tuple[Problem, ...]:
    """Raise `quantity_running` where every quantity counts all units of its kind down to it, as the amounts show.

    One price makes the amounts from what each quantity has more than the one before, and none from the quantities.
    """
    column = layout.field("quantity")
    kinds: dict[tuple[str, ...], list[tuple[Decimal, Decimal]]] = {}
    for line in islice(lines, _LOOKED_AT):
        if column and line.layer == Layer.META and line.quantity and line.amount > 0:
            kind = (line.waba_id, line.phone_number_id, line.country or line.market, line.category, line.pricing_type)
            kinds.setdefault(kind, []).append((line.quantity, line.amount))
    several = [pairs for pairs in kinds.values() if len(pairs) >= _LEAST_RUNNING]
    if column and several and all(_counts_on(pairs) for pairs in several):
        raise AuditorError("quantity_running", sheet.place(layout.header_row, column.column), head=column.head)
    return ()


def _counts_on(pairs: Sequence[tuple[Decimal, Decimal]]) -> bool:
    counts = [quantity for quantity, _ in pairs]
    steps = [counts[0], *(following - one for one, following in pairwise(counts))]
    amounts = [amount for _, amount in pairs]
    return min(steps) > 0 and _have_one_price(steps, amounts) and not _have_one_price(counts, amounts)


def _have_one_price(counts: Sequence[Decimal], amounts: Sequence[Decimal]) -> bool:
    """Tell whether some price makes every amount of its count, to a cent."""
    lows = [(amount - _ROUNDED) / count for count, amount in zip(counts, amounts, strict=True)]
    highs = [(amount + _ROUNDED) / count for count, amount in zip(counts, amounts, strict=True)]
    return max(lows) <= min(highs)


def products_shown(lines: Iterable[InvoiceLine]) -> tuple[int, int, int]:
    """Count the lines whose amount is quantity x unit rate, those where it is so rounded, and all with the three."""
    products = list(islice(_products(lines), _LOOKED_AT))
    exact = sum(one.comes_to(one.amount) for one in products)
    return exact, sum(one.is_shown() for one in products) - exact, len(products)


def taken_off(sheet: Sheet, layout: Layout, lines: Iterable[InvoiceLine]) -> tuple[str, int]:
    """Give the head of a column that says what every amount is less than quantity x unit rate, and the lines; or none.

    What is taken off is money or a percentage: by itself it proves rate, quantity and amount alike.
    """
    products = list(islice(_products(lines), _LOOKED_AT))
    less = [one for one in products if not one.comes_to(one.amount)]
    free = [column for column in layout.columns if column.head and not column.field and not column.added]
    head = next((column.head for column in free if less and _is_taken_off(sheet, column, products)), "")
    return head, len(products)


def _products(lines: Iterable[InvoiceLine]) -> Iterable[_Product]:
    for line in lines:
        if line.layer != Layer.META or not line.quantity or not line.unit_rate:
            continue
        half = _HALF.scaleb(int(line.unit_rate.as_tuple().exponent) - 1)
        reach = _ROUNDED + abs(line.quantity) * half
        product = line.quantity * line.unit_rate
        turned = line.document_type == "credit_memo" and line.amount < 0 < product  # it was written without a minus
        yield _Product(-product if turned else product, line.amount, reach, line.source.row)


def _is_running(products: Sequence[_Product]) -> bool:
    """Tell whether each amount is the sum of all products down to it."""
    sums = accumulate(one.made for one in products)
    reaches = accumulate(one.reach for one in products)
    stepped = zip(products, sums, reaches, strict=True)
    return len(products) >= _LEAST_RUNNING and all(abs(total - one.amount) <= reach for one, total, reach in stepped)


def _figures(sheet: Sheet, column: LayoutColumn, products: Sequence[_Product], mark: str) -> list[Decimal | None]:
    cells = (sheet.rows[sheet.rows.place(one.row)].cell(column.column).value for one in products)
    return [read_value(one.removesuffix("%").rstrip() if isinstance(one, str) else one, mark) for one in cells]


def _is_product(sheet: Sheet, column: LayoutColumn, products: Sequence[_Product]) -> bool:
    """Tell whether the figures under a column that is not read are quantity x unit rate in every row."""
    return any(
        all(one.comes_to(figure) for one, figure in zip(products, _figures(sheet, column, products, mark), strict=True))
        for mark in MARKS
    )


def _is_taken_off(sheet: Sheet, column: LayoutColumn, products: Sequence[_Product]) -> bool:
    """Tell whether a column that is not read says what the amounts are less than the products: money, or percent."""
    for mark in MARKS:
        figures = _figures(sheet, column, products, mark)
        stated = [(one, abs(figure)) for one, figure in zip(products, figures, strict=True) if figure is not None]
        if len(stated) < len(products):
            continue
        if all(abs(one.made - figure - one.amount) <= one.reach for one, figure in stated):
            return True
        of = _WHOLE if any(share > 1 for _, share in stated) else Decimal(1)  # a cell of 10 % holds 0.1
        if all(abs(one.made * (1 - share / of) - one.amount) <= one.reach for one, share in stated):
            return True
    return False


def _times(products: Sequence[_Product]) -> str:
    """Give what all amounts are times the products, such as 1.18; empty if there is no such number."""
    made, stated = sum((one.made for one in products), Decimal(0)), sum((one.amount for one in products), Decimal(0))
    for digits in _TIMES:
        times = (stated / made).quantize(digits) if made else Decimal(0)
        if times and all(abs(one.made * times - one.amount) <= one.reach * max(Decimal(1), times) for one in products):
            return f"{times.normalize():f}"
    return ""
