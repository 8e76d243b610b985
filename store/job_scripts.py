"""What happens to a job in one step, as Lua: Redis runs each script whole, so a job that has ended never changes again.

Fields of a job are JSON, hence the quotes around a status.
"""

_OPEN = """
local function is_open()
  local status = redis.call('HGET', KEYS[1], 'status')
  return status == '"queued"' or status == '"running"'
end
"""

BEGIN = (
    _OPEN
    + """
if not is_open() then return 0 end
redis.call('HSET', KEYS[1], 'status', '"running"')
if redis.call('HGET', KEYS[1], 'started_at') == 'null' then redis.call('HSET', KEYS[1], 'started_at', ARGV[1]) end
return redis.call('HINCRBY', KEYS[1], 'attempts', 1)
"""
)
"""KEYS: job. ARGV: time. Returns which attempt this is, 0 when the job has ended."""

REPORT = (
    _OPEN
    + """
if not is_open() then return 0 end
redis.call('HSET', KEYS[1], 'progress', ARGV[1])
return 1
"""
)
"""KEYS: job. ARGV: progress. Returns 0 when the job has ended."""

END = (
    _OPEN
    + """
if not is_open() then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1
"""
)
"""KEYS: job, activities, active jobs. ARGV: id, life in seconds, channel, then fields and values. Returns 1 once."""

POSTPONE = (
    _OPEN
    + """
if not is_open() then return 0 end
redis.call('HSET', KEYS[1], 'status', '"queued"', 'progress', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'attempts', -1)
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
"""
)
"""KEYS: job, waiting jobs. ARGV: id, progress, until when (s since 1970). Waiting is no attempt.

Returns 0 when the job has ended."""

LET_GO = (
    _OPEN
    + """
if not is_open() then return -1 end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return -1 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'status', '"queued"')
local attempts = tonumber(redis.call('HGET', KEYS[1], 'attempts'))
if ARGV[2] == '1' and attempts > 0 then attempts = redis.call('HINCRBY', KEYS[1], 'attempts', -1) end
return attempts
"""
)
"""KEYS: job, lease. ARGV: the worker that had it, 1 to forgive the attempt. Returns attempts; -1: ended or held."""
