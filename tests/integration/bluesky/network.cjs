// A small Bluesky: directory of DIDs, AppView and account server, on free ports of the loopback address.
//
// Postgres is at DB_URL. When all three answer, their addresses go to standard output as a line of JSON. Each line on
// standard input is answered with one, once the AppView has indexed all that was written. The network ends with its input.
'use strict'
const net = require('node:net')
const readline = require('node:readline')

// The servers listen on every address unless told otherwise, and offer no way to tell them.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...more) {
  const places = typeof port === 'object' ? [{ ...port, host: '127.0.0.1' }] : [{ port, host: '127.0.0.1' }]
  return listen.call(this, ...places, ...more.filter((each) => typeof each === 'function'))
}

const { TestBsky, TestPds, TestPlc, mockNetworkUtilities } = require('@atproto/dev-env')

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)

async function freePort() {
  const server = net.createServer()
  await new Promise((ready) => server.listen(0, ready))
  const { port } = server.address()
  await new Promise((closed) => server.close(closed))
  return port
}

async function open() {
  const plc = await TestPlc.create({})
  const pdsPort = await freePort()
  const appview = await TestBsky.create({
    plcUrl: plc.url,
    pdsPort,
    repoProvider: `ws://localhost:${pdsPort}`,
    dbPostgresUrl: process.env.DB_URL,
    dbPostgresSchema: 'appview',
  })
  const { serverDid } = appview.ctx.cfg
  const home = { port: pdsPort, hostname: 'localhost', didPlcUrl: plc.url }
  const pds = await TestPds.create({ ...home, bskyAppViewUrl: appview.url, bskyAppViewDid: serverDid })
  mockNetworkUtilities(pds, appview)
  return { plc, appview, pds }
}

async function settle({ pds, appview }) {
  await pds.processAll()
  await appview.sub.processAll()
}

async function main() {
  const network = await open()
  const { plc, appview, pds } = network
  say({ directory: plc.url, appview: appview.url, home: pds.url })
  for await (const _ of readline.createInterface({ input: process.stdin })) {
    await settle(network)
    say('settled')
  }
  process.exit(0)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
