"""What happens to a host's budget in one step, as Lua, so that all workers see one budget. Times are ms since 1970.

Fields of a host's hash: `pause:P`, `why:P` (a part P of its API is not to be asked until then; P is empty for the whole
host), `left:P` and `reset:P` (requests left until then), `strikes:P` (refusals in a row that named no time), `failures`
(in a row), `down` and `down_why` (left alone until then), `asked`.
"""

TAKE = """
local now, part = tonumber(ARGV[1]), ARGV[2]
local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '0') end
if field('down') > now then return {'down', field('down'), redis.call('HGET', KEYS[1], 'down_why')} end
local limit, why = field('pause:'), redis.call('HGET', KEYS[1], 'why:')
if field('pause:' .. part) > limit then
  limit, why = field('pause:' .. part), redis.call('HGET', KEYS[1], 'why:' .. part)
end
if limit > now then return {'wait', limit, why} end
local counted = field('reset:' .. part) > now
if counted and field('left:' .. part) <= 0 then return {'wait', field('reset:' .. part), ARGV[7]} end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return {'full', now, ''} end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
if counted then redis.call('HINCRBY', KEYS[1], 'left:' .. part, -1) end
redis.call('HSET', KEYS[1], 'asked', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('ZADD', KEYS[3], now, ARGV[8])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[6]))
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[9]))
return {'go', now, ''}
"""
"""KEYS: host, its places, all hosts. ARGV: now, part, token, places, lease, life, words for no requests left, name of
the host, most hosts. Returns go, wait, full or down; until when; why."""

PAUSE = """
local until_ms, name = tonumber(ARGV[1]), 'pause:' .. ARGV[2]
if until_ms > tonumber(redis.call('HGET', KEYS[1], name) or '0') then
  redis.call('HSET', KEYS[1], name, ARGV[1], 'why:' .. ARGV[2], ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
"""
"""KEYS: host. ARGV: until, part, why, life. A pause is never cut short."""

ALLOW = """
local left, reset = 'left:' .. ARGV[1], 'reset:' .. ARGV[1]
local known, ends = redis.call('HGET', KEYS[1], left), tonumber(redis.call('HGET', KEYS[1], reset) or '0')
local same = known and ends > tonumber(ARGV[4]) and math.abs(ends - tonumber(ARGV[3])) < 2000
if not same or tonumber(ARGV[2]) < tonumber(known) then redis.call('HSET', KEYS[1], left, ARGV[2]) end
redis.call('HSET', KEYS[1], reset, ARGV[3])
"""
"""KEYS: host. ARGV: part, left, reset, now. In one window the lower number holds: answers overtake each other."""

STRIKE = """
local strikes = redis.call('HINCRBY', KEYS[1], 'strikes:' .. ARGV[1], 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return strikes
"""
"""KEYS: host. ARGV: part, life. Returns how many there were in a row."""

FAIL = """
if tonumber(redis.call('HGET', KEYS[1], 'down') or '0') > tonumber(ARGV[1]) then return 0 end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local over = failures - tonumber(ARGV[2])
if over >= 0 then
  local pause = math.min(tonumber(ARGV[4]), tonumber(ARGV[3]) * 2 ^ math.min(over, 30))
  redis.call('HSET', KEYS[1], 'down', string.format('%.0f', tonumber(ARGV[1]) + pause), 'down_why', ARGV[5])
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return failures
"""
"""KEYS: host. ARGV: now, failures forgiven, first pause, longest pause, why, life. Returns failures in a row; 0 while
the host is left alone: what comes back then was sent before."""
