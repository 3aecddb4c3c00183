// Packs every public package, installs the tarballs with npm where nothing of this repository is near, and uses
// them as a stranger would: import, require, a TypeScript program, one answered call.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack-packages.mjs'
import { runCommand, runScript } from './run-command.mjs'

/** The names that users' programs are written against. Every entry point must appear here. */
const expectedNames = {
  '@turnout/core': ['createGateway', 'GatewayError', 'isGatewayError'],
  '@turnout/core/adapter': ['defineAdapter', 'GatewayError'],
  '@turnout/core/backtest': ['backtest', 'recordTraffic'],
  '@turnout/openai-compatible': ['openaiCompatible'],
  '@turnout/openai-compatible/responses': ['responsesProtocol', 'schemaName', 'withStrictness'],
  '@turnout/openai': ['openai'],
  '@turnout/anthropic': ['anthropic'],
  '@turnout/gemini': ['gemini'],
  '@turnout/mistral': ['mistral'],
  '@turnout/xai': ['xai'],
  '@turnout/tokenmix': ['tokenmix'],
  '@turnout/openrouter': ['openrouter'],
  '@turnout/qwen': ['qwen'],
  '@turnout/deepseek': ['deepseek'],
  '@turnout/sqlite': ['sqliteLedger', 'sqliteDeadLetters'],
  '@turnout/redis': ['sharedLimits'],
  '@turnout/cli': ['runTurnout'],
  '@turnout/http': ['createFetch', 'nodeHandler', 'serve', 'createKeys', 'createKey', 'authoriseBy'],
  '@turnout/ai-sdk': ['createTurnout', 'fromAiSdk'],
  '@turnout/langchain': ['ChatTurnout', 'TurnoutEmbeddings'],
  '@turnout/config': [
    'parseConfig',
    'loadConfig',
    'watchConfig',
    'followConfig',
    'storeSource',
    'placeOf',
    'serverOf',
  ],
  '@turnout/prices': ['genaiPrices'],
  '@turnout/testing': [
    'mockAdapter',
    'virtualTime',
    'seededRandom',
    'faultyFetch',
    'traceOf',
    'adapterConformance',
    'ledgerConformance',
    'deadLetterConformance',
    'checkChunkInvariants',
  ],
  '@turnout/testing/emulators': [
    'openaiEmulator',
    'anthropicEmulator',
    'geminiEmulator',
    'chatCompletionsEmulator',
  ],
}

/** Compiled with strict checks of our declarations too, then run. */
const consumer = `
import { createGateway } from '@turnout/core'
import { anthropic } from '@turnout/anthropic'
import { gemini } from '@turnout/gemini'
import { openai } from '@turnout/openai'

const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'k' }), anthropic: anthropic({ apiKey: 'k' }), gemini: gemini({ apiKey: 'k' }) },
  routes: { fast: ['gemini/gemini-2.5-flash', 'openai/gpt-4.1-mini'] },
})

export async function ask(question: string): Promise<string | null | undefined> {
  const answer = await gateway.chat({ model: 'fast', messages: [{ role: 'user', content: question }] })
  return answer.choices[0]?.message.content
}

export async function misspelt() {
  // @ts-expect-error there is no such route
  await gateway.chat({ model: 'fsat', messages: [{ role: 'user', content: 'Hi' }] })
}

await gateway.close()
`

const compilerOptions = {
  target: 'ES2023',
  lib: ['ES2023', 'ESNext.Disposable'],
  types: ['node'],
  module: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
}

await runScript(() => {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-pack-import-'))
  const run = (command, args) => runCommand(command, args, { cwd: folder })
  const write = (name, text) => writeFileSync(join(folder, name), text)
  try {
    const packages = packPackages(folder)
    write('package.json', JSON.stringify({ private: true, type: 'module' }))
    const tarballs = packages.map(({ tarball }) => tarball)
    run('npm', ['install', '--no-audit', '--no-fund', ...tarballs, '@types/node@20', 'typescript@7.0.2'])

    for (const { name, manifest } of packages) {
      checkContents(name, join(folder, 'node_modules', name))
      for (const subpath of Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'))) {
        const specifier = name + subpath.slice(1)
        const names = expectedNames[specifier]
        if (!names) throw new Error(`${specifier} is missing in expectedNames of scripts/pack-and-import.mjs`)
        const check = `const missing = ${JSON.stringify(names)}.filter((name) => !(name in found)); if (missing.length > 0) throw new Error('missing: ' + missing)`
        write('import.mjs', `import * as found from '${specifier}'; ${check}`)
        write('require.cjs', `const found = require('${specifier}'); ${check}`)
        run(process.execPath, ['import.mjs'])
        run(process.execPath, ['require.cjs'])
        console.log(`pack-import: ${specifier} ok`)
      }
    }

    write('consumer.ts', consumer)
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
    run('npx', ['--no-install', 'tsc'])
    run(process.execPath, ['consumer.js'])
    console.log('pack-import: a TypeScript program compiles and runs')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function checkContents(name, path) {
  const files = readdirSync(path, { recursive: true })
  for (const wanted of ['LICENSE', 'README.md']) {
    if (!files.includes(wanted)) throw new Error(`${name}: the tarball has no ${wanted}`)
  }
  const stray = files.find(
    (file) => /\.test(-d)?\.|\.tsbuildinfo$|fixtures/.test(file) && !file.includes('node_modules'),
  )
  if (stray) throw new Error(`${name}: the tarball carries ${stray}`)
}
