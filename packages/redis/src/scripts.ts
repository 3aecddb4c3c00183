import { createHash } from 'node:crypto'

/** A Lua script, with the name that Redis knows it by once it has seen it. */
export interface Script {
  readonly source: string
  readonly sha: string
}

const script = (source: string): Script => ({
  source,
  sha: createHash('sha1').update(source).digest('hex'),
})

/**
 * Grants a lease of one counter. All of it is one step in Redis, by Redis' own clock.
 *
 * The hash holds the number of the window (`w`), and for each figure what all processes hold (`r`) and what each one
 * holds (`r:<process>`). A process says what it holds in all (spent and unspent) and what more it wants: so the same
 * command may come twice, an answer may be lost, and all keys may be flushed, and what is held is right after the next
 * one. A window's end forgets everything, whoever has died.
 *
 * What is granted beyond the need is at most half of an equal part of what is free, so that leases shrink towards the
 * end and nothing is stranded. Either all needs are met or nothing is granted.
 *
 * KEYS: the counter. ARGV: process, window in milliseconds, processes, number of the window that is spoken of (below 0:
 * Redis has not told it yet, and what is held counts in this one); then for each figure its letter, the limit, what is held, the need, the wish. Returns the figure that is lacking (from 1; 0:
 * none), the number of the window, the time, and for each what was granted and what is free.
 */
export const LEASE = script(`
local key, id, span, processes = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local window = math.floor(now / span)
local last = tonumber(redis.call('HGET', key, 'w'))
if last == window + 1 then
  window = last
elseif last and last ~= window then
  redis.call('DEL', key)
end
local name = string.format('%.0f', window)
local isKnown = ARGV[4] == name or tonumber(ARGV[4]) < 0
local rows, lacking = {}, 0
for at = 5, #ARGV, 5 do
  local letter = ARGV[at]
  local max, held, need = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  if not isKnown then held = 0 end
  local stored = redis.call('HMGET', key, letter, letter .. ':' .. id)
  local used = (tonumber(stored[1]) or 0) - (tonumber(stored[2]) or 0) + held
  rows[#rows + 1] = { letter, held, used, max - used, need, tonumber(ARGV[at + 4]) }
  if lacking == 0 and need > 0 and max - used < need then lacking = #rows end
end
local answer = { lacking, name, string.format('%.3f', now) }
local fields = { 'w', name }
for _, row in ipairs(rows) do
  local grant = 0
  if lacking == 0 then
    local part = math.floor(row[4] / (2 * processes))
    grant = math.max(0, math.min(row[4], row[6], math.max(row[5], part)))
  end
  answer[#answer + 1] = string.format('%.0f', grant)
  answer[#answer + 1] = string.format('%.0f', math.max(0, row[4] - grant))
  fields[#fields + 1] = row[1]
  fields[#fields + 1] = string.format('%.0f', row[3] + grant)
  fields[#fields + 1] = row[1] .. ':' .. id
  fields[#fields + 1] = string.format('%.0f', row[2] + grant)
end
redis.call('HSET', key, unpack(fields))
redis.call('PEXPIRE', key, math.ceil((window + 1) * span - now) + 1000)
return answer
`)

/**
 * Says that a process is there, or that it leaves, and counts those that were heard of lately.
 * KEYS: the set of processes. ARGV: process, how long it counts in milliseconds, `1` when it leaves.
 */
export const PRESENCE = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[3] == '1' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now, ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`)
