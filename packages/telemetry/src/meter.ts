/** Label values are low in number (a channel, a kind, a result), never a route's name. */
export type Labels = Readonly<Record<string, string>>

export interface Counter {
  /** Adds `amount`, 1 when left out. */
  add(amount?: number, labels?: Labels): void
}

export interface Gauge {
  set(value: number, labels?: Labels): void
  /** What these labels name is no more, and is no longer shown. */
  remove(labels: Labels): void
}

export interface Histogram {
  observe(value: number, labels?: Labels): void
}

/** Names are `penstock_<component>_<thing>_<unit>`; asking twice for a name gives the same instrument. */
export interface Meter {
  counter(name: string, help: string, labelNames?: readonly string[]): Counter
  gauge(name: string, help: string, labelNames?: readonly string[]): Gauge
  /** `buckets` are upper bounds in the unit that the name ends with. */
  histogram(
    name: string,
    help: string,
    options?: { labelNames?: readonly string[]; buckets?: readonly number[] },
  ): Histogram
}

/** Measures nothing. */
export const silentMeter: Meter = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {}, remove: () => {} }),
  histogram: () => ({ observe: () => {} }),
}
