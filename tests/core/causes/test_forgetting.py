"""What a search leaves is let go of a piece at a time, and all of it."""

import weakref

from auditor.core.causes.forgetting import forget


class _Piece:
    """Something that can be seen to be gone."""


def test_that_each_entry_is_gone_before_the_next_one_goes() -> None:
    """The memo is emptied entry by entry: what stands in it shrinks by one each time one is freed."""
    memo: dict[int, _Piece] = {n: _Piece() for n in range(5)}
    left = list[int]()
    ends = [weakref.finalize(piece, lambda: left.append(len(memo))) for piece in memo.values()]
    other = {"a": _Piece()}
    ends.append(weakref.finalize(other["a"], lambda: left.append(len(other))))
    forget(memo, other)
    assert left == [4, 3, 2, 1, 0, 0]
    assert not memo
    assert not any(end.alive for end in ends)
