"""Lua for the incident store: each script is one atomic step on the keys of one incident, for Redis 6.2."""

from __future__ import annotations

OPEN = """
-- KEYS: incident, work, seen, epoch. ARGV: record, last seen, token, ttl, epoch ttl. -> 1 opened, 0 existed already
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'record', ARGV[1], 'state', 'open', 'occurrences', 1, 'last_seen', ARGV[2])
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

JOIN = """
-- KEYS: incident, seen. ARGV: token, last seen, ttl. -> 1 joined (or had joined before), 0 not open any more
if redis.call('HGET', KEYS[1], 'state') ~= 'open' then return 0 end
if redis.call('SADD', KEYS[2], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[1], 'occurrences', 1)
  redis.call('HSET', KEYS[1], 'last_seen', ARGV[2])
end
for i = 1, 2 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
return 1
"""

CLOSE = """
-- KEYS: incident. ARGV: token, last seen, ttl. -> 1 closed by this token (now or before), 0 closed by another or unknown
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 0 end
if state ~= 'open' then
  if redis.call('HGET', KEYS[1], 'resolved_by') == ARGV[1] then return 1 end
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'resolved', 'resolved_by', ARGV[1], 'last_seen', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
