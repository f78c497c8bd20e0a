// Whether a record can be written (design section 3, sizes): one rule for channels with one writer and with many.
import { Fault } from '@penstock/fault'
import type { BusSettings } from './settings.ts'

/** Headers count as payload. */
const messageOverheadBytes = 16 * 1024

export interface SizeLimits {
  readonly settings: BusSettings
  /** The largest message that the server takes. */
  readonly maxMessageBytes: number
}

/** The fault of a record that is too large, with all the sizes. */
export function sizeFault(
  { settings, maxMessageBytes }: SizeLimits,
  { key, subject, data }: { readonly key: string; readonly subject: string; readonly data: Uint8Array },
): Fault | undefined {
  const limit = Math.min(settings.maxRecordBytes, maxMessageBytes - messageOverheadBytes)
  if (data.length <= limit && subject.length <= settings.maxSubjectBytes) return undefined
  const sizes = `${data.length} bytes with a subject of ${subject.length}`
  return new Fault(
    'record_too_large',
    `record ${key} has ${sizes}; ${limit} and ${settings.maxSubjectBytes} are allowed`,
  )
}
