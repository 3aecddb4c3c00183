/** Any logger of the usual shape: `console`, pino and winston fit as they are. Facts first, sentence second. */
export interface Logger {
  debug?(facts: object, message: string): void
  info?(facts: object, message: string): void
  warn?(facts: object, message: string): void
  error?(facts: object, message: string): void
}
