import type { Candidate, Plan } from '../contract/plan.js'
import type { RequestFacts, RoutingState } from '../contract/routing.js'
import type { Standing } from '../contract/target-health.js'
import type { Verdict } from '../contract/target.js'
import { GatewayError } from '../errors/gateway-error.js'
import { quote } from '../platform/quote.js'
import type { Random } from '../platform/random.js'
import { byStanding, type Ranked as Placed } from './by-standing.js'
import { ineligible } from './eligibility.js'
import {
  boundsWithin,
  callBounds,
  mayBeCheaper,
  preferredWeights,
  tooDear,
  unsuitable,
  type Bounds,
} from './requirements.js'
import { resolveName, type ResolvedRoute } from './resolve-name.js'
import type { Choice, Rank, RankContext, Ranked } from './rank.js'
import type { RouteItem, RoutingTable } from './routing-table.js'
import { score } from './strategies/score.js'

/** With less than this left of what its provider takes a target is asked after those that have more. */
const LITTLE_ROOM = 0.05

/** A plan that may have nothing to try. */
export interface PlanDraft extends Plan {
  /** Why nothing can be tried. */
  readonly refusal?: GatewayError
  /** Left out by a bound on their tokens, although they may do: a count of the prompt would tell. */
  readonly undecided: readonly Candidate[]
}

/**
 * From a request's facts to the ordered candidates, with a verdict for every target. A pure function: the same
 * facts, table, state and random numbers give the same plan.
 *
 * The route's strategy orders what can take the request, nested routes within themselves first; what the caller
 * prefers is moved to the front; a target that is not healthy goes behind, but stays in the plan.
 * @throws GatewayError `no_route` when the name stands for nothing, or nothing it stands for can take the request;
 *   `budget_exceeded` when only a `maxCostUsd` stands in the way.
 */
export function planRoute(...asked: Parameters<typeof draftPlan>): Plan {
  const draft = draftPlan(...asked)
  if (draft.refusal) throw draft.refusal
  return draft
}

/**
 * The same, with the verdicts also where nothing is left to try.
 * @param isRehearsal nobody is told of a strategy that fails
 */
export function draftPlan(
  facts: RequestFacts,
  table: RoutingTable,
  state: RoutingState,
  random: Random,
  isRehearsal = false,
): PlanDraft {
  const route = resolveName(facts.model, table)
  const weights = preferredWeights(facts)
  const planning: Planning = {
    context: { facts, state, random, isRehearsal },
    table,
    rank: weights && score(weights),
    taken: new Set(),
    leftOut: new Map(),
  }
  const drawn = rankItems(route, planning, boundsWithin(callBounds(facts), route, facts, false))
  // Read before anything else moves targets: who was sent to an arm belongs to it, whoever answers.
  const assignments = drawn[0]?.assignments
  const ordered = preferred(drawn, facts.preferredProvider)
  const ranked = byStanding(
    ordered,
    ({ choice }) => state.standing(choice.candidate),
    ({ choice }) => state.roomShare(choice.candidate) < LITTLE_ROOM,
  )
  const leftOut = [...planning.leftOut.values()]
  return {
    route: route.name,
    strategy: planning.rank ? 'score' : route.strategy,
    candidates: ranked.map(({ one }) => one.choice.candidate),
    verdicts: [...ranked.map((one, at) => taken(one, at)), ...leftOut.map(({ verdict }) => verdict)],
    undecided: leftOut.flatMap(({ undecided }) => undecided ?? []),
    ...(assignments && { assignments }),
    ...(ranked.length === 0 && { refusal: nothingLeft(facts, leftOut) }),
  }
}

/** What one planning has in hand. */
interface Planning {
  readonly context: RankContext
  readonly table: RoutingTable
  /** Instead of the routes' own strategies: the caller said what counts. */
  readonly rank: Rank | undefined
  readonly taken: Set<string>
  /** By name. What may not answer within one route may do so where it stands again. */
  readonly leftOut: Map<string, LeftOut>
}

interface LeftOut {
  readonly verdict: Verdict
  /** It would do but for its cost. */
  readonly isTooDear?: boolean
  /** A count of the prompt would tell. */
  readonly undecided?: Candidate
}

/** A choice with what follows it, and what stands for it: the rest and the first of its nested route. */
type Group = Choice & { readonly rest: readonly Ranked[]; readonly lead?: Ranked }

const NOTHING: readonly Ranked[] = []

/** The items of a route in order, nested routes as blocks. A target that is listed twice counts where it stands first. */
function rankItems(route: ResolvedRoute, planning: Planning, bounds: Bounds): readonly Ranked[] {
  const groups: Group[] = []
  for (const item of route.items) {
    const group =
      item.kind === 'target' ? targetGroup(item, planning, bounds) : nestedGroup(item, planning, bounds)
    if (group) groups.push(group)
  }
  if (groups.length === 0) return NOTHING
  const ranked = (planning.rank ?? route.rank)(groups, planning.context)
  if (ranked.length < groups.length) noteDropped(groups, ranked, planning)
  return ranked.some(({ choice }) => choice.lead)
    ? ranked.flatMap((one) => [withLead(one), ...one.choice.rest])
    : ranked
}

