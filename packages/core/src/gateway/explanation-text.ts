import type { Range } from '../contract/estimate.js'
import type { ExplainedTarget, Explanation } from '../contract/explanation.js'

/**
 * An explanation as text that a person can read: a line for the decision, one for every target.
 *
 * @example
 * console.log(explanationText(gateway.explain({ model: 'fast-summary', messages })))
 * // fast-summary by lowest-cost, a simple request (summary), 27 characters
 * //   1. openai/gpt-4.1-nano  first in order; about $0.0000093; ~13 + 20 tokens, $0.0000093 expected (at least …
 * //   2. openai/gpt-4.1-mini  fallback 1; about $0.0000372; ~13 + 20 tokens, $0.0000372 expected (at least …
 * //   -  qwen/qwen-turbo      the model takes no images
 */
export function explanationText(explanation: Explanation): string {
  const { requested, route, strategy, task, facts, candidates, limit, error } = explanation
  const what = route === null ? `${requested}, named itself` : `${requested} by ${strategy}`
  const size = `${facts.textLength.toLocaleString('en')} characters`
  const width = Math.max(0, ...candidates.map((one) => nameOf(one).length))
  return [
    `${what}, a ${task.complexity} request (${task.task}), ${size}`,
    ...candidates.map((one) => lineOf(one, width)),
    ...(limit && !limit.tooLarge ? [`  waits: ${limit.message}`] : []),
    ...(error ? [`  fails with ${error.code}: ${error.message}`] : []),
  ].join('\n')
}

const nameOf = ({ provider, model }: ExplainedTarget): string => `${provider}/${model}`

function lineOf(target: ExplainedTarget, width: number): string {
  const { rank, reason, estimate, blocked, undecided, health, score, terms } = target
  const place = rank === null ? '-  ' : `${rank}. `.padEnd(3)
  const head = `  ${place}${nameOf(target).padEnd(width)}  ${reason}`
  if (rank === null) return undecided === undefined ? head : `${head}; ${undecided}`
  const facts = [
    ...(score === undefined ? [] : [scoreText(score, terms, reason)]),
    `~${Math.round(estimate.tokens.input.expected)} + ${Math.round(estimate.tokens.output.expected)} tokens`,
    estimate.costUsd ? costText(estimate.costUsd) : 'price unknown',
    ...(health.state === 'healthy' ? [] : [health.state]),
    ...(health.totalMs ? [`${Math.round(health.totalMs.p50)} ms`] : []),
    ...(blocked === undefined ? [] : [`would be passed over: ${blocked}`]),
    ...(undecided === undefined ? [] : [undecided]),
  ]
  return `${head}; ${facts.join(', ')}`
}

/** The reason may have said the score itself. */
function scoreText(score: number, terms: ExplainedTarget['terms'] = {}, reason: string): string {
  const parts = Object.entries(terms)
    .map(([term, value]) => `${term} ${value.toFixed(2)}`)
    .join(', ')
  const said = `score ${score.toFixed(2)}`
  return reason.includes(said) ? parts : `${said} (${parts})`
}

function costText({ lower, expected, upper }: Range): string {
  const most = upper === null ? 'no upper bound' : `at most ${usd(upper)}`
  return `${usd(expected)} expected (at least ${usd(lower)}, ${most})`
}

/** Three digits that count, and no exponent. */
const usd = (amount: number): string => {
  const digits = amount > 0 ? Math.min(12, Math.max(2, 2 - Math.floor(Math.log10(amount)))) : 0
  return `$${amount
    .toFixed(digits)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')}`
}
