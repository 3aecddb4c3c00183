/** The README's commands as printed, with the built program in a process of its own and an emulator as the provider. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, vi } from 'vitest'
import { openaiEmulator } from '@turnout/testing/emulators'

// Sockets and processes on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

const home = join(import.meta.dirname, '..')
const PRINTED_PORT = '8080'

function block(markdown: string, language: string, holding: string): string {
  const blocks = [...markdown.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
  const found = blocks.find(([, given, text]) => given === language && text?.includes(holding))
  if (!found?.[2]) throw new Error(`there is no block in ${language} with ${holding}`)
  return found[2]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it.each(['packages/cli/README.md', 'docs/server.md'])(
  '%s: what it says to run works as printed',
  async (path) => {
    const markdown = await readFile(join(home, '..', '..', path), 'utf8')
    const emulator = await openaiEmulator({ replies: 'Hello.' })
    const folder = await mkdtemp(join(tmpdir(), 'turnout-readme-'))
    const port = String(await freePort())
    // The provider is the one thing that is not as printed: the emulator stands in for it.
    const yaml = block(markdown, 'yaml', 'routes:').replace(
      'apiKey: env:OPENAI_API_KEY',
      'apiKey: env:OPENAI_API_KEY, baseURL: env:EMULATOR',
    )
    await writeFile(join(folder, 'turnout.yaml'), yaml)
    expect(block(markdown, 'sh', 'turnout serve')).toContain('turnout serve turnout.yaml')
    const child = spawn(
      process.execPath,
      [join(home, 'dist', 'bin.js'), 'serve', 'turnout.yaml', '--port', port],
      {
        cwd: folder,
        env: { ...process.env, OPENAI_API_KEY: 'sk-secret-1234567890', EMULATOR: emulator.baseURL },
      },
    )
    let output = ''
    child.stdout.on('data', (text: Buffer) => (output += text.toString()))
    child.stderr.on('data', (text: Buffer) => (output += text.toString()))
    const exited = once(child, 'exit')
    try {
      await expect.poll(() => output, { timeout: 10_000 }).toContain('serving http://127.0.0.1:')
      const command = block(markdown, 'sh', 'curl ').replace(`:${PRINTED_PORT}`, `:${port}`)
      const { stdout } = await promisify(execFile)('sh', ['-c', `${command.trim()} --silent --show-error`])
      expect(JSON.parse(stdout)).toMatchObject({
        object: 'chat.completion',
        choices: [{ message: { role: 'assistant', content: 'Hello.' } }],
      })
      expect(emulator.requests[0]?.apiKey).toBe('sk-secret-1234567890')
      child.kill('SIGTERM')
      expect((await exited)[0]).toBe(0)
      expect(output.trim().split('\n')).toHaveLength(3)
      expect(output).not.toContain('secret')
    } finally {
      if (child.exitCode === null) child.kill('SIGKILL')
      await emulator.close()
      await rm(folder, { recursive: true })
    }
  },
)
