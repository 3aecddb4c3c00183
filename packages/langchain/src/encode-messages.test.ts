import { AIMessage } from '@langchain/core/messages'
import { expect, it } from 'vitest'
import { encodeMessages } from './encode-messages.js'
import { KEY } from './message-notes.js'

it.each([
  ['{"a": 1}', '{"a": 1}'],
  ['{"a": 2}', '{"a":1}'],
  ['{"a', '{"a":1}'],
])('arguments noted as %s come back as %s', (noted, sent) => {
  const message = new AIMessage({
    content: '',
    tool_calls: [{ id: 'c1', name: 'f', args: { a: 1 } }],
    additional_kwargs: { [KEY]: { arguments: { c1: noted } } },
  })
  expect(encodeMessages([message])[0]).toMatchObject({ tool_calls: [{ function: { arguments: sent } }] })
})
