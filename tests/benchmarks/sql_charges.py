"""`auditor charges --summary` of a log of the message eras in SQL alone: DuckDB reads, checks, merges and prices.

`python sql_charges.py LOG.csv ACCOUNT.toml MARKETS.csv CARD [CARD ...]` prints a SUMMARY (formats.md §8) as JSON. Cards
go from the lowest layer to the highest; a folder of files is one layer.

Written from pricing.md and formats.md, as one would who has nothing but the pages and a database: a statement for each
step, in the order of `STEPS`. It has the rules of message-v1 and message-v2, every one of them. It leaves out what the
log lacks (formats.md §6: the losses that are looked for and made once more on purpose), the cross-check with Meta's own
verdicts, and spellings that formats.md §1 does not name. A log with a charge of an earlier era is refused.
"""

import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import ROUND_HALF_UP
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

FREE = 1000
_UNSTATED = (("factor", "null"), ("plus", "null"), ("basis", "'contract'"))
TEXTS = (
    "message_id", "waba_id", "phone_number_id", "user", "country", "direction", "template_category", "referral",
    "origin", "group_id", "logged_amount", "max_price", "billable",
)  # fmt: skip
TIMES = ("sent_at", "delivered_at", "read_at", "failed_at", "conversation_expires_at")

FUNCTIONS = """
create macro instant(t, zone) as case
  when t is null then null
  when regexp_full_match(t, '[0-9]{1,17}') then t::bigint * case when strlen(t) >= 12 then 1000 else 1000000 end
  when regexp_matches(t, '(Z|[+-][0-9]{2}(:?[0-9]{2})?)$') and strlen(t) > 10 then epoch_us(try_cast(t as timestamptz))
  else epoch_us(timezone(zone, try_cast(t as timestamp))) end;
create macro flag(t) as case when lower(t) in ('true', '1', 'yes', 'sí', 'si') then true
  when lower(t) in ('false', '0', 'no') then false end;
create macro number(t) as case when regexp_full_match(t, '-?[0-9]+([.][0-9]+)?') then t::decimal(38, 12) end;
create macro digits(t) as case when regexp_full_match(t, '[0-9]+') then t
  else regexp_replace(t, '^(?i:whatsapp:)|[+ ]', '', 'g') end;
"""

# What the account file and the tables of markets and rates say. `place` has one row for each calling code, and each
# country, in each stretch of days; a code that several countries share has them all.
TABLES = """
create table waba (waba_id varchar, zone varchar, currency varchar, owner varchar, home varchar);
create table phone (phone_number_id varchar, owned_by varchar);
create table abroad (waba_id varchar, country varchar, since bigint);
create table opening (owner varchar, market varchar, category varchar, month varchar, volume bigint);
create table card (layer int, first date, last date, currency varchar, market varchar, category varchar,
  tier_from bigint, tier_to bigint, rate decimal(38, 12), factor decimal(38, 12), plus decimal(38, 12), basis varchar);
create table place as
  with listed as (
    select unnest(['+' || code for code in string_split(calling_code, '|')] || [iso2]) as place, iso2, market,
      valid_from::date as first from read_csv($markets, all_varchar = true)),
  every as (select place, list(distinct iso2) as countries from listed group by place)
  select place, countries, any_value(market) as market,
    case when row_number() over own > 1 then first else date '0001-01-01' end as first,
    coalesce(lead(first) over own, date '9999-12-31') as before
  from listed join every using (place) group by place, countries, first
  window own as (partition by place order by first);
"""

