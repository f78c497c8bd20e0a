import { describe, expect, it } from '@jest/globals'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import { createRig, gateway, gatewayClass, http, type Rig } from './rig.test-data.ts'

const asking = (...addresses: object[]): Resource => gateway('gw', [http('http')], { addresses })
const rigOf = (...addresses: object[]): Rig => createRig([gatewayClass(), asking(...addresses)])
const outputs = ({ translation: { graph, infra, status } }: Rig) => ({
  asked: graph.values(infra).get('default~gw')?.addresses,
  required: graph.values(status).get(resourceKey(asking()))?.requiredAddresses?.values,
})

describe('addresses of a Gateway', () => {
  it.each<[string, object[], string[], string[] | undefined]>([
    ['none', [], [], undefined],
    ['one', [{ value: '10.0.0.1' }], ['10.0.0.1'], ['10.0.0.1']],
    ['two', [{ value: '10.0.0.1' }, { value: '10.0.0.2' }], ['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.2']],
    ['any', [{ type: 'IPAddress' }], [''], undefined],
    ['one, as reachable as any', [{ value: '10.0.0.1', routability: '' }], ['10.0.0.1'], ['10.0.0.1']],
  ])('are asked for, and the Gateway waits for them: %s', (_, addresses, asked, required) => {
    const rig = rigOf(...addresses)
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'True Accepted', Programmed: 'True Programmed' })
    expect(outputs(rig)).toEqual({ asked: asked.map((value) => ({ type: 'IPAddress', value })), required })
  })

  it.each<[string, object, string]>([
    ['of a type', { type: 'Hostname', value: 'a.com' }, 'spec.addresses[1] of Gateway default/gw is of type Hostname'],
    ['of a domain', { type: 'example.com/x', value: 'y' }, 'is of type example.com/x'],
    ['with a routability', { value: '10.0.0.2', routability: 'Cluster' }, 'sets routability'],
  ])('that are not supported (%s) refuse the Gateway', (_, address, why) => {
    const rig = rigOf({ value: '10.0.0.1' }, address)
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'False UnsupportedAddress', Programmed: 'False Invalid' })
    expect(rig.message('Gateway', 'gw', 'Accepted')).toContain(why)
    expect(rig.records('listener').size).toBe(0)
    expect(outputs(rig)).toEqual({ asked: [{ type: 'IPAddress', value: '10.0.0.1' }], required: ['10.0.0.1'] })
  })

  it('are refused where the proxies are not ours to run', () => {
    const rig = createRig([gatewayClass(), asking({ value: '10.0.0.1' })], { fleet: 'local' })
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'False UnsupportedAddress' })
  })
})
