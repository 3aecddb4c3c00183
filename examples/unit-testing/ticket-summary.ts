/** Code of yours that calls the gateway: what the tests in `main.ts` are about. */
import { isGatewayError, type Gateway } from '@turnout/core'

/** One sentence about a ticket. When no model can be reached, its first line has to do. */
export async function summariseTicket(gateway: Gateway, ticket: string): Promise<string> {
  try {
    const answer = await gateway.chat({
      model: 'summary',
      temperature: 0,
      messages: [
        { role: 'system', content: 'Summarise the ticket in one sentence.' },
        { role: 'user', content: ticket },
      ],
    })
    return answer.choices[0]?.message.content ?? ''
  } catch (error) {
    if (!isGatewayError(error) || !error.retryable) throw error
    return ticket.split('\n', 1)[0] ?? ''
  }
}
