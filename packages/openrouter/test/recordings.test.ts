import { chatProtocol } from '@turnout/openai-compatible'
import { replayRecordings } from '../../openai-compatible/test/replay-recordings.js'
import { openrouterDialect } from '../src/openrouter-dialect.js'

replayRecordings(chatProtocol(openrouterDialect(undefined)), ['openrouter'])