CHECKED = """
create table raw as select {columns} from read_csv($log, header = true, all_varchar = true);
create table row as
  with told as (
    select rowid as row, nullif(trim(message_id), '') as message_id, nullif(trim(waba_id), '') as stated,
      nullif(trim(phone_number_id), '') as phone_number_id, nullif(digits(trim("user")), '') as "user",
      upper(nullif(trim(country), '')) as country, lower(nullif(trim(direction), '')) as direction,
      lower(nullif(trim(template_category), '')) as category, nullif(trim(referral), '') as referral,
      lower(nullif(trim(origin), '')) as origin, nullif(trim(group_id), '') as group_id,
      nullif(trim(logged_amount), '') as logged_amount, nullif(trim(max_price), '') as max_price,
      nullif(trim(billable), '') as billable, {trimmed}
    from raw),
  read as (
    select told.* exclude (referral, {times}), coalesce(stated, owned_by) as waba_id,
      flag(referral) as referral, referral is not null and flag(referral) is null as bad_referral,
      number(logged_amount) as paid, number(max_price) as limit_,
      {instants}, {unread}
    from told left join phone using (phone_number_id) left join waba on waba.waba_id = coalesce(stated, owned_by))
  select *, case
    when coalesce(message_id, phone_number_id, "user", direction) is null then 'blank'
    when regexp_full_match(concat_ws('|', message_id, phone_number_id, "user", waba_id),
      '.*[0-9][.,][0-9]+[eE][+]?[0-9]+([|].*)?') then 'id damaged'
    when message_id is null then 'no message_id'
    when phone_number_id is null then 'no phone_number_id'
    when "user" is null then 'no user'
    when direction is null then 'no direction'
    when direction not in ('inbound', 'outbound') then 'unknown direction'
    when category not in ('marketing', 'utility', 'authentication', 'marketing_lite') then 'unknown category'
    when origin not in ('api', 'app', 'agent') then 'unknown origin'
    when not regexp_full_match(country, '[A-Z]{{2}}') and not regexp_full_match("user", '[0-9]+') then 'unknown country'
    when bad_referral then 'bad referral'
    when billable is not null and flag(billable) is null then 'bad billable'
    when logged_amount is not null and paid is null then 'bad logged_amount'
    when max_price is not null and limit_ is null then 'bad max_price'
    when waba_id is null then 'no waba'
    when waba_id not in (select waba_id from waba) then 'unknown waba'
    when {any_unread} then 'time unreadable'
    when least({times}) < epoch_us(timestamptz '2015-01-01 00:00:00+00')
      or greatest({times}) > epoch_us(now()) + 366 * 86400000000 then 'time out of range'
    when direction = 'inbound' and sent_at is null then 'inbound without time'
    end as fault
  from read;
"""

MERGED = """
create table message as
  select direction, phone_number_id, message_id, "user", arg_min(waba_id, row) as waba_id,
    arg_min(country, row) as country, arg_min(category, row) as category, arg_min(referral, row) as referral,
    arg_min(origin, row) as origin, arg_min(group_id, row) as group_id, arg_min(paid, row) as paid,
    arg_min(limit_, row) as limit_, min(sent_at) as sent, coalesce(min(delivered_at), min(read_at)) as billed,
    min(delivered_at) is null and min(read_at) is not null as read_only, min(failed_at) is not null as failed
  from row where fault is null group by direction, phone_number_id, message_id, "user"
  having direction = 'inbound' or arg_min(origin, row) is distinct from 'app';
create table several as
  select phone_number_id, message_id from message where direction = 'outbound'
  group by phone_number_id, message_id having count(*) > 1;
create table unit as
  select m.* exclude (direction, country, referral, read_only), coalesce(sent, billed) as said,
    coalesce('group ' || group_id, "user") as written_to, group_id is not null or s.message_id is not null as grouped,
    case when regexp_full_match("user", '[0-9]+') then coalesce(p4.place, p3.place, p2.place, p1.place, '+')
      else country end as place, w.currency, w.owner, w.home,
    timezone(w.zone, make_timestamptz(billed))::date as day
  from message m join waba w using (waba_id) left join several s using (phone_number_id, message_id)
  left join (select distinct place from place) p4 on p4.place = '+' || "user"[:4]
  left join (select distinct place from place) p3 on p3.place = '+' || "user"[:3]
  left join (select distinct place from place) p2 on p2.place = '+' || "user"[:2]
  left join (select distinct place from place) p1 on p1.place = '+' || "user"[:1]
  where direction = 'outbound' and billed is not null;
"""

