// What is known of a peer once its certificate or token was looked at.

/** Which fleet it may be of, and until when. */
export interface Identified {
  readonly fleet: string
  readonly expiresMs: number
}

/** Why it is nobody. The reason is a label of a metric. */
export interface Refused {
  readonly refused: RefusalReason
}

export type RefusalReason = keyof typeof refusalWords

/** What the peer is told, and the documentation says. */
export const refusalWords = {
  missing: 'it shows no identity',
  unreadable: 'its identity cannot be read',
  untrusted: 'its identity is not of an authority that is trusted here',
  expired: 'its identity has expired',
  not_yet_valid: 'its identity is not valid yet; see the clocks',
  wrong_use: 'its identity is for another use',
  no_fleet: 'its identity names no fleet, or more than one name',
  other_install: 'its identity is of another installation',
} as const
