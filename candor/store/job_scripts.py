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
local function wake(job)
  local followers = string.gsub(KEYS[10], 'ID', job)
  for _, id in ipairs(redis.call('SMEMBERS', followers)) do redis.call('ZADD', KEYS[9], 'XX', 0, id) end
  redis.call('DEL', followers)
end
local function count(job)
  local status = redis.call('HGET', job, 'status')
  redis.call('HINCRBYFLOAT', KEYS[8], '["candor_jobs_ended_total",[["status",' .. status .. ']]]', 1)
end
redis.call('HSET', KEYS[1], unpack(ARGV, 10))
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('SMOVE', KEYS[6], KEYS[7], ARGV[1])
redis.call('PUBLISH', ARGV[3], ARGV[1])
wake(ARGV[1])
local whole = ARGV[4]
if whole == '' then count(KEYS[1]) end
local status = whole ~= '' and redis.call('HGET', KEYS[4], 'status')
if status ~= '"queued"' and status ~= '"running"' then return 1 end
local parts = KEYS[5]
redis.call('HSET', parts, 'result:' .. ARGV[6], ARGV[7])
local made = redis.call('HINCRBY', parts, 'made', string.find(ARGV[7], '"board_id":"', 1, true) and 1 or 0)
local people = redis.call('HINCRBY', parts, 'people', ARGV[8])
local total = tonumber(redis.call('HGET', parts, 'total'))
local results = {}
for number = 0, total - 1 do
  results[#results + 1] = redis.call('HGET', parts, 'result:' .. number) or nil
end
local progress = '{"done":%d,"total":%d,"stage":"%s","people":%d}'
local last = #results == total
redis.call('HSET', KEYS[4], 'progress', string.format(progress, #results, total, last and 'done' or 'scoring', people))
if not last then return 1 end
redis.call('HSET', KEYS[4], 'results', '[' .. table.concat(results, ',') .. ']', 'finished_at', ARGV[9],
  'status', made > 0 and '"succeeded"' or '"failed"')
if made == 0 then redis.call('HSET', KEYS[4], 'error', cjson.encode(cjson.decode(results[1]).problem)) end
count(KEYS[4])
redis.call('EXPIRE', KEYS[4], ARGV[2])
redis.call('DEL', parts)
redis.call('SREM', KEYS[3], whole)
redis.call('SMOVE', KEYS[6], KEYS[7], whole)
redis.call('PUBLISH', ARGV[5], whole)
wake(whole)
return 1
"""
)
"""Ends a job; the last part to end also ends the whole, in the same step. A job with a webhook goes into the outbox.

Counts a job, not its parts. KEYS: job, activities, active jobs, whole job, its parts, jobs with a webhook, outbox,
metrics, waiting jobs, the name of any job's followers. ARGV: id, life in seconds, channel; of a part the whole's id
(else empty), its channel, the part's number, its result, people ranked; time; then fields and values. Returns 1 once.
"""

CLAIM = """
local function named(name, id) return (string.gsub(name, ARGV[4], id)) end
local function is_open(job)
  local status = redis.call('HGET', job, 'status')
  return status == '"queued"' or status == '"running"', status
end
local other = redis.call('GET', KEYS[1])
if other and other ~= ARGV[1] then
  local open, status = is_open(named(ARGV[2], other))
  if open then
    if not is_open(KEYS[2]) then return {'waits', other} end
    local followers = named(ARGV[3], other)
    redis.call('SADD', followers, ARGV[1])
    redis.call('EXPIRE', followers, ARGV[5])
    redis.call('HSET', KEYS[2], 'status', '"queued"', 'progress', ARGV[7])
    redis.call('HINCRBY', KEYS[2], 'attempts', -1)
    redis.call('ZADD', KEYS[3], ARGV[8], ARGV[1])
    return {'waits', other}
  end
  if status == '"succeeded"' and ARGV[6] == '0' then return {'done', other} end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[5])
return {'mine', ARGV[1]}
"""
"""Lets a job that has begun do the work of all that are equal to it, or wait for the one that does.

KEYS: work, job, waiting jobs. ARGV: id; the names of any job, of any job's followers, and what stands in them for the
id; life in seconds; 1 to do again what was done; progress, until when (s since 1970). Returns what is so, and whose job
does the work.
"""

CREATE_PART = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('SADD', KEYS[2], ARGV[1])
return 1
"""
"""KEYS: job, active jobs. ARGV: id, then fields and values. Returns 1 once, also for a whole that runs twice."""

HAND_OVER = (
    _OPEN
    + """
if is_open() then redis.call('SREM', KEYS[2], ARGV[1]) end
"""
)
"""KEYS: job, active jobs. ARGV: id. From now on its parts keep the job alive, and the last of them ends it."""

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