# Windows. `answer` is each referral with the first message that answers it: only such a message can open an entry
# point. One that opens forgets the referrals received while it is open; `entry` steps from one to the next, all threads
# at once.
WALKED = """
create table heard as
  select phone_number_id, coalesce('group ' || group_id, "user") as written_to, sent as wrote
  from message where direction = 'inbound';
create table answer as
  select phone_number_id, "user", r.sent as referred, min((u.billed, u.message_id)) as turn
  from message r join unit u using (phone_number_id, "user")
  where r.direction = 'inbound' and r.referral and u.said >= r.sent and u.said < r.sent + 86400000000
    and u.origin is distinct from 'agent'
  group by phone_number_id, "user", r.sent;
create table entry as
  with recursive chain as (
    select phone_number_id, "user", min(turn) as turn, [min(turn)[1]] as opened from answer group by all
    union all
    select phone_number_id, "user", min(a.turn), list_append(any_value(opened), min(a.turn)[1])
    from chain c join answer a using (phone_number_id, "user")
    where a.turn[1] >= c.turn[1] + 3 * 86400000000 and a.turn > c.turn
      and not list_bool_or([referred >= since and referred < since + 3 * 86400000000 for since in opened])
    group by phone_number_id, "user", c.turn
  )
  select phone_number_id, "user", turn[1] as opened, turn[2] as opener from chain;
create table walked as
  select u.*, u.day >= date '2026-10-01' as second, coalesce(category, 'service') as said_category,
    coalesce(u.billed < e.opened + 3 * 86400000000 and (u.billed, u.message_id) >= (e.opened, e.opener), false)
      as in_entry
  from unit u asof left join entry e
    on u.phone_number_id = e.phone_number_id and u."user" = e."user" and u.billed >= e.opened;
create table judged as
  with windows as (
    select u.*, coalesce(u.said < h.wrote + 86400000000, false) as in_window
    from walked u asof left join heard h
      on u.phone_number_id = h.phone_number_id and u.written_to = h.written_to and u.said >= h.wrote),
  held as (
    select w.*, in_window and not second and category = 'utility' and coalesce(w.billed >= h.wrote + 86400000000, true)
      as split
    from windows w asof left join heard h
      on w.phone_number_id = h.phone_number_id and w.written_to = h.written_to and w.billed >= h.wrote)
  select * exclude (said_category, split), said_category as asked,
    case when origin = 'agent' then 'outside_audit' when in_entry then 'free_entry_point'
      when not second and (category is null or category = 'utility' and in_window) then 'free_customer_service' end
      as verdict,
    split and not in_entry and origin is distinct from 'agent' as split,
    category is null and not in_window and not in_entry and origin is distinct from 'agent' as outside
  from held;
"""

# Allowances and tiers. A free unit keeps its category; what is charged is priced by the place's own.
COUNTED = """
create table allowed as
  select j.* exclude (verdict), coalesce(j.verdict, case when second and category is null and row_number() over (
      partition by phone_number_id, date_trunc('month', day), verdict is null and second and category is null
      order by billed, message_id, "user") <= $free then 'free_customer_service' end) as verdict
  from judged j;
create table placed as
  select u.* exclude (place, home, said),
    coalesce(p.market, case when u.place is not null then 'Other' else '' end) as market,
    verdict is null or split as wanted,
    verdict is null and limit_ is not null and asked in ('marketing', 'marketing_lite') as limited,
    case when (verdict is null or split) and asked = 'authentication' and home is not null
      and not list_contains(coalesce(p.countries, [u.place]), home) and exists (
        from abroad a where a.waba_id = u.waba_id and a.since <= u.billed
          and list_contains(coalesce(p.countries, [u.place]), a.country))
      then 'authentication_international' else asked end as priced
  from allowed u left join place p on p.place = u.place and u.day >= p.first and u.day < p.before;
create table numbered as
  select u.*, case when tiered then coalesce(volume, 0) + 1 + coalesce(sum((verdict is null)::int) over (
      partition by tiered, u.owner, u.market, shared, u.month order by billed, message_id, "user"
      rows between unbounded preceding and 1 preceding), 0) else 0 end as ordinal, volume is not null as opened
  from (
    select *, strftime(day, '%Y-%m') as month, replace(priced, '_international', '') as shared,
      wanted and not grouped and priced in ('utility', 'authentication', 'authentication_international')
        and (currency, shared) in (
          select (currency, replace(category, '_international', '')) from card where tier_from is not null) as tiered
    from placed) u
  left join opening o on o.owner = u.owner and o.market = u.market and o.category = shared and o.month = u.month;
"""

