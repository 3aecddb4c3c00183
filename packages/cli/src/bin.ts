import { runTurnout } from './run-turnout.js'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

process.exitCode = await runTurnout(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  env: process.env,
  onStop(callback) {
    for (const signal of SIGNALS) process.on(signal, callback)
    return () => {
      for (const signal of SIGNALS) process.off(signal, callback)
    }
  },
})
