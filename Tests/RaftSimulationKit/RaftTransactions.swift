import RaftKV
import SimulationKit

// Transactions of the simulated clients: on lists, on registers, and between accounts. Each with an effect carries at
// least one value that nobody else writes, so that the log tells whose it is.
extension RaftSimulation {
  func randomTransaction(_ client: Int, id: UInt64) -> Transaction {
    switch Int.random(in: 0..<4, using: &cluster.random) {
    case 0, 1: Transaction(randomSteps("l", id) { .append(key: $0, element: $1) })
    case 2: Transaction(randomSteps("w", id) { .write(key: $0, value: $1) })
    default: Transaction(randomBanking(client, id: id))
    }
  }

  /// A value of one step of one operation.
  private func value(_ id: UInt64, step: Int) -> Bytes { Bytes("\(id).\(step)".utf8) }

  /// One to four steps, half of them reads.
  private func randomSteps(
    _ kind: String, _ id: UInt64, _ effect: (_ key: Bytes, _ value: Bytes) -> MicroOperation
  ) -> [MicroOperation] {
    (0..<Int.random(in: 1...4, using: &cluster.random)).map { step in
      let key = Bytes("\(kind)\(Int.random(in: 0..<cluster.options.keys, using: &cluster.random))".utf8)
      return cluster.random.chance(percent: 50) ? .read(key: key) : effect(key, value(id, step: step))
    }
  }

  /// A look at all accounts, a deposit, or a transfer. Some transfers look last whether the money is there: those that it
  /// is not have an effect to undo. Effects are noted in the client's journal.
  private func randomBanking(_ client: Int, id: UInt64) -> [MicroOperation] {
    let accounts = (0..<cluster.options.keys).map { Bytes("a\($0)".utf8) }
    let note = MicroOperation.append(key: Bytes("j\(client)".utf8), element: value(id, step: 0))
    let from = Int.random(in: accounts.indices, using: &cluster.random)
    let to = (from + 1) % accounts.count
    let amount = Int64.random(in: 1...10, using: &cluster.random)
    let guarding = MicroOperation.atLeast(key: accounts[from], amount: amount)
    let taking = MicroOperation.add(key: accounts[from], amount: -amount)
    let giving = MicroOperation.add(key: accounts[to], amount: amount)
    switch Int.random(in: 0..<4, using: &cluster.random) {
    case 0: return accounts.map { .read(key: $0) }
    case 1: return [note, giving]
    case 2: return [guarding, taking, giving, note]
    default: return [note, giving, guarding, taking]
    }
  }
}
