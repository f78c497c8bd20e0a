// Runs the official conformance suite against Penstock in a real cluster. `--help` says how.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import { images } from '../cluster/images.ts'
import { isRequired, lackOfMachine } from '../cluster/machine.ts'
import { removeNode } from '../cluster/node.ts'
import { installPenstock, logsOfServices } from './install.ts'
import { type CatalogueEntry, claimedProfiles, profileTable } from './profile-table.ts'
import { compare, formatExpected, type Outcome, parseExpected, type ResultList } from './result-list.ts'
import { allProfiles, readCatalogue, runSuite } from './suite.ts'

const usage = `usage: npm run conformance -- [options]

  --profile NAME    one of ${allProfiles.join(', ')}; may be repeated;
                    default: those whose core the GatewayClass claims
  --run TEST        one test alone
  --accept          writes what came out to expected.txt
  --keep            leaves the cluster: npm run cluster -- --dir .penstock/conformance-cluster kubectl get pods -A
  --list            prints all tests with their profiles, and runs nothing
  --class NAME      of another implementation, which is there already; with --no-install
  --no-install      installs nothing of ours
  -- FLAG...        for the suite itself`

const root = resolve(import.meta.dirname, '../..')
const clusterFolder = join(root, '.penstock/conformance-cluster')
const outputFolder = join(root, '.penstock/conformance')
const expectedFile = join(import.meta.dirname, 'expected.txt')
const suiteDeadlineMs = 25 * 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', multiple: true },
    run: { type: 'string' },
    accept: { type: 'boolean' },
    keep: { type: 'boolean' },
    list: { type: 'boolean' },
    class: { type: 'string', default: 'penstock' },
    'no-install': { type: 'boolean' },
    help: { type: 'boolean' },
  },
})

const startMs = performance.now()

function say(sentence: string): void {
  console.log(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${sentence}`)
}

async function main(): Promise<number> {
  if (values.help) return print(usage)
  if (values.list) return await list()
  const lack = lackOfMachine()
  if (lack !== undefined) {
    console.error(`no Kubernetes node on this machine: ${lack}. Not run: the conformance suite.`)
    return isRequired() ? 1 : 0
  }
  await rm(outputFolder, { recursive: true, force: true })
  await mkdir(outputFolder, { recursive: true })
  await removeNode(clusterFolder)
  const cluster = await startCluster(
    clusterFolder,
    say,
    values.keep ? 'outlives this process' : 'ends with this process',
  )
  try {
    await cluster.load(await images.echo())
    if (!values['no-install']) await installPenstock(cluster, say)
    const profiles = values.profile ?? (await profilesOf(cluster))
    say(`the suite runs for ${profiles.join(', ')}`)
    return await judge(await run(cluster, profiles))
  } finally {
    for (const [name, log] of await logsOfServices(cluster)) await writeFile(join(outputFolder, `${name}.log`), log)
    if (!values.keep) await cluster.stop()
  }
}

async function profilesOf({ kubectl }: Cluster): Promise<readonly string[]> {
  await kubectl(['wait', '--for=condition=Accepted', '--timeout=60s', `gatewayclass/${values.class}`])
  const names = '--output=jsonpath={.status.supportedFeatures[*].name}'
  const claimed = await kubectl(['get', 'gatewayclass', values.class, names])
  return claimedProfiles(await readCatalogue(outputFolder), new Set(claimed.split(' ')))
}

async function run(cluster: Cluster, profiles: readonly string[]): Promise<ResultList> {
  const options = {
    ...{ gatewayClass: values.class, profiles, flags: positionals },
    ...(values.run && { run: values.run }),
    ...{ dir: outputFolder, deadlineMs: suiteDeadlineMs },
  }
  const results = await runSuite(cluster, options, say)
  say(`the suite ended; its log, its report and what our services said: ${outputFolder}`)
  return results
}

/** Prints what came out; 1 if it is worse than what was committed. */
async function judge(results: ResultList): Promise<number> {
  const expected = existsSync(expectedFile)
    ? parseExpected(await readFile(expectedFile, 'utf8'))
    : new Map<string, Outcome>()
  if (values.run) {
    const outcome = results.get(values.run) ?? 'missing: the suite ended before it'
    return print(`${values.run}: ${outcome}`, outcome === 'pass' ? 0 : 1)
  }
  const catalogue = await readCatalogue(outputFolder)
  for (const line of profileTable(catalogue, results)) console.log(line)
  // With profiles named, tests of others were skipped, which says nothing of them.
  const isJudged = ({ profiles }: CatalogueEntry): boolean =>
    !values.profile || values.profile.some((name) => name in profiles)
  const judged = new Set(catalogue.filter(isJudged).map(({ name }) => name))
  if (values.accept) {
    await writeFile(expectedFile, formatExpected(new Map([...expected, ...only(results, judged)])))
    return 0
  }
  const { worse, missing, better } = compare(only(expected, judged), only(results, judged))
  if (better.length > 0) console.log(`better than expected.txt, --accept keeps it: ${better.join(', ')}`)
  if (missing.length > 0) console.error(`without a result: ${missing.join(', ')}`)
  if (worse.length > 0) console.error(`worse than expected.txt: ${worse.join(', ')}`)
  return worse.length + missing.length > 0 ? 1 : 0
}

const only = (list: ResultList, names: ReadonlySet<string>): ResultList =>
  new Map([...list].filter(([name]) => names.has(name)))

async function list(): Promise<number> {
  for (const { name, features, profiles } of await readCatalogue(outputFolder)) {
    const levels = Object.entries(profiles).map(([profile, level]) => `${profile} ${level}`)
    console.log(`${name}  ${levels.join(', ') || 'in no profile'}  (${features.join(', ')})`)
  }
  return 0
}

function print(text: string, exitCode = 0): number {
  console.log(text)
  return exitCode
}

process.exitCode = await main()
