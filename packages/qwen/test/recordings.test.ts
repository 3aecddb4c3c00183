import { chatProtocol } from '@turnout/openai-compatible'
import { replayRecordings } from '../../openai-compatible/test/replay-recordings.js'
import { qwenDialect } from '../src/qwen-dialect.js'
import { modelRules } from '../src/models.js'

replayRecordings(chatProtocol(qwenDialect(modelRules)), ['qwen'])