# Rates: for each currency, market, category and day one row for each number from which another may hold (0: without
# tiers). A layer's row goes before what lies beneath; a mark-up is taken of that.
KEYS = """
create table key as
  select distinct currency, market, priced as category, day from numbered where wanted and not limited
  union select distinct currency, market, 'marketing', day from numbered where wanted and priced = 'marketing_lite';
create table price_0 as
  select distinct k.*, unnest([0, 1] || [greatest(c.tier_from, 1), c.tier_to + 1]) as number,
    null::decimal(38, 12) as rate, null::bigint as tier_from, null::varchar as basis
  from key k left join card c on c.currency = k.currency and c.market in (k.market, '*') and c.category = k.category
    and c.tier_from is not null and k.day between c.first and coalesce(c.last, k.day);
delete from price_0 where number is null;
"""
LAYER = """
create table price_{next} as
  with chosen as (
    select k.currency, k.market, k.category, k.day, k.number,
      arg_min(c, (c.category <> k.category, c.market = '*', c.tier_from is null)) as c
    from price_{layer} k join card c on c.layer = {layer} and c.currency = k.currency
      and (c.category = k.category or k.category = 'marketing_lite' and c.category = 'marketing')
      and c.market in (k.market, '*') and k.day between c.first and coalesce(c.last, k.day)
      and (c.tier_from is null or k.number > 0 and k.number between c.tier_from and coalesce(c.tier_to, k.number))
    group by all)
  select k.* exclude (rate, tier_from, basis),
    case when c.c is null then k.rate when c.c.rate is not null then c.c.rate
      else (b.rate * coalesce(c.c.factor, 1) + coalesce(c.c.plus, 0))::decimal(38, 12) end as rate,
    case when c.c is null then k.tier_from when c.c.rate is not null then c.c.tier_from
      else coalesce(c.c.tier_from, b.tier_from) end as tier_from,
    case when c.c is null then k.basis else c.c.basis end as basis
  from price_{layer} k left join chosen c using (currency, market, category, day, number)
  left join price_{layer} b on b.currency = k.currency and b.market = k.market and b.category = c.c.category
    and b.day = k.day and b.number = k.number;
"""
CHARGED = """
create table price as
  select *, min(rate) filter (where starts) over later as later_lowest, min(number) over later as next
  from (select p.*, exists (from card c where c.tier_from = p.number and c.currency = p.currency
      and c.market in (p.market, '*') and c.category = p.category) as starts from price_{layers} p)
  window later as (partition by currency, market, category, day order by number
    rows between 1 following and unbounded following);
create table charge as
  with known as (
    select u.*, p.tier_from, p.basis,
      case when limited then u.paid else p.rate end as found, p.rate as listed,
      tiered and verdict is null and p.tier_from is not null and not opened as unknown,
      least(p.rate, p.later_lowest) as lowest
    from numbered u left join price p
      on u.currency = p.currency and u.market = p.market and u.priced = p.category and u.day = p.day
      and u.ordinal >= p.number and u.ordinal < coalesce(p.next, u.ordinal + 1) and u.wanted and not u.limited)
  select case when grouped then message_id || '#' || "user" else message_id end as unit_id, waba_id, phone_number_id,
    "user", market, currency, case when verdict is null and not limited then priced else asked end as category,
    coalesce(verdict, case when found is null then 'unrated' else 'regular' end) as pricing_type, billed, day, month,
    case when verdict is null and not limited then tier_from end as tier_from, grouped, basis,
    case when verdict = 'outside_audit' then null when verdict is null then found else 0 end as amount,
    case when verdict = 'outside_audit' then null when verdict is not null then 0
      when unknown then lowest else found end as low,
    case when verdict = 'outside_audit' then null when verdict is null then found
      when split then coalesce(listed, 0) else 0 end as high,
    concat_ws(';', case when limited and found > limit_ then 'above_max_price' end,
      case when failed then 'failed_after_delivery' end,
      case when limited and found is null then 'max_price_unknown' end,
      case when verdict is null and not limited and found is null and market = '' then 'no_market' end,
      case when verdict is null and not limited and found is null and market <> '' then 'no_rate' end,
      case when outside then 'outside_window' end,
      case when unknown and found is not null then 'tier_volume_unknown' end,
      case when split then 'window_split' end) as reason
  from known;
"""

