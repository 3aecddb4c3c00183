/** `GET /v1/models` and `GET /v1/models/{model}`, for the clients of both vendors: they ask at the same path. */
import type { Gateway, ListedName } from '@turnout/core'
import { jsonHeaders } from '../answer-headers.js'
import type { Endpoint, SurfaceAnswer } from '../exchange.js'
import { notAllowed } from '../may-use.js'

const path = '/v1/models'

export const listModels = (gateway: Gateway): Endpoint => ({
  method: 'GET',
  path,
  dialect: 'openai',
  async handle(_request, caller) {
    const names = await gateway.models()
    const data = names.filter(({ id }) => caller.mayUse(id)).map(entryOf)
    const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false }
    return answered({ object: 'list', data, ...ends })
  },
})

export const retrieveModel = (gateway: Gateway): Endpoint => ({
  method: 'GET',
  path: `${path}/:model`,
  dialect: 'openai',
  async handle(_request, caller, { model = '' }) {
    if (!caller.mayUse(model)) throw notAllowed()
    gateway.model(model) // throws for a name that stands for nothing
    const names = await gateway.models()
    const listed = names.find((name) => name.id === model || (name.kind === 'model' && name.model === model))
    return answered(
      listed ? { ...entryOf(listed), id: model } : entry(model, model.split('/', 1)[0] ?? model),
    )
  },
})

function entryOf(name: ListedName) {
  if (name.kind === 'route') {
    const { id, kind, targets } = name
    return { ...entry(id, 'turnout'), gateway: { kind, targets } }
  }
  const { id, kind, provider, model, capabilities, price } = name
  return { ...entry(id, provider), gateway: { kind, provider, model, capabilities, price } }
}

/** When a model was made nobody tells us: the epoch, as Anthropic gives it for dates that it does not know. */
const entry = (id: string, ownedBy: string) => ({
  id,
  object: 'model',
  created: 0,
  owned_by: ownedBy,
  type: 'model',
  display_name: id,
  created_at: '1970-01-01T00:00:00Z',
})

const answered = (body: object): SurfaceAnswer => ({
  status: 200,
  headers: jsonHeaders(''),
  body: JSON.stringify(body),
})
