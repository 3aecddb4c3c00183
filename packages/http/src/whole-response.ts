type Init = ConstructorParameters<typeof Response>[1]

/** What a response is made of, until somebody wants more of it than its text. */
interface Whole {
  readonly text: string
  readonly init: Init
  isRead: boolean
  real: Response | undefined
}

const WHOLE = Symbol('whole')
type WholeResponse = Response & { readonly [WHOLE]: Whole }

const READERS = ['arrayBuffer', 'blob', 'bytes', 'formData'] as const

/**
 * Makes `Response`s to texts. A web stream costs 20 us of CPU to make on Node 20 and as much to read back, most of the
 * detour through a `fetch`; here it is made when somebody asks for more than `text()` or `json()`.
 */
export function createWholeResponses(): (text: string, init: Init) => Response {
  // Taken once: a framework may put another class in its place later, and the two must not be mixed.
  const Base = Response
  const realOf = ({ [WHOLE]: whole }: WholeResponse): Response => {
    whole.real ??= new Base(whole.text, whole.init)
    if (whole.isRead && !whole.real.bodyUsed) void whole.real.body?.cancel()
    return whole.real
  }
  const prototype: object = Object.create(Base.prototype, {
    body: {
      get(this: WholeResponse) {
        return realOf(this).body
      },
    },
    bodyUsed: {
      get(this: WholeResponse) {
        const { isRead, real } = this[WHOLE]
        return isRead || (real?.bodyUsed ?? false)
      },
    },
    text: {
      async value(this: WholeResponse) {
        return takeText(this) ?? realOf(this).text()
      },
    },
    json: {
      async value(this: WholeResponse) {
        const text = takeText(this)
        return text === undefined ? realOf(this).json() : (JSON.parse(text) as unknown)
      },
    },
    clone: {
      value(this: WholeResponse) {
        return realOf(this).clone()
      },
    },
  })
  for (const name of READERS.filter((reader) => reader in Base.prototype)) {
    Object.defineProperty(prototype, name, {
      async value(this: WholeResponse) {
        return (realOf(this) as unknown as Record<string, () => Promise<unknown>>)[name]?.()
      },
    })
  }
  return (text, init) => {
    const whole: Whole = { text, init, isRead: false, real: undefined }
    const response = Object.assign(new Base(null, init), { [WHOLE]: whole })
    return Object.setPrototypeOf(response, prototype) as Response
  }
}

/** @returns `undefined` when it is no longer ours to give */
function takeText({ [WHOLE]: whole }: WholeResponse): string | undefined {
  if (whole.isRead || whole.real) return undefined
  whole.isRead = true
  return whole.text
}