SUMMARY = {
    "eras": "select count(*) from unit where day < date '2025-07-01'",
    "expected": """
      select currency, sum(amount), sum(low), sum(high) from charge
      where day between $first and $last and pricing_type <> 'outside_audit' group by currency order by currency""",
    "lines": """
      select waba_id, month, market, category, pricing_type, currency, count(*), sum(amount), sum(low), sum(high)
      from charge where day between $first and $last and pricing_type <> 'outside_audit'
      group by all order by waba_id, month, market, category, pricing_type, currency""",
    "imports": "select coalesce(fault, ''), count(*), min(row) + 2 from row group by fault order by 1",
    "tiers_not_on_file": """
      select market || ' / ' || category, count(*) from charge
      where day between $first and $last and pricing_type = 'regular' and not grouped and tier_from is null
        and category in ('utility', 'authentication', 'authentication_international')
        and basis is distinct from 'contract'
        and not exists (from card c where c.tier_from is not null and c.currency = charge.currency
          and c.market in (charge.market, '*') and c.category = charge.category
          and charge.day between c.first and coalesce(c.last, charge.day))
      group by 1 order by 1""",
    "health": """
      select (select count(*) from row where fault is null) - count(*) as duplicates,
        count(*) filter (where read_only and direction = 'outbound') as read_without_delivered,
        count(*) filter (where direction = 'outbound' and billed is not null and sent is null) as unsent,
        count(*) filter (where direction = 'outbound' and billed is null and not failed) as sent_without_end,
        count(*) filter (where direction = 'outbound' and billed < sent) as delivered_before_sent,
        (select count(*) from charge where contains(reason, 'failed_after')) as failed_after_delivery,
        (select count(*) from charge where contains(reason, 'no_market')) as unmapped_users,
        (select count(*) from charge where contains(reason, 'outside_window')) as answers_outside_window,
        min(coalesce(sent, billed)), max(coalesce(sent, billed)), count(coalesce(sent, billed))
      from message""",
    "coverage": """
      select phone_number_id, timezone(zone, make_timestamptz(coalesce(sent, billed)))::date as day, count(*)
      from message join waba using (waba_id) where coalesce(sent, billed) is not null group by 1, 2 order by 1, 2""",
    "activity": """
      with event as (
        select phone_number_id, unnest([sent_at, delivered_at, read_at]) as billed from row where fault is null)
      select phone_number_id, billed // 60000000 as minute, count(*) from event where billed is not null
      group by 1, 2""",
}


def tables(connection: duckdb.DuckDBPyConnection, account: Mapping[str, Any], cards: Sequence[Path]) -> int:
    """Fill the tables of the account and the rates; give how many layers of rates there are."""
    for waba in account["waba"]:
        own = (waba["id"], waba["time_zone"], waba["currency"])
        owner = waba.get("portfolio") or f"\0{waba['id']}"
        connection.execute("insert into waba values (?, ?, ?, ?, ?)", [*own, owner, waba.get("primary_location")])
        for number in waba.get("numbers", ()):
            name = number if isinstance(number, str) else number["id"]
            connection.execute("insert into phone values (?, ?)", [name, waba["id"]])
        for country, since in waba.get("authentication_international", {}).items():
            connection.execute(
                "insert into abroad values (?, ?, instant(?, ?))", [waba["id"], country, str(since), waba["time_zone"]]
            )
    if len(account["waba"]) == 1:  # the only one has every number
        connection.execute("insert into phone select distinct trim(phone_number_id), ? from raw", [waba["id"]])
        connection.execute("create or replace table phone as select distinct * from phone")
    for stated in account.get("opening_volume", ()):
        values = [stated[name] for name in ("portfolio", "market", "category", "month", "volume")]
        connection.execute("insert into opening values (?, ?, ?, ?, ?)", values)
    for layer, card in enumerate(cards):
        for file in sorted(card.glob("*.csv")) if card.is_dir() else [card]:
            stated = connection.execute("from read_csv($file, all_varchar = true) limit 0", {"file": str(file)})
            known = {one[0] for one in stated.description or ()}
            columns = [name if name in known else f"{none} as {name}" for name, none in _UNSTATED]
            connection.execute(
                f"insert into card select {layer}, effective_from, effective_to, currency, "  # noqa: S608 - known words
                f"market, category, tier_from, tier_to, rate, "
                f"{', '.join(columns)} from read_csv($file, all_varchar = true)",
                {"file": str(file)},
            )
    return len(cards)


