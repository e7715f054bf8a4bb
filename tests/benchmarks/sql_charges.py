"""The rules of `plain_charges.py` in SQL alone: DuckDB reads the CSV, merges, finds entry points and prices.

`python sql_charges.py LOG.csv CARD.csv MARKETS.csv` prints the total.
"""

import sys

import duckdb

# `answer` is each referral with the first message that answers it: only such a message can open an entry point. One
# that opens forgets the referrals received while it is open; `entry` steps from one to the next, all threads at once.
STEPS = """
create table message as
  select direction, phone_number_id, message_id, "user", first(template_category) as category,
    first(referral) as referral, epoch_us(min(sent_at)) as said,
    epoch_us(coalesce(min(delivered_at), min(read_at))) as moment
  from read_csv(?, header = true, columns = {'message_id': 'varchar', 'phone_number_id': 'varchar', 'user': 'varchar',
    'direction': 'varchar', 'template_category': 'varchar', 'referral': 'boolean', 'sent_at': 'timestamptz',
    'delivered_at': 'timestamptz', 'read_at': 'timestamptz'})
  group by direction, phone_number_id, message_id, "user";
create table unit as
  select * exclude (direction, referral) from message where direction = 'outbound' and moment is not null;
create table answer as
  select phone_number_id, "user", r.said as referred, min((u.moment, u.message_id)) as turn
  from message r join unit u using (phone_number_id, "user")
  where r.direction = 'inbound' and r.referral and coalesce(u.said, u.moment) >= r.said
    and coalesce(u.said, u.moment) < r.said + 86400000000
  group by phone_number_id, "user", r.said;
create table entry as
  with recursive chain as (
    select phone_number_id, "user", min(turn) as turn, [min(turn)[1]] as opened from answer group by all
    union all
    select phone_number_id, "user", min(a.turn), list_append(any_value(opened), min(a.turn)[1])
    from chain c join answer a using (phone_number_id, "user")
    where a.turn[1] >= c.turn[1] + 3 * 86400000000
      and not list_bool_or([referred >= since and referred < since + 3 * 86400000000 for since in opened])
    group by phone_number_id, "user", c.turn
  )
  select phone_number_id, "user", turn[1] as opened, turn[2] as opener from chain;
create table placed as
  select u.* exclude (category, said), coalesce(nullif(category, ''), 'service') as category,
    coalesce(u.moment < e.opened + 3 * 86400000000 and (u.moment, u.message_id) >= (e.opened, e.opener), false) as free
  from unit u asof left join entry e
    on u.phone_number_id = e.phone_number_id and u."user" = e."user" and u.moment >= e.opened;
create table prefix as
  select unnest(string_split(calling_code, '|')) as code, market from read_csv(?, all_varchar = true);
create table rate as
  select market, category, rate::decimal(18, 6) as rate from read_csv(?, all_varchar = true);
create table counted as
  select *, row_number() over (
    partition by phone_number_id, strftime(make_timestamp(moment) - interval 5 hours, '%Y-%m'), free, category
    order by moment, message_id) as turn
  from placed;
"""
# Lima is five hours behind UTC all the year round. A rate of a market goes before one of all.
TOTAL = """
select sum(coalesce(own.rate, anywhere.rate))
from counted c
left join prefix p4 on p4.code = c."user"[:4] left join prefix p3 on p3.code = c."user"[:3]
left join prefix p2 on p2.code = c."user"[:2] left join prefix p1 on p1.code = c."user"[:1]
left join rate own on own.market = coalesce(p4.market, p3.market, p2.market, p1.market, 'Other')
  and own.category = c.category
left join rate anywhere on anywhere.market = '*' and anywhere.category = c.category
where not free and not (c.category = 'service' and turn <= 1000)
"""


def main(log: str, card: str, markets: str) -> None:
    """Charge the log and sum the charges."""
    connection = duckdb.connect()
    given = iter((log, markets, card))
    for step in STEPS.split(";\n"):
        if step.strip():
            connection.execute(step, [next(given) for _ in range(step.count("?"))])
    sys.stdout.write(f"{connection.execute(TOTAL).fetchall()[0][0]}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
