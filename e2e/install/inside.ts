// The part of the bed that runs where outside clients are; bed.ts starts it there.
import { runInside } from './bed.ts'

process.exitCode = await runInside(Number(process.argv[2] ?? 200))
