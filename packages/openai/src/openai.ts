import { defineAdapter, type Adapter, type AdapterOptions } from '@turnout/core/adapter'
import { chatProtocol, embedTexts, listModels, ruleCapabilities } from '@turnout/openai-compatible'
import { responsesProtocol } from '@turnout/openai-compatible/responses'
import { chooseApi, type OpenAIApi } from './choose-api.js'
import { modelRules, OPENAI_MODELS, type OpenAIModel, type OpenAIModelRules } from './models.js'
import { openaiChatDialect } from './openai-chat-dialect.js'
import { responsesRules } from './responses-rules.js'

export interface OpenAIOptions<Model extends string = string> extends AdapterOptions {
  /** Which API to speak. `auto` (default) chooses for each request, see {@link chooseApi}. */
  readonly api?: 'auto' | OpenAIApi
  /** Sent as `OpenAI-Organization`. */
  readonly organization?: string
  /** Sent as `OpenAI-Project`. */
  readonly project?: string
  /** What models of yours take, by id; on top of what is known of their family. */
  readonly modelRules?: Readonly<Record<string, OpenAIModelRules>>
  readonly models?: readonly Model[]
}

/** The endpoint's own limits. */
const EMBEDDINGS = {
  adapter: 'openai',
  maxInputs: 2_048,
  maxTokens: 300_000,
  base64: true,
  userField: 'user',
}

/**
 * OpenAI: Chat Completions, Responses and embeddings. The key comes from `OPENAI_API_KEY` unless it is given.
 *
 * @example
 * const gateway = createGateway({ providers: { openai: openai() } })
 * await gateway.chat({ model: 'openai/gpt-4.1-mini', messages: [{ role: 'user', content: 'Hello' }] })
 */
export function openai<const Model extends string = never>(
  options: OpenAIOptions<Model> = {},
): Adapter<OpenAIModel | NoInfer<Model>> {
  const { api = 'auto', organization, project, modelRules: overrides } = options
  const rulesFor = rememberRules((model) => modelRules(model, overrides))
  const chat = chatProtocol(openaiChatDialect(rulesFor))
  const responses = responsesProtocol((model) => responsesRules(rulesFor(model)))
  return defineAdapter<OpenAIModel | Model>(
    {
      name: 'openai',
      baseURL: 'https://api.openai.com/v1',
      apiKeyVariable: 'OPENAI_API_KEY',
      models: OPENAI_MODELS,
      protocol: (request, model) => {
        const chosen = api === 'auto' ? chooseApi(request, rulesFor(model)) : api
        return chosen === 'responses' ? responses : chat
      },
      capabilities: (model) => ruleCapabilities(rulesFor(model)),
      embed: (request, attempt, callJson) => embedTexts(request, attempt, callJson, EMBEDDINGS),
      listModels: (_attempt, callJson) => listModels(callJson, (model) => rulesFor(model).capabilities),
    },
    {
      ...options,
      headers: {
        ...(organization !== undefined && { 'openai-organization': organization }),
        ...(project !== undefined && { 'openai-project': project }),
        ...options.headers,
      },
    },
  )
}

/** Model ids are free text: more than these are not remembered. */
const MAX_REMEMBERED = 1_000

/** A call asks half a dozen times, and the newest families stand behind thirty patterns. */
function rememberRules(find: (model: string) => OpenAIModelRules): (model: string) => OpenAIModelRules {
  const known = new Map<string, OpenAIModelRules>()
  return (model) => {
    const found = known.get(model)
    if (found) return found
    const rules = find(model)
    if (known.size >= MAX_REMEMBERED) known.clear()
    known.set(model, rules)
    return rules
  }
}