/** What was decided within the nested route is said, and counts, beside what was decided about it. */
function withLead(one: Ranked<Group>): Ranked {
  const { lead } = one.choice
  const notes = [one.note, lead?.note].filter((note) => note !== undefined)
  const assignments = [...(one.assignments ?? []), ...(lead?.assignments ?? [])]
  return {
    ...one,
    ...(notes.length > 0 && { note: notes.join('; ') }),
    ...(assignments.length > 0 && { assignments }),
  }
}

function targetGroup(
  { name, weight, candidate }: RouteItem & { kind: 'target' },
  { context, taken: known, leftOut }: Planning,
  bounds: Bounds,
): Group | undefined {
  const { provider, model } = candidate
  const key = `${provider}/${model}`
  if (known.has(key)) return undefined
  const { facts, state } = context
  const unfit = ineligible(facts, candidate, state) ?? unsuitable(bounds, candidate)
  const reason = unfit ?? tooDear(bounds, facts, candidate, state)
  if (reason === undefined) {
    known.add(key)
    leftOut.delete(key)
    return { name, weight, candidate, rest: NOTHING }
  }
  const isTooDear = unfit === undefined
  if (isTooDear || !leftOut.has(key)) {
    leftOut.set(key, {
      verdict: { provider, model, eligible: false, reason },
      isTooDear,
      ...(isTooDear && mayBeCheaper(bounds, facts, candidate, state) && { undecided: candidate }),
    })
  }
  return undefined
}

function nestedGroup(
  { name, weight, route }: RouteItem & { kind: 'route' },
  planning: Planning,
  bounds: Bounds,
): Group | undefined {
  const nested = planning.table.routes.get(route)
  if (!nested) return undefined
  const within = boundsWithin(bounds, nested, planning.context.facts, true)
  const [first, ...rest] = rankItems(nested, planning, within)
  return first && { name, weight, candidate: first.choice.candidate, rest, lead: first }
}

/** A strategy of the host's may leave targets out. */
function noteDropped(
  groups: readonly Group[],
  ranked: readonly Ranked<Group>[],
  { leftOut }: Planning,
): void {
  const kept = new Set(ranked.map(({ choice }) => choice))
  for (const group of groups) {
    if (kept.has(group)) continue
    for (const { provider, model } of [group.candidate, ...group.rest.map(({ choice }) => choice.candidate)])
      leftOut.set(`${provider}/${model}`, {
        verdict: { provider, model, eligible: false, reason: 'the strategy left it out' },
      })
  }
}

function preferred(ranked: readonly Ranked[], provider: string | undefined): readonly Ranked[] {
  if (provider === undefined) return ranked
  const isWanted = ({ choice }: Ranked): boolean => choice.candidate.provider === provider
  const wanted = ranked.filter(isWanted).map((one) => ({ ...one, note: 'of the preferred provider' }))
  return wanted.length === 0 ? ranked : [...wanted, ...ranked.filter((one) => !isWanted(one))]
}

function taken({ one, standing, isFull }: Placed<Ranked>, at: number): Verdict {
  const { choice, score: value, terms } = one
  const { provider, model }: Candidate = choice.candidate
  const notes = [one.note, isFull ? 'little is left of what its provider takes' : undefined]
  const note = notes.filter((each) => each !== undefined).join('; ') || undefined
  return {
    provider,
    model,
    eligible: true,
    reason: note === undefined ? placeOf(at, standing) : `${placeOf(at, standing)}; ${note}`,
    ...(value !== undefined && { score: value }),
    ...(terms && { terms }),
  }
}

function placeOf(at: number, standing: Standing): string {
  if (at > 0) return standing === 'healthy' ? `fallback ${at}` : `fallback ${at}: it is ${standing}`
  return standing === 'healthy' ? 'first in order' : `first in order, although ${standing}: none is healthy`
}

function nothingLeft({ model, maxCostUsd }: RequestFacts, leftOut: readonly LeftOut[]): GatewayError {
  const reasons = leftOut
    .map(({ verdict: { provider, model: id, reason } }) => `${provider}/${id}: ${reason}`)
    .join('; ')
  const price = maxCostUsd === undefined ? 'what its route allows' : `$${maxCostUsd}`
  return leftOut.some(({ isTooDear }) => isTooDear)
    ? new GatewayError({
        code: 'budget_exceeded',
        path: 'maxCostUsd',
        message: `no target of ${quote(model)} can answer for ${price} (${reasons}); limit max_tokens, shorten the prompt, add a cheaper target, or raise maxCostUsd`,
      })
    : new GatewayError({
        code: 'no_route',
        path: 'model',
        message: `no target of ${quote(model)} can take this request (${reasons}); add one that can, or change the request`,
      })
}
