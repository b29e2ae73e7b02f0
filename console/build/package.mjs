// Compresses the built files, and lists them for the service: META-INF/static-files.tsv has a line for each with its path, the
// hash of its content and the content codings in which it is available too. The argument is the folder of the files.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const folder = process.argv[2]

// Formats that are not compressed already.
const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.json', '.map', '.svg', '.txt', '.webmanifest', '.xml'])
const MIN_COMPRESSED_BYTES = 1024

const CODINGS = [
  ['br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })],
  ['gz', (bytes) => gzipSync(bytes, { level: 9 })],
]

const lines = []
for (const path of readdirSync(folder, { recursive: true }).sort()) {
  const file = join(folder, path)
  if (!statSync(file).isFile()) {
    continue
  }
  const content = readFileSync(file)
  const suffixes = []
  if (COMPRESSIBLE.has(extname(path)) && content.length > MIN_COMPRESSED_BYTES) {
    for (const [suffix, compress] of CODINGS) {
      const compressed = compress(content)
      if (compressed.length < content.length) {
        writeFileSync(`${file}.${suffix}`, compressed)
        suffixes.push(suffix)
      }
    }
  }
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 32)
  lines.push([path, hash, ...suffixes].join('\t') + '\n')
}
mkdirSync(join(folder, 'META-INF'), { recursive: true })
writeFileSync(join(folder, 'META-INF', 'static-files.tsv'), lines.join(''))
