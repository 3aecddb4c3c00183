import { Embeddings } from '@langchain/core/embeddings'
import type { CallOptions, Gateway, RequestOptions } from '@turnout/core'
import { callerError } from './caller-error.js'

export interface TurnoutEmbeddingsFields<Model extends string = string> {
  readonly gateway: Gateway<Model>
  /** A route, `provider/model` or a known model id. */
  readonly model: NoInfer<Model>
  /** Size of the vectors, where the model lets one choose. */
  readonly dimensions?: number
  /** Texts in one call of the gateway. Default 2,048; adapters cut that into what their providers take. */
  readonly batchSize?: number
  /** The gateway's call options for every call. */
  readonly options?: RequestOptions
}

/**
 * The gateway's embeddings for LangChain.js: a class, because LangChain knows embeddings by inheritance. No retries of
 * LangChain's on top.
 *
 * @throws GatewayError from every call
 * @example
 * const embeddings = new TurnoutEmbeddings({ gateway, model: 'openai/text-embedding-3-small' })
 * const vector = await embeddings.embedQuery('Where is my order?')
 */
export class TurnoutEmbeddings<Model extends string = string> extends Embeddings {
  readonly gateway: Gateway<Model>
  readonly model: Model
  readonly dimensions: number | undefined
  readonly batchSize: number
  readonly options: RequestOptions

  constructor(fields: TurnoutEmbeddingsFields<Model>) {
    super({ maxRetries: 0 })
    this.gateway = fields.gateway
    this.model = fields.model
    this.dimensions = fields.dimensions
    this.batchSize = fields.batchSize ?? 2_048
    this.options = fields.options ?? {}
  }

  override async embedDocuments(documents: string[], options: CallOptions = {}): Promise<number[][]> {
    const vectors: number[][] = []
    for (let from = 0; from < documents.length; from += this.batchSize) {
      // One after the other: the provider's limits count them all.
      // oxlint-disable-next-line no-await-in-loop
      vectors.push(...(await this.embed(documents.slice(from, from + this.batchSize), options)))
    }
    return vectors
  }

  override async embedQuery(document: string, options: CallOptions = {}): Promise<number[]> {
    const [vector = []] = await this.embed([document], options)
    return vector
  }

  private async embed(input: readonly string[], options: CallOptions): Promise<number[][]> {
    const { gateway, model, dimensions } = this
    try {
      const { data } = await gateway.embed(
        { model, input, ...(dimensions !== undefined && { dimensions }) },
        { ...this.options, ...options },
      )
      return data.map(({ embedding }) => embedding as number[]) // numbers: base64 was not asked for
    } catch (error) {
      throw callerError(error)
    }
  }
}
