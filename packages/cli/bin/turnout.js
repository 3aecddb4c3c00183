#!/usr/bin/env node
// Checked in, so that an install can link the command before there is a build.
await import('../dist/bin.js')
