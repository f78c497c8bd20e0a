// Self-signed certificates by the thousand: a P-256 key each and just the fields that a server's certificate needs (RFC
// 5280), written as DER by hand, since Node signs but writes no certificates and a program for each would take minutes.
import { createSign, generateKeyPairSync } from 'node:crypto'

export interface SelfSigned {
  readonly certificatePem: string
  readonly keyPem: string
}

let serial = 0

/** `subject`: its common name. */
export function selfSigned(subject: string, host: string): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  serial += 1
  const name = sequence(set(sequence(oid(commonName), tagged(0x0c, Buffer.from(subject)))))
  const hosts = sequence(tagged(0x82, Buffer.from(host)))
  const toBeSigned = sequence(
    tagged(0xa0, integer(2)),
    integer(serial),
    sequence(oid(ecdsaWithSha256)),
    name,
    sequence(generalizedTime('20200101000000Z'), generalizedTime('21200101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(sequence(oid(subjectAltName), tagged(0x04, hosts)))),
  )
  const signature = createSign('sha256').update(toBeSigned).sign(privateKey)
  const bits = tagged(0x03, Buffer.concat([Buffer.of(0), signature]))
  return {
    certificatePem: pem('CERTIFICATE', sequence(toBeSigned, sequence(oid(ecdsaWithSha256)), bits)),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Object identifiers, encoded: 2.5.4.3, 2.5.29.17, 1.2.840.10045.4.3.2 */
const commonName = '550403'
const subjectAltName = '551d11'
const ecdsaWithSha256 = '2a8648ce3d040302'

const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'))
const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(0x30, Buffer.concat(parts))
const set = (...parts: readonly Uint8Array[]): Buffer => tagged(0x31, Buffer.concat(parts))
const generalizedTime = (time: string): Buffer => tagged(0x18, Buffer.from(time))

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  // As short as can be: no leading byte that only repeats the sign.
  let from = 0
  while (from < 3 && bytes[from] === 0 && (bytes[from + 1] ?? 0) < 0x80) from += 1
  return tagged(0x02, bytes.subarray(from))
}

function tagged(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), content])
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
