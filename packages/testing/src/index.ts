/** Test doubles for Turnout. Nothing here imports a test runner. */
export { seededRandom } from './seeded-random.js'
export type { SeededRandom } from './seeded-random.js'
export type {
  ErrorFixture,
  ExpectedAnswer,
  ExpectedError,
  ExpectedUsage,
  Fixture,
  ResponseFixture,
  StreamFixture,
} from './conformance/fixture.js'
