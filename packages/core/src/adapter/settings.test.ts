import { describe, expect, it } from 'vitest'
import type { Warning } from '../contract/gateway-meta.js'
import { changeSetting, dropSetting } from './settings.js'

function context(unsupported: 'warn' | 'error') {
  const warnings: Warning[] = []
  return {
    warnings,
    provider: 'acme',
    model: 'm-1',
    unsupported,
    warn: (warning: Warning) => warnings.push(warning),
  }
}

describe('settings that a model does not take', () => {
  it('are reported', () => {
    const given = context('warn')
    dropSetting(given, 'temperature', 'm-1 takes none')
    changeSetting(given, 'reasoning_effort', '"max" became "high"')
    expect(given.warnings).toEqual([
      {
        code: 'setting_dropped',
        path: 'temperature',
        provider: 'acme',
        message: 'temperature was not sent: m-1 takes none',
      },
      {
        code: 'setting_changed',
        path: 'reasoning_effort',
        provider: 'acme',
        message: 'reasoning_effort was changed: "max" became "high"',
      },
    ])
  })

  it.each([dropSetting, changeSetting])('are refused on demand', (report) => {
    const given = context('error')
    expect(() => report(given, 'top_k', 'm-1 takes none')).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'top_k', provider: 'acme', model: 'm-1' }),
    )
    expect(given.warnings).toEqual([])
  })
})
