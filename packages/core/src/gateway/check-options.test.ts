import { describe, expect, it } from 'vitest'
import type { Adapter } from '../contract/adapter.js'
import { isGatewayError } from '../errors/gateway-error.js'
import { checkGatewayOptions } from './check-options.js'
import { adapterOf, routeOptions } from './routing-config.js'
import type { GatewayOptions } from './gateway-options.js'

const adapter = (...models: readonly string[]): Adapter => ({
  name: 'fake',
  models,
  chat: () => ({ next: () => Promise.resolve(undefined), cancel: () => {} }),
})
const openai = adapter('gpt-4.1')
const providers = { openai, local: { adapter: adapter('llama/3') } }
const options = (over: object = {}): GatewayOptions => ({ providers, ...over })
const routed = (route: unknown): GatewayOptions => options({ routes: { review: route } })
const provided = (config: unknown): GatewayOptions => options({ providers: { openai: config } })
const withDefaults = (defaults: unknown): GatewayOptions => provided({ adapter: openai, defaults })

const faultOf = (config: unknown) => {
  try {
    checkGatewayOptions(config as GatewayOptions)
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('checkGatewayOptions accepts', () => {
  it.each<[string, GatewayOptions]>([
    ['providers alone', options()],
    ['an empty set of routes', options({ routes: {} })],
    [
      'targets with slashes, colons and at signs in the id',
      routed(['openai/ft:gpt-4.1:me::x', 'local/llama/3@q4', 'local//models/x.gguf']),
    ],
    [
      'a route with options',
      routed({
        targets: ['openai/gpt-4.1'],
        strategy: 'priority',
        maxAttempts: 2,
        timeout: { totalMs: 5 },
        priority: 'high',
        unsupported: 'error',
        upstream: 'stream',
      }),
    ],
    [
      'route names of any kind',
      options({ routes: { 'my route?': ['openai/x'], constructor: ['openai/x'], 'openai/x': ['local/x'] } }),
    ],
    ['defaults', options({ defaults: { timeout: { idleMs: 5 }, tags: { a: 'b' } } })],
    ['settings of a provider', withDefaults({ temperature: 0, headers: { 'X-Team': 'ä\tb', accept: '' } })],
    [
      'prices',
      options({
        catalog: {
          'openai/x': {
            price: { inputUsd: 0, outputUsd: 1, longPrompt: { overTokens: 5, inputUsd: 1, outputUsd: 2 } },
            asOf: '2026-01-01',
          },
        },
      }),
    ],
    ['loggers of all kinds', options({ logger: console })],
    ['a logger that is silent', options({ logger: {} })],
    ['a source of chance', options({ random: () => 0.5 })],
  ])('%s', (_name, config) => {
    expect(() => checkGatewayOptions(config)).not.toThrow()
  })
})

describe('checkGatewayOptions refuses', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['nothing', undefined, 'options', /must be an object with providers, as in/],
    ['a list', [openai], 'options', /must be an object with providers/],
    ['a misspelt option', options({ rotues: {} }), 'rotues', /did you mean `routes`\?/],
    [
      'an unknown option',
      options({ plugins: [] }),
      'plugins',
      /is no known option; there are providers, routes/,
    ],
    ['a store of no kind', options({ stores: { limit: {} } }), 'stores.limit', /did you mean `limits`\?/],
    [
      'a client in place of shared limits',
      options({ stores: { limits: { get() {} } } }),
      'stores.limits',
      /must be what sharedLimits\(redis\) of @turnout\/redis gives/,
    ],
    ['missing providers', {}, 'providers', /must be an object, but is missing/],
    ['no providers', { providers: {} }, 'providers', /must not be empty; give at least one adapter/],
    ['providers in a list', { providers: [openai] }, 'providers', /must be an object, but is a list/],
    [
      'a slash in a provider name',
      { providers: { 'a/b': openai } },
      'providers.a/b',
      /must be a name of letters, digits, "_", "-" and "\."$/,
    ],
    [
      'a provider called __proto__',
      { providers: Object.defineProperty({ openai }, '__proto__', { value: openai, enumerable: true }) },
      'providers.__proto__',
      /is no name; remove it/,
    ],
    [
      'a factory that was not called',
      provided(() => openai),
      'providers.openai',
      /must be an adapter: call the factory/,
    ],
    ['a key for an adapter', provided('sk-secret-secret'), 'providers.openai', /must be an adapter/],
    [
      'an object that is no adapter',
      provided({ apiKey: 'x' }),
      'providers.openai',
      /is no adapter; call the factory/,
    ],
    ['an adapter that is missing', provided({ adapter: undefined }), 'providers.openai', /is no adapter/],
    [
      'an unknown option of a provider',
      provided({ adapter: openai, default: {} }),
      'providers.openai.default',
      /did you mean `defaults`\?/,
    ],
    [
      'a quality of no adapter',
      options({ quality: { 'gpt-4.1': { code: 1 } } }),
      'quality.gpt-4.1',
      /must be "adapter\/model"/,
    ],
    [
      'a quality at no task',
      options({ quality: { 'openai/gpt-4.1': { coding: 1 } } }),
      'quality.openai/gpt-4.1.coding',
      /is no known option; .*`code`|is no known option; there are code, reasoning/,
    ],
    [
      'a quality in percent',
      options({ quality: { 'openai/gpt-4.1': { code: 82 } } }),
      'quality.openai/gpt-4.1.code',
      /must be at most 1/,
    ],
    [
      'a classifier that is none',
      options({ classifier: 'gpt' }),
      'classifier',
      /must be a function, or \{ classify, timeoutMs \}/,
    ],
    [
      'a classifier without its function',
      options({ classifier: { classify: 'gpt' } }),
      'classifier.classify',
      /must be a function of the request/,
    ],
    [
      'a classifier with no time',
      options({ classifier: { classify: () => ({}), timeoutMs: 0 } }),
      'classifier.timeoutMs',
      /must be/,
    ],
    [
      'a misspelt option of a classifier',
      options({ classifier: { classify: () => ({}), timeout: 5 } }),
      'classifier.timeout',
      /is no known option/,
    ],
    [
      'settings that are text',
      withDefaults('x'),
      'providers.openai.defaults',
      /must be an object of request fields and headers/,
    ],
    [
      'a misspelt setting',
      withDefaults({ temprature: 1 }),
      'providers.openai.defaults.temprature',
      /did you mean `temperature`\?/,
    ],
    [
      'a wrong setting',
      withDefaults({ temperature: 'hot' }),
      'providers.openai.defaults.temperature',
      /must be a number/,
    ],
    [
      'headers in a list',
      withDefaults({ headers: ['a'] }),
      'providers.openai.defaults.headers',
      /must be an object of names and values/,
    ],
    [
      'a line break in a header',
      withDefaults({ headers: { 'x-team': 'a\r\nx-admin: 1' } }),
      'providers.openai.defaults.headers.x-team',
      /without line breaks or other control characters/,
    ],
    [
      'a NUL in a header',
      withDefaults({ headers: { 'x-team': 'a\0' } }),
      'providers.openai.defaults.headers.x-team',
      /control characters/,
    ],
    [
      'a script that no header can carry',
      withDefaults({ headers: { 'x-team': '日本' } }),
      'providers.openai.defaults.headers.x-team',
      /must be Latin text/,
    ],
    [
      'a number in a header',
      withDefaults({ headers: { 'x-team': 5 } }),
      'providers.openai.defaults.headers.x-team',
      /must be Latin text/,
    ],
    [
      'a header name with a colon',
      withDefaults({ headers: { 'x-team:': 'a' } }),
      'providers.openai.defaults.headers.x-team:',
      /is no valid header name/,
    ],
    [
      'an empty header name',
      withDefaults({ headers: { '': 'a' } }),
      'providers.openai.defaults.headers.',
      /is no valid header name/,
    ],
    ['routes in a list', options({ routes: ['openai/x'] }), 'routes', /must be an object, but is a list/],
    ['a route without a name', options({ routes: { '': ['openai/x'] } }), 'routes.', /must not be empty/],
    [
      'a route that is a text',
      routed('openai/gpt-4.1'),
      'routes.review',
      /must be a list of targets, or \{ targets, … \}/,
    ],
    ['a route that is null', routed(null), 'routes.review', /must be a list of targets/],
    [
      'a route without targets',
      routed([]),
      'routes.review.targets',
      /must be a list with at least one "provider\/model"/,
    ],
    [
      'a route that only has options',
      routed({ strategy: 'priority' }),
      'routes.review.targets',
      /must be a list with at least one/,
    ],
    [
      'a misspelt option of a route',
      routed({ targets: ['openai/x'], strateggy: 'priority' }),
      'routes.review.strateggy',
      /did you mean `strategy`\?/,
    ],
    [
      'an option that routes do not have',
      routed({ targets: ['openai/x'], tenant: 'x' }),
      'routes.review.tenant',
      /is no known option; there are targets/,
    ],
    [
      'another strategy',
      routed({ targets: ['openai/x'], strategy: 'random' }),
      'routes.review.strategy',
      /is no known option; there are priority, weighted, lowest-cost/,
    ],
    [
      'no attempts',
      routed({ targets: ['openai/x'], maxAttempts: 0 }),
      'routes.review.maxAttempts',
      /must be at least 1/,
    ],
    [
      'a clock at zero',
      routed({ targets: ['openai/x'], timeout: { totalMs: 0 } }),
      'routes.review.timeout.totalMs',
      /must be more than 0/,
    ],
    [
      'a bare model id',
      routed(['gpt-4.1']),
      'routes.review.targets[0]',
      /must be "provider\/model" or another route's name; did you mean "openai\/gpt-4\.1"\?/,
    ],
    [
      'a bare id that nobody lists',
      routed(['gpt-9']),
      'routes.review.targets[0]',
      /must be "provider\/model" or another route's name$/,
    ],
    ['a target that is no text', routed(['openai/x', 5]), 'routes.review.targets[1]', /must be/],
    ['half a target', routed(['openai/']), 'routes.review.targets[0]', /must be "provider\/model"/],
    [
      'a misspelt provider',
      routed(['opnai/gpt-4.1']),
      'routes.review.targets[0]',
      /provider "opnai" is not configured; did you mean "openai"\?/,
    ],
    [
      'a provider that is not there',
      routed(['anthropic/x']),
      'routes.review.targets[0]',
      /provider "anthropic" is not configured; add it to providers/,
    ],
    [
      'a provider from Object.prototype',
      routed(['constructor/x']),
      'routes.review.targets[0]',
      /is not configured/,
    ],
    [
      'a model id that leads elsewhere',
      routed(['openai/../files']),
      'routes.review.targets[0]',
      /must not hold/,
    ],
    [
      'a target twice',
      routed(['openai/x', 'local/x', 'openai/x']),
      'routes.review.targets[2]',
      /stands in the list twice; remove one/,
    ],
    [
      'a misspelt default',
      options({ defaults: { timeouts: {} } }),
      'defaults.timeouts',
      /did you mean `timeout`\?/,
    ],
    [
      'an id for every call',
      options({ defaults: { requestId: 'x' } }),
      'defaults.requestId',
      /is no known option/,
    ],
    [
      'a price for __proto__',
      options({ catalog: JSON.parse('{"__proto__":{"price":{"inputUsd":1,"outputUsd":1}}}') }),
      'catalog.__proto__',
      /is no name; remove it/,
    ],
    [
      'a negative price',
      options({ catalog: { 'openai/x': { price: { inputUsd: -1, outputUsd: 1 } } } }),
      'catalog.openai/x.price.inputUsd',
      /must be at least 0/,
    ],
    [
      'a price that is not a number',
      options({ catalog: { 'openai/x': { price: { inputUsd: NaN, outputUsd: 1 } } } }),
      'catalog.openai/x.price.inputUsd',
      /must be a number, but is NaN/,
    ],
    [
      'a price without its other half',
      options({ catalog: { 'openai/x': { price: { inputUsd: 1 } } } }),
      'catalog.openai/x.price.outputUsd',
      /but is missing/,
    ],
    [
      'a misspelt price',
      options({ catalog: { 'openai/x': { price: { inputUsd: 1, outputUsd: 1, cachedUsd: 1 } } } }),
      'catalog.openai/x.price.cachedUsd',
      /is no known option/,
    ],
    [
      'a logger that is a function',
      options({ logger: () => {} }),
      'logger',
      /must be an object with the methods/,
    ],
    [
      'a logger that cannot warn',
      options({ logger: { warn: 'yes' } }),
      'logger',
      /must be an object with the methods/,
    ],
    [
      'chance that is a number',
      options({ random: 0.5 }),
      'random',
      /must be a function that gives numbers in \[0, 1\)/,
    ],
    [
      'a getter that throws',
      {
        providers,
        get routes() {
          throw new Error('x')
        },
      },
      'routes',
      /reading it threw an error/,
    ],
    [
      'a provider whose getter throws',
      {
        providers: {
          get openai() {
            throw new Error('x')
          },
        },
      },
      'providers.openai',
      /reading it threw an error/,
    ],
  ])('%s', (_name, config, path, message) => {
    const error = faultOf(config)
    expect(error.path).toBe(path)
    expect(error.message).toMatch(message)
    expect(error.message.startsWith(`${path}: `)).toBe(true)
    expect(error.message).not.toContain('secret')
  })
})

it('takes both forms of a provider and of a route', () => {
  expect(adapterOf(openai)).toBe(openai)
  expect(adapterOf({ adapter: openai, defaults: {} })).toBe(openai)
  expect(routeOptions(['a/b'])).toEqual({ targets: ['a/b'] })
  expect(routeOptions({ targets: ['a/b'], maxAttempts: 2 })).toEqual({ targets: ['a/b'], maxAttempts: 2 })
})
