import { jest } from '@jest/globals'
import { fire } from './contract/fire.ts'
import { startMemoryBroker } from './contract/memory-broker.ts'
import { startNatsBroker } from './contract/nats-broker.ts'
import { busContract } from './contract.ts'

jest.setTimeout(60_000 * fire.times)

busContract('the bus in memory', startMemoryBroker)
busContract('the bus on NATS', startNatsBroker)
