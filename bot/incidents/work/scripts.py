"""Lua for the work store: each script is one atomic step on the keys of one incident, for Redis 6.2.

In the `work` hash a slot (`run:<n>`, `answer:<question>`) holds `queued`, `running` or the outcome; `active` names the
slot that was begun and not finished, which goes first; `deliveries:<slot>` and `progress:<slot>` count its tries.
"""

from __future__ import annotations

from bot.fencing import FENCE

_OWN = """
local function own(slot, progress, lease_ms, ttl, epoch_ttl)
  local epoch = redis.call('INCR', KEYS[1])
  redis.call('EXPIRE', KEYS[1], epoch_ttl)
  local before = tonumber(redis.call('HGET', KEYS[3], 'progress:' .. slot) or '0')
  if tonumber(progress) > before then
    redis.call('HSET', KEYS[3], 'progress:' .. slot, progress, 'deliveries:' .. slot, 0)
  end
  local deliveries = redis.call('HINCRBY', KEYS[3], 'deliveries:' .. slot, 1)
  redis.call('HSET', KEYS[3], 'active', slot, slot, 'running')
  redis.call('SET', KEYS[2], epoch, 'PX', lease_ms)
  redis.call('EXPIRE', KEYS[3], ttl)
  return {'yours', epoch, deliveries, slot}
end
"""

BEGIN = (
    _OWN
    + """
-- KEYS: epoch, lease, work. ARGV: slot, progress, lease ms, ttl, epoch ttl. -> {'yours', epoch, deliveries, slot} or {why not}
local slot = ARGV[1]
if redis.call('EXISTS', KEYS[3]) == 0 then return {'finished'} end
local state = redis.call('HGET', KEYS[3], slot)
if state and state ~= 'queued' and state ~= 'running' then return {'finished'} end
local active = redis.call('HGET', KEYS[3], 'active')
if redis.call('EXISTS', KEYS[2]) == 1 or (active and active ~= slot) then
  redis.call('HSETNX', KEYS[3], slot, 'queued')
  return {'busy', active or ''}
end
return own(slot, ARGV[2], ARGV[3], ARGV[4], ARGV[5])
"""
)

TAKE = (
    _OWN
    + """
-- KEYS: epoch, lease, work, waiting, questions. ARGV: progress, lease ms, ttl, epoch ttl.
-- -> {'yours', epoch, deliveries, slot, question} or {why not}
local active = redis.call('HGET', KEYS[3], 'active')
if redis.call('EXISTS', KEYS[2]) == 1 then return {'busy', active or ''} end
if active and string.sub(active, 1, 7) ~= 'answer:' then return {'busy', active} end
if not active then
  local work = redis.call('HGETALL', KEYS[3])
  for i = 1, #work, 2 do
    if string.sub(work[i], 1, 4) == 'run:' and work[i + 1] == 'queued' then return {'busy', work[i]} end
  end
end
local id = active and string.sub(active, 8) or redis.call('LPOP', KEYS[4])
if not id then return {'finished'} end
local question = redis.call('HGET', KEYS[5], id)
if not question then
  redis.call('HDEL', KEYS[3], 'active')
  return {'finished'}
end
local mine = own('answer:' .. id, ARGV[1], ARGV[2], ARGV[3], ARGV[4])
mine[5] = question
return mine
"""
)

RENEW = (
    FENCE
    + """
-- KEYS: epoch, lease, work. ARGV: epoch, lease ms, slot. Work that ended meanwhile keeps nobody waiting: a renewal may be
-- on its way while its owner finishes or gives back.
if redis.call('HGET', KEYS[3], ARGV[3]) == 'running' then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
return 1
"""
)

RELEASE = (
    FENCE
    + """
-- KEYS: epoch, lease, work. ARGV: epoch, slot. The delivery was ended in order, so it does not count.
local field = 'deliveries:' .. ARGV[2]
if tonumber(redis.call('HGET', KEYS[3], field) or '0') > 0 then redis.call('HINCRBY', KEYS[3], field, -1) end
if redis.call('HGET', KEYS[3], ARGV[2]) == 'running' then redis.call('HSET', KEYS[3], ARGV[2], 'queued') end
redis.call('DEL', KEYS[2])
return 1
"""
)

SAVE_REPORT = (
    FENCE
    + """
-- KEYS: epoch, reports. ARGV: epoch, slot, report, ttl. -> the report that was saved first
redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return redis.call('HGET', KEYS[2], ARGV[2])
"""
)

FINISH = (
    FENCE
    + """
-- KEYS: epoch, lease, work. ARGV: epoch, slot, outcome, ttl.
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
if redis.call('HGET', KEYS[3], 'active') == ARGV[2] then redis.call('HDEL', KEYS[3], 'active') end
redis.call('HDEL', KEYS[3], 'deliveries:' .. ARGV[2], 'progress:' .. ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[4])
redis.call('DEL', KEYS[2])
return 1
"""
)

PUSH = """
-- KEYS: questions, waiting, work. ARGV: id, question, ttl. -> 1 it waits now, 0 it was asked before, nil no such incident
if redis.call('EXISTS', KEYS[3]) == 0 then return false end
local new = redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
if new == 1 then redis.call('RPUSH', KEYS[2], ARGV[1]) end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
return new
"""

ABSORB = (
    FENCE
    + """
-- KEYS: epoch, work, waiting. ARGV: epoch, ttl, ids…. The questions entered the run that goes on.
for i = 3, #ARGV do
  redis.call('LREM', KEYS[3], 0, ARGV[i])
  redis.call('HSET', KEYS[2], 'answer:' .. ARGV[i], 'absorbed')
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
"""
)

REQUEST = """
-- KEYS: work. ARGV: slot, ttl. -> 1 it waits (or was asked for before), nil no such incident
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
redis.call('HSETNX', KEYS[1], ARGV[1], 'queued')
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""

NEXT = """
-- KEYS: work. ARGV: ttl. -> the number of the run that waits or goes on, else of a new one; nil no such incident
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local highest = 0
local work = redis.call('HGETALL', KEYS[1])
for i = 1, #work, 2 do
  local number = tonumber(string.match(work[i], '^run:(%d+)$'))
  if number then
    if work[i + 1] == 'queued' or work[i + 1] == 'running' then return number end
    highest = math.max(highest, number)
  end
end
redis.call('HSET', KEYS[1], 'run:' .. (highest + 1), 'queued')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return highest + 1
"""

FORGET = """
-- KEYS: unfinished. ARGV: incident, the score it was seen with. -> 1 removed, 0 something new came in between
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '-1') ~= tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
"""
