/** Where a command prints, and how it is told to stop. */
export interface Terminal {
  /** A line on standard output. */
  print(line: string): void
  /** A line on standard error. */
  complain(line: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls back for each SIGTERM and SIGINT; returns the removal. */
  onStop(callback: (signal: string) => void): () => void
}

/** What a command is asked for is not there, or makes no sense. */
export const EXIT_USAGE = 2
export const EXIT_FAILURE = 1
export const EXIT_OK = 0
