// The part of the bed that runs where outside clients are; bed.ts starts it there.
import { runInside } from './bed.ts'
import type { CoursesOptions } from './courses.ts'

process.exitCode = await runInside(JSON.parse(process.argv[2] ?? '') as CoursesOptions)
