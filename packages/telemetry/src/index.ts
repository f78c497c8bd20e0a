// What a package may say: interfaces only. `service` brings the implementations; a pure package has neither.
export { type Logger, silentLogger } from './logger.ts'
export { type Counter, type Gauge, type Histogram, type Labels, type Meter, silentMeter } from './meter.ts'
