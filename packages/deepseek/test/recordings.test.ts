import { chatProtocol } from '@turnout/openai-compatible'
import { replayRecordings } from '../../openai-compatible/test/replay-recordings.js'
import { deepseekDialect } from '../src/deepseek-dialect.js'
import { modelRules } from '../src/models.js'

replayRecordings(chatProtocol(deepseekDialect(modelRules)), ['deepseek'])
