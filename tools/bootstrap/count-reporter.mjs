// A jest reporter that writes how many tests passed and failed to the file $PENSTOCK_COUNTS names. A test file that
// could not be run counts as one failure.
import { writeFileSync } from 'node:fs'

export default class CountReporter {
  /**
   * @param {unknown} _contexts
   * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number }} results
   */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const counts = JSON.stringify({ passed: results.numPassedTests, failed })
    if (process.env['PENSTOCK_COUNTS']) writeFileSync(process.env['PENSTOCK_COUNTS'], counts)
  }
}
