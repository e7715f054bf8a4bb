"""The chart of one thread: who wrote when, which windows were open, each charge where it arises (workpaper.md §3.7).

A conversation is a bar over its time, a free entry point a hatched one; a charge of a message is a mark.
"""

from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auditor.core.numbers_called import numbers_called
from auditor.core.records import Waba
from auditor.core.report.chart_words import symbol
from auditor.core.report.facts import mask_user
from auditor.core.report.given import EvidenceLike
from auditor.core.tables import NEVER
from auditor.core.timeline import DAY
from auditor.core.timeline import HOUR
from auditor.writers.chart_frame import Frame

_HOUR_STEPS = tuple(step * HOUR for step in (1, 2, 3, 6, 12, 24, 48, 96, 168, 336))
_TICKS = 11
_LONGEST = 7 * DAY  # of a longer thread, the days that hold most charges that cost something are drawn
_LEVELS, _LABEL_SHARE = 3, 0.085  # rows of labels under the charges, and the width that one takes
_INBOUND, _OUTBOUND, _WINDOWS, _CHARGES = 3.0, 2.0, 1.0, 0.0


class EventLike(Protocol):
    """A message of a thread, as `verbs.ThreadEvent` has it."""

    @property
    def at(self) -> int:
        """Give the instant."""

    @property
    def direction(self) -> str:
        """Give `inbound` or `outbound`."""

    @property
    def category(self) -> str:
        """Give the template's category, `service` for none."""

    @property
    def referral(self) -> bool:
        """Tell whether it came from an ad or Page button."""


class ThreadLike(Protocol):
    """A thread as `verbs.Thread` has it: messages, customer service windows, charges."""

    @property
    def phone_number_id(self) -> str:
        """Give the business number."""

    @property
    def user(self) -> str:
        """Give the customer."""

    @property
    def events(self) -> Sequence[EventLike]:
        """Give the messages in order."""

    @property
    def windows(self) -> Sequence[tuple[int, int]]:
        """Give the customer service windows, from and to."""

    @property
    def charges(self) -> Sequence[EvidenceLike]:
        """Give the charges in order."""


def thread_chart(frame: Frame, one: ThreadLike) -> Figure:
    """Draw a thread; of a longer one, the week that holds most of what it was charged."""
    if not one.events:
        return frame.nothing(frame.text("name.thread"))
    first, last = _span(one)
    events = [event for event in one.events if first <= event.at <= last]
    shown = [charge for charge in one.charges if first <= charge.billed_at <= last]
    charged = [charge for charge in shown if _costs(charge)]
    name = frame.text("thread.name", number=_number(frame, one.phone_number_id), user=mask_user(one.user))
    inbound = sum(event.direction == "inbound" for event in events)
    title = frame.text(
        "thread.title", inbound=inbound, outbound=len(events) - inbound, charged=len(charged),
        amount=f"{symbol(_waba(frame, one).currency)} {sum((Decimal(c.amount) for c in charged), Decimal(0)):,f}",
    )  # fmt: skip
    zone, currency = _waba(frame, one).time_zone, _waba(frame, one).currency
    figure = frame.figure(title, frame.text("thread.source", name=name, zone=zone, currency=currency), 4.6)
    axes = figure.add_subplot()
    axes.set_facecolor(frame.theme.paper)
    _messages(frame, axes, events)
    for opened, ended in one.windows:
        _bar(frame, axes, opened, ended, _WINDOWS, "")
    _charges(frame, axes, shown)
    _amounts(frame, axes, shown, last - first)
    axes.set_xlim(first, last)
    axes.set_ylim(-1.35, 3.6)
    lanes = ((_INBOUND, "inbound"), (_OUTBOUND, "outbound"), (_WINDOWS, "windows"), (_CHARGES, "charges"))
    axes.set_yticks([lane for lane, _ in lanes], [frame.text(f"thread.{key}") for _, key in lanes])
    _clock(frame, axes, one, first, last)
    _legend(frame, axes)
    return figure


def _waba(frame: Frame, one: ThreadLike) -> Waba:
    wabas = frame.result.account.wabas
    own = (waba for waba in wabas if one.phone_number_id in [number.id for number in waba.numbers])
    return next(own, wabas[0])


def _number(frame: Frame, number_id: str) -> str:
    return numbers_called(frame.result.account).get(number_id, number_id)


