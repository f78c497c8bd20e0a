// A jest reporter that writes how many tests passed and failed to the file $PENSTOCK_COUNTS names. A test file that
// could not be run counts as one failure. Each test that was left out is named: its title says when it runs.
import { writeFileSync } from 'node:fs'

export default class CountReporter {
  /**
   * @param {unknown} _contexts
   * @param {{
   *   numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number,
   *   testResults: { testResults: { status: string, fullName: string }[] }[],
   * }} results
   */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const tests = results.testResults.flatMap((file) => file.testResults)
    for (const { fullName } of tests.filter(({ status }) => status === 'pending')) console.log(`not run: ${fullName}`)
    const counts = JSON.stringify({ passed: results.numPassedTests, failed })
    if (process.env['PENSTOCK_COUNTS']) writeFileSync(process.env['PENSTOCK_COUNTS'], counts)
  }
}
