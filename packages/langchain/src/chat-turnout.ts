import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import type {
  BaseLanguageModelInput,
  StructuredOutputMethodOptions,
} from '@langchain/core/language_models/base'
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
  type BindToolsInput,
  type LangSmithParams,
} from '@langchain/core/language_models/chat_models'
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages'
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs'
import type { Runnable } from '@langchain/core/runnables'
import type { CallOptions, ChatRequest, Gateway, RequestOptions, Tool } from '@turnout/core'
import { callerError } from './caller-error.js'
import { encodeMessages } from './encode-messages.js'
import { encodeTools, encodeToolChoice } from './encode-tools.js'
import { readAnswer } from './read-answer.js'
import { createChunkReader } from './read-chunk.js'
import { structuredOutput, type AnyFields, type OutputSchema } from './structured-output.js'

/** Fields of a request that LangChain has no name for, in the gateway's own spelling. */
export type RequestFields = Omit<Partial<ChatRequest>, 'model' | 'messages' | 'stream' | 'n' | 'gateway'>

export interface ChatTurnoutFields<Model extends string = string> extends BaseChatModelParams {
  readonly gateway: Gateway<Model>
  /** A route, `provider/model` or a known model id. */
  readonly model: NoInfer<Model>
  readonly temperature?: number
  /** The most tokens to generate, reasoning included. */
  readonly maxTokens?: number
  readonly topP?: number
  readonly stop?: readonly string[]
  /** Everything else that a request can say, such as `reasoning_effort`. */
  readonly request?: RequestFields
  /** The gateway's call options for every call: tenant, tags, priority … */
  readonly options?: RequestOptions
}

export interface ChatTurnoutCallOptions extends BaseChatModelCallOptions {
  tools?: readonly Tool[]
  response_format?: ChatRequest['response_format']
  /** Adds to the model's own `request`. */
  request?: RequestFields
  /** Adds to the model's own `options`, clocks and tags each for themselves. */
  options?: RequestOptions
}

/**
 * The gateway as a chat model of LangChain.js. Retries, failover and limits are the gateway's: LangChain's own retries are
 * not used. `response_metadata.gateway` tells who answered and what it cost.
 *
 * A class, and the only one beside `TurnoutEmbeddings` and errors in this house: LangChain knows models by inheritance.
 *
 * @throws GatewayError from every call; an abort rejects with the caller's own reason
 * @example
 * const model = new ChatTurnout({ gateway, model: 'fast-summary', temperature: 0 })
 * const answer = await model.invoke('Hello')
 * answer.text
 */
export class ChatTurnout<Model extends string = string> extends BaseChatModel<ChatTurnoutCallOptions> {
  readonly gateway: Gateway<Model>
  readonly model: Model
  readonly settings: RequestFields
  readonly options: RequestOptions

  constructor(fields: ChatTurnoutFields<Model>) {
    super({ ...fields, maxRetries: 0 })
    const { gateway, model, temperature, maxTokens, topP, stop, request, options = {} } = fields
    this.gateway = gateway
    this.model = model
    this.options = options
    this.settings = {
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
      ...(topP !== undefined && { top_p: topP }),
      ...(stop !== undefined && { stop }),
      ...request,
    }
  }

  static override lc_name(): string {
    return 'ChatTurnout'
  }

  override _llmType(): string {
    return 'turnout'
  }

  override getLsParams(options: this['ParsedCallOptions']): LangSmithParams {
    const { temperature, max_completion_tokens: maxTokens } = this.invocationParams(options)
    return {
      ls_provider: 'turnout',
      ls_model_name: this.model,
      ls_model_type: 'chat',
      ...(typeof temperature === 'number' && { ls_temperature: temperature }),
      ...(typeof maxTokens === 'number' && { ls_max_tokens: maxTokens }),
    }
  }

  /** The request without its messages: what traces show. */
  override invocationParams(options?: this['ParsedCallOptions']): RequestFields & { readonly model: Model } {
    const { tools, tool_choice: choice, response_format, stop, request } = options ?? {}
    return {
      model: this.model,
      ...this.settings,
      ...(stop !== undefined && { stop }),
      ...(tools && tools.length > 0 && { tools }),
      ...(tools && tools.length > 0 && choice !== undefined && { tool_choice: encodeToolChoice(choice) }),
      ...(response_format && { response_format }),
      ...request,
    }
  }

  override bindTools(
    tools: BindToolsInput[],
    kwargs?: Partial<ChatTurnoutCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, ChatTurnoutCallOptions> {
    return this.withConfig({ ...kwargs, tools: encodeTools(tools) })
  }

  override async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    try {
      return readAnswer(await this.gateway.chat(this.requestFor(messages, options), this.optionsFor(options)))
    } catch (error) {
      throw callerError(error)
    }
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    try {
      const stream = this.gateway.stream(this.requestFor(messages, options), this.optionsFor(options))
      const read = createChunkReader()
      for await (const chunk of stream) {
        const fields = read(chunk)
        if (!fields) continue
        const message = new AIMessageChunk(fields)
        const generation = new ChatGenerationChunk({ message, text: message.text })
        yield generation
        await runManager?.handleLLMNewToken(
          generation.text,
          { prompt: 0, completion: 0 },
          undefined,
          undefined,
          undefined,
          { chunk: generation },
        )
      }
    } catch (error) {
      throw callerError(error)
    }
  }

  override withStructuredOutput<Output extends AnyFields = AnyFields>(
    schema: OutputSchema<Output>,
    config?: StructuredOutputMethodOptions,
  ): Runnable<BaseLanguageModelInput, Output>
  override withStructuredOutput<Output extends AnyFields = AnyFields>(
    schema: OutputSchema<Output>,
    config?: StructuredOutputMethodOptions<true>,
  ): Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: Output }>
  override withStructuredOutput<Output extends AnyFields = AnyFields>(
    schema: OutputSchema<Output>,
    config?: StructuredOutputMethodOptions<boolean>,
  ) {
    return structuredOutput<Output>(this, schema, config)
  }

  private requestFor(
    messages: readonly BaseMessage[],
    options: this['ParsedCallOptions'],
  ): ChatRequest<Model> {
    return { ...this.invocationParams(options), messages: encodeMessages(messages) }
  }

  private optionsFor({ signal, options }: this['ParsedCallOptions']): CallOptions {
    const tags = { ...this.options.tags, ...options?.tags }
    const timeout = { ...this.options.timeout, ...options?.timeout }
    return {
      ...this.options,
      ...options,
      ...(Object.keys(tags).length > 0 && { tags }),
      ...(Object.keys(timeout).length > 0 && { timeout }),
      ...(signal && { signal }),
    }
  }
}
