// Who a proxy is: names, and how certificates and tokens are read. Issuing has an entry of its own, `/authority`: what it
// takes is 25 MB that no server of proxies needs.

export { isIssuedBy } from './bundle.ts'
export { type Identified, type RefusalReason, type Refused, refusalWords } from './identified.ts'
export { identityFiles } from './identity-files.ts'
export { type FolderIdentity, type IdentityFolder, watchIdentityFolder } from './identity-folder.ts'
export { identifyCertificate, type PeerCheck } from './peer.ts'
export { type FleetIdentity, fleetIdentity, fleetOfIdentity } from './spiffe.ts'
export { type TokenCheck, tokenAudience, verifyToken } from './token.ts'
export { clockSkewMs } from './validity.ts'
