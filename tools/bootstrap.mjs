// The way in: sets a fresh machine up (Node >= 20.20, npm, Python >= 3.9 with pip; nothing else by hand), then does what
// was asked with the pinned Node 24. Plain JavaScript, for whatever Node the machine has. A second run finds all done.
const usage = `usage: node tools/bootstrap.mjs COMMAND

  start [options]    the local stack (npm start -- --help)
  test [options]     all checks, then all tests; the options are jest's (npm test -- packages/bus)
  check              types, lint, format and the rules of the house
  build              installs and builds everything
  deploy DIR         builds, and lays each service out in DIR as it runs in its image
  run FILE [...]     runs a script, everything built before`

const commands = ['start', 'test', 'check', 'build', 'deploy', 'run']
const withArgument = ['deploy', 'run']
const [command = '', ...args] = process.argv.slice(2)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 20)) {
  console.error(`Node ${process.versions.node} is too old: Penstock needs Node 20.20 or newer to start.`)
  process.exit(1)
}
if (!commands.includes(command) || (withArgument.includes(command) && args.length === 0)) {
  console.error(usage)
  process.exit(2)
}

try {
  const { setUp } = await import('./bootstrap/set-up.mjs')
  const { deploy } = await import('./bootstrap/deploy.mjs')
  const { runNode } = await import('./bootstrap/run-node.mjs')
  const { test } = await import('./bootstrap/test.mjs')
  await setUp({ build: command !== 'check' })
  if (command === 'start') process.exitCode = await runNode(['tools/stack/start.ts', ...args])
  if (command === 'test') process.exitCode = await test(args)
  if (command === 'check') process.exitCode = await runNode(['tools/check/check.ts', ...args])
  if (command === 'deploy') await deploy(args[0] ?? '')
  if (command === 'run') process.exitCode = await runNode(args)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
