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
