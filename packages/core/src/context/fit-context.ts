import type { ChatRequest } from '../contract/chat-request.js'
import type { Target } from '../contract/target.js'

/** Makes the conversation fit the target's window. Without a policy it is sent as it is: the provider judges. */
export function fitContext(request: ChatRequest, _target: Target): ChatRequest {
  return request
}
