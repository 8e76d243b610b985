-- The mix: of ten requests seven read (scores, jobs, topics), two ask for a job, one asks and waits for it.
-- Arguments: pause between two requests of a connection in ms; a file with one path to read a line; a file with a body.
-- LuaJIT as wrk has it; counts are added up over its threads at the end.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  pause_ms = tonumber(args[1])
  paths = {}
  for line in io.lines(args[2]) do paths[#paths + 1] = line end
  body = io.open(args[3]):read("*a")
  math.randomseed(1000 + number)
  answered, kept, unexplained, bad = 0, 0, 0, 0
  status = ""
  counts = {}
  asked = 0
end

function delay()
  return pause_ms == 0 and 0 or math.floor(pause_ms * (0.5 + math.random()))
end

function request()
  asked = asked + 1
  local turn = math.random(10)
  if turn <= 7 then return wrk.format("GET", paths[math.random(#paths)]) end
  local headers = { ["Content-Type"] = "application/json" }
  if turn == 10 then headers["Prefer"] = "wait=2" end
  local name = string.format("w%d-%d", number, asked)
  return wrk.format("POST", "/v1/jobs", headers, (body:gsub("NAME", name)))
end

function response(code, headers)
  counts[code] = (counts[code] or 0) + 1
  if (code == 429 or code == 503) and not (headers["Retry-After"] or headers["retry-after"]) then
    unexplained = unexplained + 1
  end
  local parts = {}
  for each, count in pairs(counts) do parts[#parts + 1] = string.format('"%d": %d', each, count) end
  status = table.concat(parts, ", ")
end

function done(summary, latency)
  local lines = {}
  for _, thread in ipairs(threads) do
    lines[#lines + 1] = string.format('{"status": {%s}, "unexplained": %d}', thread:get("status"), thread:get("unexplained"))
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"seconds": %f, "p50_ms": %f, "p99_ms": %f, "broken": %d, "timeouts": %d, "threads": [%s]}\n',
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write, errors.timeout, table.concat(lines, ", ")))
end
