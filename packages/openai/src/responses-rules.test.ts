import { describe, expect, it } from 'vitest'
import { modelRules } from './models.js'
import { responsesRules } from './responses-rules.js'

const of = (model: string) => responsesRules(modelRules(model))

describe('responsesRules', () => {
  it('carries over what both APIs share', () => {
    expect(of('gpt-5.6')).toMatchObject({
      reasoning: { default: 'medium' },
      verbosity: true,
      parallelToolCalls: true,
      images: true,
      cacheBreakpoints: true,
      systemRole: 'developer',
      samplingWhileReasoning: false,
      userField: 'safety_identifier',
    })
    expect(of('gpt-4o')).toMatchObject({
      reasoning: false,
      verbosity: false,
      cacheBreakpoints: false,
      systemRole: 'system',
    })
    expect(of('o3-mini')).toMatchObject({ images: false, files: false, parallelToolCalls: false })
  })

  it('holds nothing back from an unknown model', () => {
    expect(of('my-deployment')).toMatchObject({
      reasoning: { default: 'none' },
      samplingWhileReasoning: true,
      verbosity: true,
      parallelToolCalls: true,
      images: true,
      files: true,
    })
  })
})
