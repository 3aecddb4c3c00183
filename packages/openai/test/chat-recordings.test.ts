import { chatProtocol } from '@turnout/openai-compatible'
import { replayRecordings } from '../../openai-compatible/test/replay-recordings.js'
import { modelRules } from '../src/models.js'
import { openaiChatDialect } from '../src/openai-chat-dialect.js'

replayRecordings(chatProtocol(openaiChatDialect(modelRules)), ['openai-chat'])
