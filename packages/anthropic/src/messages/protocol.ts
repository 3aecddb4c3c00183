import type { Protocol, ProtocolContext } from '@turnout/core/adapter'
import { createAnswer, type Answer } from './answer.js'
import { decodeError } from './decode-error.js'
import { readAnswer } from './decode-response.js'
import { endStream, readEvent, type MessagesStreamState } from './decode-stream.js'
import { encodeRequest, type MessagesConfig } from './encode-request.js'
import { planOutput } from './structured-output.js'
import { toolNames } from './tool-names.js'

/**
 * The Messages API.
 *
 * @param nowSeconds for `created`: Anthropic sends no time of its own
 */
export function messagesProtocol(
  config: MessagesConfig,
  nowSeconds: () => number = () => Math.floor(Date.now() / 1_000),
): Protocol<MessagesStreamState> {
  const answerFor = (context: ProtocolContext): Answer => {
    const rules = config.rulesFor(context.model)
    const plan = planOutput(context.request, rules)
    const names = toolNames(context.request, rules.toolNameMaxLength)
    return createAnswer(context, nowSeconds(), plan.kind === 'tool' ? plan.name : undefined, (name) =>
      names.fromWire(name),
    )
  }
  return {
    name: 'anthropic-messages',
    encode: (request, context) => encodeRequest(request, context, config),
    start: (context) => ({ done: false, answer: answerFor(context), roleSent: false, finished: false }),
    step: readEvent,
    end: endStream,
    decode: (body, context) => readAnswer(body, answerFor(context)),
    decodeError,
  }
}
