/** What a protocol says about a setting that its model does not take. */
import type { Warning } from '../contract/gateway-meta.js'
import { GatewayError } from '../errors/gateway-error.js'
import type { ProtocolContext } from './protocol.js'

type SettingContext = Pick<ProtocolContext, 'provider' | 'model' | 'unsupported' | 'warn'>

/**
 * The setting is not sent: a warning, or an error when the caller asked for `unsupported: 'error'`.
 *
 * @param why such as `o3 takes no temperature`
 * @throws GatewayError `invalid_request` with `path`
 */
export function dropSetting(context: SettingContext, path: string, why: string): void {
  report(context, 'setting_dropped', path, `${path} was not sent: ${why}`)
}

/** The setting is sent in another form or with another value. */
export function changeSetting(context: SettingContext, path: string, why: string): void {
  report(context, 'setting_changed', path, `${path} was changed: ${why}`)
}

function report(context: SettingContext, code: Warning['code'], path: string, message: string): void {
  const { provider, model, unsupported } = context
  if (unsupported === 'error') {
    throw new GatewayError({
      code: 'invalid_request',
      message: `${message}. Leave it out, choose another model, or allow it with unsupported: 'warn'.`,
      path,
      provider,
      model,
    })
  }
  context.warn({ code, path, message, provider })
}
