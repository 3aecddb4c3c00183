/** What the emulators answer: reviews of `change.diff` as the models might write them, at a believable pace. */
import type { AnswerReply, ScriptedRequest } from '@turnout/testing/emulators'

export function scriptedReview({ lastUserText }: ScriptedRequest): AnswerReply {
  if (lastUserText.startsWith('Summarise')) return fastSummary
  return lastUserText.startsWith('Review') ? deepReview : securityScan
}

const fastSummary: AnswerReply = {
  headersDelayMs: 120,
  firstTokenDelayMs: 90,
  chunkDelayMs: 14,
  text: `Adds refunds: refundOrder() pays back part or all of an order through the payment provider and books the \
amount on the order. The order store can now find orders by e-mail, and the payment client no longer reads its key \
from the environment.

4 files, +36 -2. Risk: high. It moves money, and its one test covers only a full refund.`,
}

const deepReview: AnswerReply = {
  headersDelayMs: 180,
  firstTokenDelayMs: 160,
  chunkDelayMs: 11,
  text: `1. Bug, src/refunds/refund-order.ts:10. The limit is the order's total, not what is left of it. Two refunds \
of 80 % both pass, and the customer gets 160 % back. Compare with order.totalCents - order.refundedCents.

2. Bug, src/refunds/refund-order.ts:16. saveOrder() is not awaited. When it fails, the money is gone, the order \
says otherwise, and the caller sees success.

3. Race. Two calls at once read the same refundedCents. Lock the row, and give payments.refund() an idempotency key, \
so that a retry cannot pay twice.

4. Tests. Add: a partial refund, two that exceed the total together, a failing saveOrder().`,
}

const securityScan: AnswerReply = {
  headersDelayMs: 150,
  firstTokenDelayMs: 120,
  chunkDelayMs: 12,
  text: `HIGH  src/payments/client.ts:4. A live payment key in the source. Revoke it, it is in the history from now \
on; read the new one from the environment.

HIGH  src/orders/order-store.ts:17. The e-mail address goes into the SQL text. Use a parameter, as findOrder() does.

LOW   src/refunds/refund-order.ts:10. A negative amount passes the check. Refuse anything that is not a positive \
integer.`,
}
