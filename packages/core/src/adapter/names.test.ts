import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toolNameMapper } from './names.js'

const word = { maxLength: 64, allowed: /[A-Za-z0-9_-]/ }
const strict = { maxLength: 20, first: /[A-Za-z_]/, allowed: /[A-Za-z0-9_.:-]/ }

describe('toolNameMapper', () => {
  it('leaves names alone that fit', () => {
    const mapper = toolNameMapper(['get_weather', 'a-b'], word)
    expect(mapper.toWire('get_weather')).toBe('get_weather')
    expect(mapper.fromWire('a-b')).toBe('a-b')
  })

  it('mends the rest and finds the way back', () => {
    const mapper = toolNameMapper(['files.read', 'wetter für morgen'], word)
    expect(mapper.toWire('files.read')).toBe('files_read')
    expect(mapper.fromWire('files_read')).toBe('files.read')
    expect(mapper.fromWire(mapper.toWire('wetter für morgen'))).toBe('wetter für morgen')
  })

  it('does not take the name of a tool that fits, whatever the order', () => {
    const mapper = toolNameMapper(['a.b', 'a_b', 'a:b'], word)
    expect(mapper.toWire('a_b')).toBe('a_b')
    expect(new Set(['a.b', 'a_b', 'a:b'].map((name) => mapper.toWire(name))).size).toBe(3)
  })

  it('maps names of earlier turns that are no longer among the tools', () => {
    const mapper = toolNameMapper([], word)
    expect(mapper.toWire('old tool')).toBe('old_tool')
    expect(mapper.fromWire('old_tool')).toBe('old tool')
    expect(mapper.fromWire('never seen')).toBe('never seen')
  })

  it('begins as the provider wants', () => {
    expect(toolNameMapper(['1st'], strict).toWire('1st')).toBe('_1st')
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('has no trouble with %s', (name) => {
    const mapper = toolNameMapper([name], word)
    expect(mapper.fromWire(mapper.toWire(name))).toBe(name)
    expect(toolNameMapper([], word).fromWire(name)).toBe(name)
  })

  it('is one to one and within the rule', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ maxLength: 60 })),
        fc.constantFrom(word, strict),
        (names, rule) => {
          const mapper = toolNameMapper(names, rule)
          const wires = names.map((name) => mapper.toWire(name))
          expect(new Set(wires).size).toBe(names.length)
          for (const [i, wire] of wires.entries()) {
            expect(wire.length).toBeGreaterThan(0)
            expect(wire.length).toBeLessThanOrEqual(rule.maxLength)
            expect(wire.split('').every((character) => rule.allowed.test(character))).toBe(true)
            expect(mapper.fromWire(wire)).toBe(names[i])
          }
        },
      ),
    )
  })
})
