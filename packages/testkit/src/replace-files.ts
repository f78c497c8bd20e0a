// Files that others read while they are replaced, as a mounted volume does it: each is the old one or the new one.
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One after the other, in the order in which they are named. */
export async function replaceFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, `.${name}`), content)
    await rename(join(folder, `.${name}`), join(folder, name))
  }
}