def _span(one: ThreadLike) -> tuple[int, int]:
    """Give the stretch to draw: the whole thread, or the week with most charges, those that cost something first."""
    ends = [charge.ends_at if charge.ends_at != NEVER else charge.billed_at for charge in one.charges]
    times = [event.at for event in one.events] + [end for _, end in one.windows] + ends
    first, last = min(times), max(times)
    if last - first > _LONGEST:
        billed = [(charge.billed_at, _costs(charge)) for charge in one.charges] or [(first, False)]

        def weight(at: int) -> tuple[int, int, int]:
            within = [costs for other, costs in billed if at <= other < at + _LONGEST]
            return sum(within), len(within), -at

        first = max((at for at, _ in billed), key=weight)
        last = max(time for time in times if time <= first + _LONGEST)
    margin = max((last - first) // 24, HOUR)
    return first - margin, last + margin


def _messages(frame: Frame, axes: Axes, events: Sequence[EventLike]) -> None:
    theme = frame.theme
    for event in events:
        inbound = event.direction == "inbound"
        template = not inbound and event.category not in ("", "service")
        lane = _INBOUND if inbound else _OUTBOUND
        face = theme.solid if template else theme.paper
        axes.plot([event.at], [lane], marker="o" if inbound else "s", markersize=7, color=face, markeredgewidth=1.4,
                  markeredgecolor=theme.under if inbound else theme.solid, linestyle="none", zorder=4)  # fmt: skip
        if event.referral:
            axes.plot([event.at], [lane], marker="o", markersize=13, markerfacecolor="none", linestyle="none",
                      markeredgecolor=theme.over, markeredgewidth=1.4, zorder=4)  # fmt: skip


def _bar(frame: Frame, axes: Axes, opened: int, ended: int, lane: float, kind: str) -> None:
    """Draw a stretch of time: a window plain, a charged conversation striped, a free one dotted, an FEP crossed."""
    theme = frame.theme
    hatch = {"": "", "charged": "///", "free": "...", "entry": "xx"}[kind]
    edge = {"": theme.under, "charged": theme.over, "free": theme.faint, "entry": theme.faint}[kind]
    face = theme.rule if not kind else theme.paper
    axes.barh(lane, ended - opened, 0.34, left=opened, facecolor=face, edgecolor=edge, hatch=hatch, linewidth=1.2)


def _costs(charge: EvidenceLike) -> bool:
    return bool(charge.amount) and Decimal(charge.amount) != 0


def _charges(frame: Frame, axes: Axes, charges: Sequence[EvidenceLike]) -> None:
    theme = frame.theme
    for charge in charges:
        costs = _costs(charge)
        kind = "charged" if costs else "entry" if charge.pricing_type == "free_entry_point" else "free"
        if charge.ends_at != NEVER:
            _bar(frame, axes, charge.billed_at, charge.ends_at, _CHARGES, kind)
        edge = theme.over if costs else theme.faint
        axes.plot([charge.billed_at], [_CHARGES], marker="D", markersize=7, markerfacecolor=edge if costs else
                  theme.paper, markeredgecolor=edge, markeredgewidth=1.3, linestyle="none", zorder=5)  # fmt: skip
        axes.plot([charge.billed_at] * 2, [_CHARGES + 0.2, _OUTBOUND - 0.2], color=edge, linewidth=0.8, zorder=1,
                  linestyle=(0, (2, 2)))  # fmt: skip


def _amounts(frame: Frame, axes: Axes, charges: Sequence[EvidenceLike], width: int) -> None:
    """Write category and amount under each charge, in the first row of labels that has room; none has: left out."""
    ends = [NEVER] * _LEVELS
    for charge in charges:
        level = next((n for n, end in enumerate(ends) if end <= charge.billed_at), None)
        if level is None:
            continue
        ends[level] = charge.billed_at + int(width * _LABEL_SHARE)
        said = f"{Decimal(charge.amount):f}" if _costs(charge) else frame.text("thread.free")
        axes.annotate(
            f"{frame.category(charge.category)}\n{said}", (charge.billed_at, _CHARGES - 0.24 - 0.38 * level),
            ha="center", va="top", size=frame.theme.size(7.5), color=frame.theme.ink,
        )  # fmt: skip


def _clock(frame: Frame, axes: Axes, one: ThreadLike, first: int, last: int) -> None:
    """Mark the account's own days and hours."""
    theme, zone = frame.theme, ZoneInfo(_waba(frame, one).time_zone)
    step = next((step for step in _HOUR_STEPS if (last - first) / step <= _TICKS), _HOUR_STEPS[-1])
    start = datetime.fromtimestamp(first // 1_000_000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    times = []
    while start.timestamp() * 1_000_000 < last:
        if start.timestamp() * 1_000_000 > first:
            times.append(start)
        start = (start.replace(tzinfo=None) + timedelta(microseconds=step)).replace(tzinfo=zone)
    places = [int(at.astimezone(UTC).timestamp()) * 1_000_000 for at in times]
    said = [frame.short_day(at) if step >= DAY or not at.hour else f"{at:%H:%M}" for at in times]
    axes.set_xticks(places, said)
    axes.tick_params(colors=theme.ink, labelsize=theme.size(9), length=0)
    axes.grid(visible=True, axis="x", color=theme.rule, linewidth=0.7)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _legend(frame: Frame, axes: Axes) -> None:
    """Say what the marks mean, with marks that stand outside the picture."""
    theme = frame.theme
    marks = (
        ("message", "o", theme.paper, theme.under), ("template", "s", theme.solid, theme.solid),
        ("free_form", "s", theme.paper, theme.solid), ("referral", "o", "none", theme.over),
        ("charged", "D", theme.over, theme.over), ("not_charged", "D", theme.paper, theme.faint),
    )  # fmt: skip
    for key, marker, face, edge in marks:
        axes.plot([], [], marker=marker, linestyle="none", markersize=7, markerfacecolor=face, markeredgecolor=edge,
                  label=frame.text(f"thread.{key}"))  # fmt: skip
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=6, frameon=False, fontsize=theme.size(8.5),
        labelcolor=theme.ink,
    )  # fmt: skip
