/** A line is an event name (a few stable words) and fields. */
export interface Logger {
  trace(event: string, fields?: Readonly<Record<string, unknown>>): void
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
  /** A logger that adds these fields to every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger
}

const nothing = (): void => {}

/** Says nothing; for tests and for callers that have no log. */
export const silentLogger: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
}
