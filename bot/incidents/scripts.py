"""Lua for the incident store: each script is one atomic step on the keys of one incident, for Redis 6.2.

The `incident` hash holds `record` (JSON, never changed), `state`, `alarm_state`, `occurrences`, `last_seen`, `fired`
(stamp of the latest firing of its own alarm), `run`, `flaps`, `rerun_at` (seconds), `resolved_by`, `reopened_by` and
`reopened_run`. The `members` hash holds per fingerprint `<f>` (JSON, never changed), `<f>/state`, `<f>/count`,
`<f>/last` and `<f>/fired`.
"""

from __future__ import annotations

OPEN = """
-- KEYS: incident, work, seen, epoch. ARGV: record, last seen, token, ttl, epoch ttl, stamp. -> 1 opened, 0 existed already
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'record', ARGV[1], 'state', 'open', 'alarm_state', 'firing', 'occurrences', 1,
  'last_seen', ARGV[2], 'fired', ARGV[6], 'run', 1, 'flaps', 0)
redis.call('HSET', KEYS[2], 'run:1', 'queued')
redis.call('SADD', KEYS[3], ARGV[3])
redis.call('SET', KEYS[4], 0, 'EX', ARGV[5])
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end
return 1
"""

POINT = """
-- KEYS: alarm pointer. ARGV: the incident it is believed to name, the one to name now, ttl. -> 1 moved, 0 it named another
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

FIRE = """
-- KEYS: incident, seen, members, work. ARGV: token, last seen, ttl, fingerprint, member record ('' for the incident's own
-- alarm), stamp, now in seconds, pause in seconds, '1' when it may begin again.
-- -> {'counted'}, {'reopened', run or 0}, or {'over'} when the incident is not open (any more)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'over'} end
if redis.call('HGET', KEYS[1], 'reopened_by') == ARGV[1] then
  return {'reopened', tonumber(redis.call('HGET', KEYS[1], 'reopened_run'))}
end
if state ~= 'open' and ARGV[9] ~= '1' then return {'over'} end
if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return {'counted'} end
local f = ARGV[4]
if ARGV[5] == '' then
  redis.call('HINCRBY', KEYS[1], 'occurrences', 1)
  redis.call('HSET', KEYS[1], 'alarm_state', 'firing', 'fired', ARGV[6])
else
  redis.call('HSETNX', KEYS[3], f, ARGV[5])
  redis.call('HINCRBY', KEYS[3], f .. '/count', 1)
  redis.call('HSET', KEYS[3], f .. '/state', 'firing', f .. '/last', ARGV[2], f .. '/fired', ARGV[6])
end
redis.call('HSET', KEYS[1], 'last_seen', ARGV[2])
for i = 1, 4 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
if state == 'open' then return {'counted'} end
local highest, waits = 0, false
local work = redis.call('HGETALL', KEYS[4])
for i = 1, #work, 2 do
  local number = tonumber(string.match(work[i], '^run:(%d+)$'))
  if number then
    highest = math.max(highest, number)
    waits = waits or work[i + 1] == 'queued' or work[i + 1] == 'running'
  end
end
local before = tonumber(redis.call('HGET', KEYS[1], 'rerun_at') or '')
local run = 0
if not waits and (not before or tonumber(ARGV[7]) - before >= tonumber(ARGV[8])) then
  run = highest + 1
  redis.call('HSET', KEYS[4], 'run:' .. run, 'queued')
  redis.call('HSET', KEYS[1], 'rerun_at', ARGV[7], 'run', run, 'flaps', 0)
else
  redis.call('HINCRBY', KEYS[1], 'flaps', 1)
end
redis.call('HSET', KEYS[1], 'state', 'open', 'reopened_by', ARGV[1], 'reopened_run', run)
redis.call('HDEL', KEYS[1], 'resolved_by')
return {'reopened', run}
"""

RESOLVE = """
-- KEYS: incident, members. ARGV: token, last seen, ttl, fingerprint ('' for the incident's own alarm), the stamp of its
-- latest firing as it was looked at. -> 'closed', 'eased' (others still fire), 'old' (was over before), 'again' (fired since)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'old' end
if state ~= 'open' then
  return redis.call('HGET', KEYS[1], 'resolved_by') == ARGV[1] and 'closed' or 'old'
end
local own = ARGV[4] == ''
local fired = own and redis.call('HGET', KEYS[1], 'fired') or redis.call('HGET', KEYS[2], ARGV[4] .. '/fired')
if (fired or '') ~= ARGV[5] then return 'again' end
if own then
  redis.call('HSET', KEYS[1], 'alarm_state', 'resolved')
else
  redis.call('HSET', KEYS[2], ARGV[4] .. '/state', 'resolved')
end
redis.call('HSET', KEYS[1], 'last_seen', ARGV[2])
for i = 1, 2 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
if redis.call('HGET', KEYS[1], 'alarm_state') == 'firing' then return 'eased' end
local members = redis.call('HGETALL', KEYS[2])
for i = 1, #members, 2 do
  if string.match(members[i], '/state$') and members[i + 1] == 'firing' then return 'eased' end
end
redis.call('HSET', KEYS[1], 'state', 'resolved', 'resolved_by', ARGV[1])
return 'closed'
"""

CLOSE = """
-- KEYS: incident. ARGV: why, last seen, ttl. -> 1 closed, 0 it was not open
if redis.call('HGET', KEYS[1], 'state') ~= 'open' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'resolved', 'resolved_by', ARGV[1], 'last_seen', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
