// The tests' hand inside a sandbox. A test process has many threads and must stay outside, so it starts this program:
//
//   sandbox-probe controller [MARKER]   enters a sandbox, then obeys commands on stdin, one reply line each
//   sandbox-probe node                  runs on a node: UDP counter, TCP echo, commands over TCP
//   sandbox-probe cuts [ROUNDS] [LOAD]  measures how soon cuts are in force, while LOAD programs compute
//   sandbox-probe tick ADDRESS…         runs on a node for `cuts`: sends the time all the time
//   sandbox-probe burn                  computes
//   sandbox-probe terminal PTS ARG…     becomes the leader of a session on that terminal, then `sandbox-probe ARG…`
//   sandbox-probe sleep                 waits for a signal
//   sandbox-probe stubborn              the same, deaf to SIGTERM
//   sandbox-probe brittle               the same, crashes on SIGTERM

import Clusters
import Glibc

DiskServer.runIfAsked()

switch CommandLine.arguments.dropFirst().first {
case "controller":
  do {
    switch try Sandbox.enter() {
    case .ended(let code, let message):
      if let message { complain("sandbox-probe: \(message)") }
      exit(code)
    case .inside: await Controller().obey()
    }
  } catch {
    complain("sandbox-probe: \(error)")
    exit(75)
  }
case "cuts":
  switch try Sandbox.enter() {
  case .ended(let code, _): exit(code)
  case .inside: try await CutsBench.run(Array(CommandLine.arguments.dropFirst(2)))
  }
case "tick": Ticker.run(Array(CommandLine.arguments.dropFirst(2)))
case "burn": burn()
case "node": runNode()
case "terminal": runOnTerminal()
case "sleep": while true { pause() }
case "stubborn":
  signal(SIGTERM, SIG_IGN)
  complain("stubborn is up")
  while true { pause() }
case "brittle":
  signal(SIGTERM) { _ in abort() }
  complain("brittle is up")
  while true { pause() }
default:
  complain("usage: sandbox-probe controller|node|cuts|tick|burn|terminal|sleep|stubborn|brittle …")
  exit(64)
}

/// Opening a terminal as the leader of a session without one makes it the session's, with us in the foreground.
private func runOnTerminal() -> Never {
  setsid()
  let terminal = open(CommandLine.arguments[2], O_RDWR)
  guard terminal >= 0 else { exit(1) }
  for descriptor in Int32(0)...2 { dup2(terminal, descriptor) }
  if terminal > 2 { close(terminal) }
  var arguments: [UnsafeMutablePointer<CChar>?] = (["sandbox-probe"] + CommandLine.arguments.dropFirst(3)).map {
    (text: String) in strdup(text)
  }
  arguments.append(nil)
  execv("/proc/self/exe", arguments)
  exit(1)
}
