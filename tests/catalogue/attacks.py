"""Expressions that must never be accepted: files, settings, other tables, code, look-alikes, sheer size."""

from __future__ import annotations

_FILES = """
read_csv('/etc/passwd')
read_csv_auto('/etc/passwd')
read_parquet('x.parquet')
read_json('x.json')
read_json_auto('x.json')
read_text('/etc/passwd')
read_blob('/etc/passwd')
read_ndjson('x')
parquet_scan('x')
parquet_metadata('x')
glob('/*')
sniff_csv('x')
iceberg_scan('x')
delta_scan('x')
st_read('x')
sqlite_scan('x', 'y')
postgres_scan('', '', '')
mysql_query('x', 'y')
copy_database('x')
"""

_ENVIRONMENT = """
getenv('HOME')
current_setting('memory_limit')
set_config('a', 'b', false)
pragma_version()
version()
current_database()
current_schema()
current_user
session_user
user
current_date
current_timestamp
localtimestamp
now()
today()
random()
uuid()
gen_random_uuid()
setseed(0.5)
nextval('s')
currval('s')
txid_current()
pg_sleep(10)
sleep_ms(1000)
which_secret('a', 'b')
duckdb_secrets()
duckdb_settings()
duckdb_functions()
hash(city)
getvariable('x')
"""

_STATEMENTS = """
wait_s; drop table rows
wait_s;
select 1
(select 1)
(select max(wait_s) from rows_calls) > 1
wait_s in (select 1)
wait_s in (select wait_s from rows_calls)
exists (select 1)
wait_s > all (select 1)
wait_s = any (select 1)
wait_s = any ([1, 2])
from rows_calls
table rows_calls
values (1)
with x as (select 1) select * from x
copy rows to 'x'
attach 'x.db'
install httpfs
load httpfs
pragma database_list
set memory_limit = '1GB'
call pragma_version()
drop table rows
create table x (y int)
insert into x values (1)
update x set y = 1
delete from x
export database 'x'
wait_s > 1 union select 1
wait_s > 1 limit 1
wait_s > 1 order by 1
wait_s as x
"""

_FORMS = """
*
count(*)
sum(wait_s)
max(wait_s)
list(wait_s)
string_agg(city, ',')
row_number() over ()
sum(wait_s) over (partition by city)
lag(wait_s) over (order by start)
count(*) filter (where queued)
[1, 2, 3]
[x for x in [1, 2]]
{'a': 1}
map {'a': 1}
struct_pack(a := 1)
row(1, 2)
(1, 2)
(wait_s, talk_s) in ((1, 2))
(wait_s, talk_s) = (1, 2)
list_transform([1], x -> x + 1)
x -> x
city[1]
city[1:2]
city.upper()
rows_calls.city
main.rows_calls.city
wait_s::varchar
cast(wait_s as varchar)
try_cast(city as int[])
try_cast(city as struct(a int))
try_cast(city as json)
try_cast(city as blob)
date '2026-01-01'
timestamp '2026-01-01'
interval 1 day
start + interval 1 day
finish - start
extract(hour from start)
date_part('hour', start)
date_trunc('day', start)
strftime(start, '%Y')
start at time zone 'UTC'
columns('.*')
unnest([1, 2])
generate_series(1, 1000000000)
range(1000000000)
repeat(city, 1000000000)
rpad(city, 1000000000, 'x')
format('{}', city)
printf('%s', city)
regexp_replace(city, '.*', 'x')
regexp_extract(city, '.*')
regexp_split_to_table(city, 'x')
string_split(city, 'x')
md5(city)
sha256(city)
base64(city)
encode(city)
to_json(city)
json_extract(city, '$')
eval('1')
query('select 1')
query_table('x')
error('x')
if(queued, 1, 2)
queued ? 1 : 2
city similar to 'x'
city ~ 'x'
city !~ 'x'
city glob 'x'
city ilike 'x'
city like 'x' escape 'y'
city collate nocase = 'x'
city is distinct from 'x'
wait_s & 1
wait_s | 1
wait_s << 60
wait_s ^ 2
wait_s ** 2
~wait_s
wait_s!
@wait_s
sqrt(wait_s)
ln(wait_s)
exp(wait_s)
pow(wait_s, 2)
nullif(wait_s)
trim(both 'x' from city)
substring(city from 1 for 2) similar to 'a'
rowid
"""

_TEXT = [
    "wait_s > 1 -- comment",
    "wait_s > 1 /* comment */",
    "wait_s /**/ > 1",
    "wait_s > 1 # comment",
    "wait_s > ?",
    "wait_s > $1",
    "wait_s > :x",
    "wait_s > @x",
    "wait_s > {x}",
    "city = E'\\x41'",
    "city = e'a'",
    "city = X'41'",
    "city = U&'\\0041'",
    "city = N'a'",
    "city = $$a$$",
    "city = $tag$a$tag$",
    "city = `a`",
    "city = 'a",
    "city = 'a\\' or queued --'",
    "city = 'a' 'b'",
    "ｗait_s > 1",
    "wait_s ＞ 1",
    "ｃity = 'a'",
    "city = ‘a’",
    "city = 'a' аnd queued",
    "wаit_s > 1",
    "（wait_s > 1）",
    "wait_s > 1；",
    "city = \x00",
    "city = 'a\x00b'",
    "city\u00a0= 'a'",
    "city\u200b = 'a'",
    "\u202ecity = 'a'",
    "wait_s > 1e400",
    "wait_s > 1e3",
    "wait_s > 0x10",
    "wait_s > 0b1",
    "wait_s > 1_000",
    "wait_s > .5",
    "wait_s > 5.",
    "wait_s > 99999999999999999999",
    "wait_s > 1.2.3",
    "wait_s > infinity",
    "wait_s > 'nan'",
    "wait_s > 1 and",
    "and wait_s > 1",
    "wait_s >",
    "wait_s > > 1",
    "wait_s = = 1",
    "()",
    "",
    " ",
    '""',
    "wait_s wait_s",
    "(wait_s > 1",
    "wait_s > 1)",
    "(" * 50_000 + "wait_s" + ")" * 50_000,
    "[" * 50_000,
    "not " * 100_000 + "queued",
    "-" * 1500 + "wait_s",
    "wait_s" + " + wait_s" * 5_000,
    "case " * 200 + "end" * 200,
    "regexp_matches(city, '(?=a)b')",
    "regexp_matches(city, '(a+)+\\1')",
    "regexp_matches(city, '" + "(" * 500 + "a" + ")" * 500 + "')",
    "regexp_matches(city, 'a{1000}{1000}')",
    "regexp_matches(city, '')",
    "wait_s is city",
    "wait_s is (1)",
    "wait_s in city",
    "wait_s in ()",
    "wait_s in (1) in (2)",
    "1 < wait_s < 5",
    "wait_s = talk_s = 1",
    "city is null is null",
]

ATTACKS: list[str] = [
    *(line for block in (_FILES, _ENVIRONMENT, _STATEMENTS, _FORMS) for line in block.strip().splitlines()),
    *_TEXT,
]
