import { chatProtocol, GENERIC_DIALECT } from '../src/index.js'
import { checkFixtures } from './check-fixtures.js'
import { fixtures } from './fixtures.js'

checkFixtures(chatProtocol(GENERIC_DIALECT), fixtures)