def statements(present: Sequence[str]) -> Iterator[str]:
    """Give the statements that read and check a log that has these columns."""
    times = [name for name in TIMES if name in present]
    lacking = [f'null::varchar as "{name}"' for name in TEXTS if name not in present]
    kept = [f'"{name}"' for name in (*TEXTS, *TIMES) if name in present]
    made = [f"null::bigint as {name}" for name in TIMES if name not in present]
    yield from CHECKED.format(
        columns=", ".join([*kept, *lacking]),
        trimmed=", ".join(f"nullif(trim({name}), '') as {name}" for name in times),
        times=", ".join(times),
        instants=", ".join([*(f"instant({name}, zone) as {name}" for name in times), *made]),
        unread=", ".join(f"{name} is not null and instant({name}, zone) is null as un{name}" for name in times),
        any_unread=" or ".join(f"un{name}" for name in times),
    ).split(";\n")


def charge(log: Path, account: Mapping[str, Any], markets: Path, cards: Sequence[Path], free: int = FREE) -> Any:
    """Charge a log; gives the connection, whose table `charge` has a row for each charge."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    run(connection, FUNCTIONS)
    run(connection, TABLES, markets=str(markets))
    heads = connection.execute("from read_csv($log, header = true, all_varchar = true) limit 0", {"log": str(log)})
    raw, checked, *_ = statements([one[0] for one in heads.description or ()])
    run(connection, raw, log=str(log))
    layers = tables(connection, account, cards)
    run(connection, checked)
    for step in (MERGED, WALKED):
        run(connection, step)
    run(connection, COUNTED, free=free)
    run(connection, KEYS)
    for layer in range(layers):
        run(connection, LAYER.format(layer=layer, next=layer + 1))
    run(connection, CHARGED.format(layers=layers))
    return connection


def run(connection: duckdb.DuckDBPyConnection, script: str, **given: object) -> None:
    """Run the statements of a script, one after another."""
    for statement in script.split(";\n"):
        if statement.strip():
            connection.execute(statement, {name: one for name, one in given.items() if f"${name}" in statement})


def money(amount: Decimal | None) -> str | None:
    """Round to cents, half up."""
    return None if amount is None else str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def summary(connection: duckdb.DuckDBPyConnection, log: Path, first: str, last: str) -> dict[str, Any]:
    """Give SUMMARY's totals, lines, imports and counts of the log's health; raises ValueError for an earlier era."""
    found, heads = {}, {}
    for name, query in SUMMARY.items():
        given = {"first": first, "last": last} if "$first" in query else {}
        asked = connection.execute(query, given)
        heads[name] = [one[0] for one in asked.description or ()]
        found[name] = asked.fetchall()
    if found["eras"][0][0]:
        raise ValueError("the log has charges of an era before messages were charged singly")
    health = dict(zip(heads["health"], found["health"][0], strict=True))
    with log.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "expected": {
            currency: dict(zip(("amount", "low", "high"), map(money, sums), strict=True))
            for currency, *sums in found["expected"]
        },
        "lines": [[*line[:7], *map(money, line[7:])] for line in found["lines"]],
        "tiers_not_on_file": dict(found["tiers_not_on_file"]),
        "health": health,
        "coverage": len(found["coverage"]),
        "imports": {"sha256": sha256, "rows": {fault: count for fault, count, _ in found["imports"]}},
    }


def main(log: str, account_file: str, markets: str, *cards: str) -> None:
    """Charge the log and write its SUMMARY."""
    account = tomllib.loads(Path(account_file).read_text(encoding="utf-8"))
    month = account["audit"]["period"]
    connection = charge(Path(log), account, Path(markets), [Path(card) for card in cards])
    ((last,),) = connection.execute("select last_day((? || '-01')::date)", [month]).fetchall()
    json.dump(summary(connection, Path(log), f"{month}-01", str(last)), sys.stdout, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
