/** What a surface refuses before the gateway is asked. */
export interface SurfaceFault {
  readonly fault: true
  /** Of HTTP. */
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 411 | 413 | 415 | 431 | 503
  /** What is wrong, where, and what to do. */
  readonly message: string
  /** The field that is wrong. */
  readonly path?: string
}

export const isSurfaceFault = (error: unknown): error is SurfaceFault =>
  typeof error === 'object' && error !== null && 'fault' in error && error.fault === true

/** @param what is wrong and what to do, to stand behind the path of the field */
export const refuse = (path: string, what: string): SurfaceFault => ({
  fault: true,
  status: 400,
  message: `${path}: ${what}`,
  path,
})
