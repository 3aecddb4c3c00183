/** A service as it stood before there was a gateway. It was written against the `openai` package and is not changed. */

/** The part of the `openai` client that the service uses; `new OpenAI()` fits. */
export interface ChatClient {
  readonly chat: {
    readonly completions: {
      create(request: {
        model: string
        temperature?: number
        messages: { role: 'system' | 'user'; content: string }[]
      }): Promise<{ readonly choices: readonly { readonly message: { readonly content: string | null } }[] }>
    }
  }
}

export class TicketTriage {
  readonly #client: ChatClient
  readonly #model: string

  constructor(client: ChatClient, model: string) {
    this.#client = client
    this.#model = model
  }

  async priorityOf(ticket: string): Promise<'urgent' | 'normal'> {
    const completion = await this.#client.chat.completions.create({
      model: this.#model,
      temperature: 0,
      messages: [
        { role: 'system', content: 'Answer with one word: urgent or normal.' },
        { role: 'user', content: ticket },
      ],
    })
    return /urgent/i.test(completion.choices[0]?.message.content ?? '') ? 'urgent' : 'normal'
  }
}
