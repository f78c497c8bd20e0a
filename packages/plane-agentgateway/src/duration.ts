import type { Duration } from './gen/google/protobuf/duration.ts'

export function duration(milliseconds: number): Duration {
  return { seconds: BigInt(Math.floor(milliseconds / 1_000)), nanos: (milliseconds % 1_000) * 1_000_000 }
}
