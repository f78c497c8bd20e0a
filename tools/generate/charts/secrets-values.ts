// What the chart of an installation's secrets can be told.
import { placeNamePattern } from '@penstock/bus'
import { sealingKeyNamePattern, serverNamePattern } from '@penstock/cli'
import { type ChartValues, flag, matching, text, texts } from './chart-value.ts'
import { networkPolicyValues, podValues } from './common-values.ts'

/** A job has no replicas, and nobody asks it anything. */
function jobValues(): ChartValues {
  const {
    existingSecret: _secret,
    disruptionBudget: _budget,
    ...values
  } = podValues({
    ...{ repository: 'penstock/cli', memory: ['128Mi', '256Mi'] },
  })
  const { metricsFrom: _from, ...networkPolicy } = networkPolicyValues
  return { ...values, networkPolicy }
}

export const secretsValues: ChartValues = {
  ...jobValues(),
  schedule: text(
    'When it looks whether anything has to be renewed, as cron does; never where nothing is said.',
    '17 3 * * *',
  ),
  keep: flag('Whether what it made stays after `helm uninstall`.', false),
  sealingKeys: matching(
    sealingKeyNamePattern,
    text(
      'The name of the newest sealing key, made where it is not there, at first only to open; docs/secrets.md, "New sealing keys".',
    ),
  ),
  sealBy: matching(
    sealingKeyNamePattern,
    text('The name of the sealing key that seals, once all servers have it; the one that does where nothing is said.'),
  ),
  serverNames: matching(
    serverNamePattern,
    texts('More names and addresses that proxies, or clients of NATS, call our servers by.'),
  ),
  moreSources: matching(
    placeNamePattern,
    texts('Clusters besides global.source that share this NATS, so that its users may write for them too.'),
  ),
}
