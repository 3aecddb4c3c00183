import { chatProtocol } from '@turnout/openai-compatible'
import { replayRecordings } from '../../openai-compatible/test/replay-recordings.js'
import { modelRules } from '../src/models.js'
import { xaiChatDialect } from '../src/xai-chat-dialect.js'

replayRecordings(chatProtocol(xaiChatDialect(modelRules)), ['xai'])
