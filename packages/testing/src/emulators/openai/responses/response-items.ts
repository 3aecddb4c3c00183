/** The output items of an answer, and the response object around them. */
import type { Answer } from '../../../script/resolve-answer.js'
import { madeUpHex, nowSeconds } from '../../made-up.js'
import { isRecord, type JsonRecord } from '../../read-json.js'
import { encryptReasoning } from './encrypted-reasoning.js'

/** Head of a response and the parts of the request that shape it. */
export interface ResponseFacts {
  readonly id: string
  readonly created: number
  /** Reasoning comes as a summary, when one was asked for. */
  readonly summary: boolean
  readonly encrypted: boolean
  /** Newer models tell commentary from the final answer. */
  readonly phase: boolean
  /** Settings of the request that the response repeats. */
  readonly echo: JsonRecord
  makeItemId(prefix: string): string
}

export function responseFacts(body: JsonRecord, random: () => number): ResponseFacts {
  const reasoning = isRecord(body['reasoning']) ? body['reasoning'] : {}
  const include: readonly unknown[] = Array.isArray(body['include']) ? body['include'] : []
  return {
    id: `resp_${madeUpHex(48, random)}`,
    created: nowSeconds(),
    summary: typeof reasoning['summary'] === 'string',
    encrypted: include.includes('reasoning.encrypted_content'),
    phase: /^gpt-(?:5\.3-codex|5\.[4-9]|[6-9])/.test(body['model'] as string),
    echo: {
      instructions: body['instructions'] ?? null,
      max_output_tokens: body['max_output_tokens'] ?? null,
      parallel_tool_calls: body['parallel_tool_calls'] ?? true,
      previous_response_id: null,
      reasoning: { effort: reasoning['effort'] ?? null, summary: reasoning['summary'] ?? null },
      service_tier: 'default',
      store: body['store'] ?? true,
      temperature: body['temperature'] ?? 1,
      text: isRecord(body['text']) ? body['text'] : { format: { type: 'text' }, verbosity: 'medium' },
      tool_choice: body['tool_choice'] ?? 'auto',
      tools: body['tools'] ?? [],
      top_p: body['top_p'] ?? 1,
      truncation: 'disabled',
      user: null,
      metadata: body['metadata'] ?? {},
    },
    makeItemId: (prefix) => `${prefix}_${madeUpHex(48, random)}`,
  }
}

export type Item = JsonRecord & {
  readonly id: string
  readonly type: 'reasoning' | 'message' | 'function_call'
}

/** Whole items in the order of the pieces. */
export function responseItems(answer: Answer, facts: ResponseFacts): readonly Item[] {
  const items: Item[] = []
  if (answer.reasoning !== '' || (answer.usage?.reasoningTokens ?? 0) > 0) {
    items.push({
      id: facts.makeItemId('rs'),
      type: 'reasoning',
      ...(facts.encrypted ? { encrypted_content: encryptReasoning(answer.reasoning) } : {}),
      summary:
        facts.summary && answer.reasoning !== '' ? [{ type: 'summary_text', text: answer.reasoning }] : [],
    })
  }
  const content = [
    ...(answer.text ? [{ type: 'output_text', annotations: [], logprobs: [], text: answer.text }] : []),
    ...(answer.refusal ? [{ type: 'refusal', refusal: answer.refusal }] : []),
  ]
  if (content.length > 0) {
    const phase = facts.phase ? { phase: answer.toolCalls.length > 0 ? 'commentary' : 'final_answer' } : {}
    items.push({
      id: facts.makeItemId('msg'),
      type: 'message',
      status: 'completed',
      content,
      role: 'assistant',
      ...phase,
    })
  }
  for (const call of answer.toolCalls) {
    items.push({
      id: facts.makeItemId('fc'),
      type: 'function_call',
      status: 'completed',
      arguments: call.arguments,
      call_id: call.id,
      name: call.name,
    })
  }
  return items
}

export function responseObject(answer: Answer, facts: ResponseFacts, state: JsonRecord): JsonRecord {
  return {
    id: facts.id,
    object: 'response',
    created_at: facts.created,
    background: false,
    error: null,
    incomplete_details: null,
    max_tool_calls: null,
    model: answer.model,
    ...facts.echo,
    ...state,
  }
}

/** Status, items and usage at the end. */
export function finalState(answer: Answer, items: readonly Item[]): JsonRecord {
  const reason =
    answer.finishReason === 'length'
      ? 'max_output_tokens'
      : answer.finishReason === 'content_filter' && answer.refusal === ''
        ? 'content_filter'
        : undefined
  const { usage } = answer
  return {
    status: reason ? 'incomplete' : 'completed',
    completed_at: reason ? null : nowSeconds(),
    incomplete_details: reason ? { reason } : null,
    output: items,
    usage: usage && {
      input_tokens: usage.inputTokens,
      input_tokens_details: { cached_tokens: usage.cachedTokens, cache_write_tokens: usage.cacheWriteTokens },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
      total_tokens: usage.inputTokens + usage.outputTokens,
    },
  }
}
