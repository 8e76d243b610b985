"""What happens to a delivery in one step, as Lua, so that none is lost or made twice whoever dies in between.

`due` holds webhooks by when their first delivery is due, as JSON [owner, id]; `held` those that a sender has in hand or
that rest after a failure, by until when; a webhook's `queue` its deliveries by when they are due.
"""

ADD = """
local is_new = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1
  and redis.call('SET', KEYS[2], ARGV[3], 'NX', 'EX', ARGV[5])
if is_new then
  redis.call('ZADD', KEYS[3], ARGV[6], ARGV[2])
  redis.call('ZADD', KEYS[4], ARGV[6], ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - ARGV[7])
  redis.call('EXPIRE', KEYS[3], ARGV[5])
  redis.call('EXPIRE', KEYS[4], ARGV[5])
  redis.call('ZADD', KEYS[5], 'LT', ARGV[6], ARGV[4])
end
redis.call('SREM', KEYS[6], ARGV[8])
return is_new and 1 or 0
"""
"""Records a delivery once, and takes what it is about out of the outbox.

KEYS: webhooks of the owner, delivery, queue, log, due, outbox. ARGV: webhook, id, delivery, member of due, life in
seconds, time, how many the log holds at most, member of the outbox. Returns 1 the first time.
"""

CLAIM = """
local passed_over = {}
for _, owner in ipairs(cjson.decode(ARGV[3])) do passed_over[owner] = true end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1000)) do
  local held = redis.call('ZSCORE', KEYS[2], member)
  local is_free = not held or tonumber(held) <= tonumber(ARGV[1])
  if is_free and not passed_over[cjson.decode(member)[1]] then
    redis.call('ZADD', KEYS[2], ARGV[2], member)
    return member
  end
end
return false
"""
"""KEYS: due, held. ARGV: time, held until, owners to pass over. Returns the webhook that waited longest, or nothing."""

SETTLE = """
local function forget()
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
if redis.call('HEXISTS', KEYS[5], ARGV[2]) == 0 then
  redis.call('DEL', KEYS[3], KEYS[4])
  return forget()
end
if ARGV[4] ~= '' then redis.call('SET', KEYS[4], ARGV[4], 'XX', 'KEEPTTL') end
if ARGV[5] == '' then redis.call('ZREM', KEYS[3], ARGV[3]) else redis.call('ZADD', KEYS[3], ARGV[5], ARGV[3]) end
local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
if not first then return forget() end
redis.call('ZADD', KEYS[1], math.max(tonumber(first), tonumber(ARGV[6])), ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[7], ARGV[1])
"""
"""Records what came of a delivery and lets its webhook go, to the end of the line; of a deleted one all is forgotten.

KEYS: due, held, queue, delivery, webhooks of the owner. ARGV: member of due, webhook, id, delivery (else empty), when
it is due again (else empty), time, until when the webhook rests.
"""
