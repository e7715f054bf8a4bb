"""The rules of one regime as a user of pandas would write them: groups, and a function applied to each.

`python pandas_charges.py LOG.csv CARD.csv MARKETS.csv` prints the total, which is exact: rates are whole
millionths.
"""

import sys

import numpy as np
import pandas as pd

DAY, THREE_DAYS = pd.Timedelta(hours=24), pd.Timedelta(hours=72)
KEY = ["direction", "phone_number_id", "message_id", "user"]
TIMES = ["sent_at", "delivered_at", "read_at"]
FREE = 1000
MILLION = 1_000_000


def messages_of(path: str) -> pd.DataFrame:
    """Merge the rows of one message: times keep the earliest."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in TIMES:
        rows[name] = pd.to_datetime(rows[name], format="ISO8601", utc=True)
    first = {"template_category": "first", "referral": "first"}
    found = rows.groupby(KEY, sort=False, as_index=False).agg({**first, **dict.fromkeys(TIMES, "min")})
    found["at"] = found.delivered_at.fillna(found.read_at)
    return found


def in_entry(thread: pd.DataFrame) -> pd.Series:
    """Tell which delivered messages of a thread, which is in order, lie in an open free entry point."""
    pending = sorted(thread.sent_at[(thread.direction == "inbound") & (thread.referral == "true")])
    sent = thread[(thread.direction == "outbound") & thread["at"].notna()]
    found = pd.Series(False, index=sent.index)
    if not pending:
        return found
    end = None
    for place, at, said in zip(sent.index, sent["at"], sent.sent_at, strict=True):
        answered = [one for one in pending if one <= said < one + DAY]
        pending = [one for one in pending if one not in answered]
        if answered and (end is None or at >= end):
            end = at + THREE_DAYS
            pending = [one for one in pending if not at <= one < end]
        found[place] = end is not None and at < end
    return found


def main(log: str, card: str, markets: str) -> None:
    """Charge the log and sum the charges."""
    messages = messages_of(log).sort_values(["at", "message_id"])
    threads = messages.groupby(["phone_number_id", "user"], sort=False, group_keys=False)
    units = messages[(messages.direction == "outbound") & messages["at"].notna()].copy()
    units["free"] = pd.concat([in_entry(thread) for _, thread in threads]).reindex(units.index)
    coded = pd.read_csv(markets, dtype=str)
    prefixes = {code: row.market for row in coded.itertuples() for code in row.calling_code.split("|")}
    market = pd.Series("Other", index=units.index)
    for length in (1, 2, 3, 4):
        found = units.user.str[:length].map(prefixes)
        market = found.fillna(market)
    category = units.template_category.where(units.template_category != "", "service")
    month = units["at"].dt.tz_convert("America/Lima").dt.strftime("%Y-%m")
    counted = units[~units.free & (category == "service")]
    turn = counted.groupby([counted.phone_number_id, month[counted.index]]).cumcount()
    free = units.free.copy()
    free[turn.index[turn < FREE]] = True
    rates = {(row.market, row.category): round(float(row.rate) * MILLION) for row in pd.read_csv(card).itertuples()}
    keys = zip(market[~free], category[~free], strict=True)
    total = int(np.sum([rates.get(key, rates["*", key[1]]) for key in keys], dtype=np.int64))
    sys.stdout.write(f"{total // MILLION}.{total % MILLION:06d}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
